import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { runSchedules } from "../schedules.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const schedule = { rule: "r", ruleArn: "arn:r", functionArn: "arn:f", everyMs: 60_000 };

function slowFunction() {
  const runs: { end(): void; fail(cause: Error): void }[] = [];
  const invoke = () =>
    new Promise<string>((resolve, reject) => runs.push({ end: () => resolve("null"), fail: reject }));
  return { runs, ...runSchedules([schedule], { region: "r", account: "a", nowMs: () => 0, invoke }) };
}

it("runs each minute, and leaves a minute out while the last run goes on", async () => {
  const { runs } = slowFunction();

  await vi.advanceTimersByTimeAsync(180_000);
  expect(runs).toHaveLength(1);

  runs[0]?.end();
  await vi.advanceTimersByTimeAsync(59_000);
  expect(runs).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(runs).toHaveLength(2);
});

it("gives those who ask during a run one more run, which starts after it", async () => {
  const { runs, tick } = slowFunction();
  const first = tick();
  const late = [tick(), tick()];

  expect(runs).toHaveLength(1);
  runs[0]?.fail(new Error("that one"));
  await expect(first).rejects.toThrow("that one");
  await vi.waitFor(() => expect(runs).toHaveLength(2));

  runs[1]?.end();
  await Promise.all(late);
  expect(runs).toHaveLength(2);
});
