import type { PartResult } from "./part.ts";

/** A failed part prints this much of its end at most; the rest is in its log. */
const LONGEST_OUTPUT_LINES = 200;

/** What failed, with its own words, then one row per part. */
export function printParts(results: readonly PartResult[]): void {
  for (const { name, failed, output } of results) {
    if (failed === 0) continue;
    const lines = output.trimEnd().split("\n");
    console.log(`\n✗ ${name} failed. It printed:`);
    if (lines.length > LONGEST_OUTPUT_LINES) console.log(`… the whole is in .sluice/check/${name}.log`);
    console.log(lines.slice(-LONGEST_OUTPUT_LINES).join("\n"));
  }
  const width = Math.max(...results.map(({ name }) => name.length));
  console.log("");
  for (const result of results)
    console.log(
      `${result.failed === 0 ? "✓" : "✗"} ${result.name.padEnd(width)}  ${result.seconds.toFixed(1).padStart(6)} s  ${countsOf([result])}`,
    );
}

/** `N passed, N failed`, and `, N skipped` when there are any. */
export function countsOf(results: readonly PartResult[]): string {
  const sum = (of: (result: PartResult) => number) => results.reduce((total, result) => total + of(result), 0);
  const skipped = sum(({ skipped }) => skipped);
  return `${sum(({ passed }) => passed)} passed, ${sum(({ failed }) => failed)} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** 0 only if something ran and nothing failed. */
export function exitCodeOf(results: readonly PartResult[]): number {
  const good = results.length > 0 && results.every(({ failed }) => failed === 0);
  return good && results.some(({ passed }) => passed > 0) ? 0 : 1;
}
