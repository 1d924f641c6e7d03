import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { startProcess } from "../../process/start-process.ts";

/** One program that says yes or no, such as the type checker, or a project of tests that counts. */
export interface Part {
  readonly name: string;
  readonly args: (report: string) => readonly string[];
  readonly counts: boolean;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What has to be there before it starts. */
  readonly needs?: () => Promise<void>;
}

export interface PartResult {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
  /** What it printed, for when it failed. */
  readonly output: string;
}

/** Format, lint and import rules. */
export const STYLE: Part = {
  name: "style",
  args: () => ["node_modules/@biomejs/biome/bin/biome", "ci", "--colors=off"],
  counts: false,
};

export const TYPES: Part = {
  name: "types",
  args: () => ["node_modules/typescript/bin/tsc", "--project", ".", "--pretty", "false"],
  counts: false,
};

/** The tests of one project of `vitest.config.ts`. */
export function testsOf(project: string, needs?: () => Promise<void>): Part {
  return {
    name: project,
    args: (report) => [
      "node_modules/vitest/vitest.mjs",
      "run",
      `--project=${project}`,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
    ],
    counts: true,
    ...(needs && { needs }),
  };
}

/**
 * Runs a part to its end. A part that does not count is one check that passed or failed; tests are counted by their own report,
 * and one failure is added when they ended badly without naming any, or ran none.
 */
export async function runPart(root: string, part: Part): Promise<PartResult> {
  const since = performance.now();
  const directory = join(root, ".sluice/check");
  const logFile = join(directory, `${part.name}.log`);
  const report = join(directory, `${part.name}.json`);
  await mkdir(directory, { recursive: true });
  await Promise.all([rm(logFile, { force: true }), rm(report, { force: true })]);

  const seconds = () => (performance.now() - since) / 1000;
  try {
    await part.needs?.();
  } catch (cause) {
    const output = cause instanceof Error ? cause.message : String(cause);
    return { name: part.name, passed: 0, failed: 1, skipped: 0, seconds: seconds(), output };
  }
  // The shell lets the program write its log itself: it is whole when the program has ended.
  const running = await startProcess({
    name: part.name,
    command: "/bin/sh",
    args: ["-c", 'log=$1; shift; exec "$@" >"$log" 2>&1', part.name, logFile, process.execPath, ...part.args(report)],
    env: { ...environment(), ...part.env, NO_COLOR: "1" },
    cwd: root,
    logFile: "/dev/null",
  });
  const code = await running.exited;
  const counted = part.counts ? await countTests(report) : { passed: 1, failed: 0, skipped: 0 };
  const passed = part.counts || code === 0 ? counted.passed : 0;
  const endedBadly = code !== 0 || counted.passed + counted.failed + counted.skipped === 0;
  const failed = endedBadly ? Math.max(1, counted.failed) : counted.failed;
  return {
    name: part.name,
    passed,
    failed,
    skipped: counted.skipped,
    seconds: seconds(),
    output: await printed(logFile),
  };
}

async function countTests(report: string): Promise<{ passed: number; failed: number; skipped: number }> {
  const counts: Record<string, unknown> = JSON.parse((await printed(report)) || "{}");
  const count = (name: string) => Number(counts[name] ?? 0);
  return {
    passed: count("numPassedTests"),
    failed: count("numFailedTests"),
    skipped: count("numPendingTests") + count("numTodoTests"),
  };
}

async function printed(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return "";
    throw cause;
  }
}

function environment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
