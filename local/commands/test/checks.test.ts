import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Part, type PartResult, runPart } from "../checks/part.ts";
import { countsOf, exitCodeOf } from "../checks/summary.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sluice-checks-"));
});

afterEach(() => rm(root, { recursive: true, force: true }));

/** Tests that write this report and end with this code. */
function tests(report: object | undefined, code: number): Part {
  const write = (file: string) =>
    `require("fs").writeFileSync(${JSON.stringify(file)}, ${JSON.stringify(JSON.stringify(report))});`;
  return {
    name: "tests",
    args: (file) => ["-e", `${report ? write(file) : ""} console.log("words"); process.exit(${code})`],
    counts: true,
  };
}

test("counts tests by their own report", async () => {
  const report = { numPassedTests: 5, numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 };

  expect(await runPart(root, tests(report, 1))).toMatchObject({ passed: 5, failed: 2, skipped: 2, output: "words\n" });
});

test.each([
  ["end badly without a failed test", { numPassedTests: 5 }, 1],
  ["leave no report", undefined, 0],
  ["ran none", { numPassedTests: 0 }, 0],
])("tests that %s have failed", async (_, report, code) => {
  expect(await runPart(root, tests(report, code))).toMatchObject({ failed: 1 });
});

test("a checker is one check that passed or failed", async () => {
  const checker = (code: number): Part => ({
    name: "types",
    args: () => ["-e", `process.exit(${code})`],
    counts: false,
  });

  expect(await runPart(root, checker(0))).toMatchObject({ passed: 1, failed: 0 });
  expect(await runPart(root, checker(2))).toMatchObject({ passed: 0, failed: 1 });
});

test("a part whose needs cannot be met has failed with their words", async () => {
  const part: Part = { ...tests({ numPassedTests: 1 }, 0), needs: () => Promise.reject(new Error("no network")) };

  expect(await runPart(root, part)).toMatchObject({ passed: 0, failed: 1, output: "no network" });
});

const result = (passed: number, failed: number, skipped = 0): PartResult => ({
  name: "part",
  passed,
  failed,
  skipped,
  seconds: 1,
  output: "",
});

test("sums all parts in the closing line, and names skipped ones only when there are any", () => {
  expect(countsOf([result(3, 0), result(4, 1)])).toBe("7 passed, 1 failed");
  expect(countsOf([result(3, 0, 2)])).toBe("3 passed, 0 failed, 2 skipped");
});

test("is green only if something ran and nothing failed", () => {
  expect(exitCodeOf([result(3, 0), result(0, 0, 1)])).toBe(0);
  expect(exitCodeOf([result(3, 0), result(0, 1)])).toBe(1);
  expect(exitCodeOf([result(0, 0, 4)])).toBe(1);
  expect(exitCodeOf([])).toBe(1);
});
