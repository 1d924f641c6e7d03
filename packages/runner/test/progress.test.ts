import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { words } from "../src/masking/words.ts";
import { progress } from "../src/progress.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function told() {
  const sent: object[] = [];
  const { say, end } = progress(
    async (message) => {
      sent.push(message);
    },
    () => Date.now(),
  );
  return { sent, say, end };
}

it("says the first thing at once and the newest one a second later", () => {
  const { sent, say } = told();

  say({ doing: words`one` });
  say({ doing: words`two` });
  say({ doing: words`three`, seconds: 20 });
  expect(sent).toEqual([{ sequence: 1, doing: words`one` }]);
  vi.advanceTimersByTime(1_000);

  expect(sent).toEqual([
    { sequence: 1, doing: words`one` },
    { sequence: 2, doing: words`three`, seconds: 20 },
  ]);
});

it("says nothing after the end", () => {
  const { sent, say, end } = told();

  say({ doing: words`one` });
  say({ doing: words`two` });
  end();
  vi.advanceTimersByTime(5_000);

  expect(sent).toHaveLength(1);
});

it("goes on when a message is lost", async () => {
  let calls = 0;
  const { say } = progress(
    async () => {
      calls += 1;
      throw new Error("no queue");
    },
    () => Date.now(),
  );

  say({ doing: words`one` });
  await vi.advanceTimersByTimeAsync(1_000);
  say({ doing: words`two` });
  await vi.advanceTimersByTimeAsync(0);

  expect(calls).toBe(2);
});
