import type { ApplyOutput, PlanOutput, ScanOutput } from "@sluice/events";
import { inWords } from "@sluice/slack";

type Counts = PlanOutput["summary"]["counts"];

/** What a plan takes away, in bold: `*− 1 to destroy*`. Nothing where nothing goes. Terraform counts a replacement among both others; people read each thing once. */
export function awayInWords({ destroy, replace, forget }: Counts): string[] {
  return [
    ...(destroy > replace ? [`*− ${destroy - replace} to destroy*`] : []),
    ...(replace ? [`*± ${replace} to replace*`] : []),
    ...(forget ? [`*− ${forget} to forget*`] : []),
  ];
}

/** The rest of what a plan comes to: `+ 3 to add`, `~ 0 to change`, `2 outputs to change`. That nothing is destroyed is said too. */
export function restInWords({ add, change, destroy, replace, move, read, output, import: imported }: Counts): string[] {
  return [
    `+ ${Math.max(0, add - replace)} to add`,
    `~ ${change} to change`,
    ...(destroy ? [] : ["− 0 to destroy"]),
    ...(imported ? [`${imported} to import`] : []),
    ...(move ? [`${move} to move`] : []),
    ...(read ? [`${read} to read`] : []),
    ...(output ? [output === 1 ? "1 output to change" : `${output} outputs to change`] : []),
  ];
}

/** `+ 3 to add   ~ 0 to change   − 0 to destroy   2 outputs to change`; what takes something away comes first when there is any. */
export function countsInWords({ summary: { counts, empty } }: PlanOutput): string {
  return empty ? "no changes to infrastructure" : [...awayInWords(counts), ...restInWords(counts)].join("   ");
}

/** `1 output`, `2 outputs` */
export function numbered(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** `3 added, 1 destroyed`: what an apply did, without what it did not do. */
export function doneInWords({ added, changed, destroyed }: ApplyOutput["resources"]): string {
  const did = [
    ...(destroyed ? [`${destroyed} destroyed`] : []),
    ...(added ? [`${added} added`] : []),
    ...(changed ? [`${changed} changed`] : []),
  ];
  return did.join(", ") || "nothing had to be changed";
}

/** `all 5 checks passed, 2 skipped: This installation has no hosts.` */
export function checksInWords({ passed, skipped, skippedBecause }: ScanOutput): string {
  const passedInWords = passed === 1 ? "the 1 check passed" : `all ${passed} checks passed`;
  if (!skipped) return passedInWords;
  return `${passedInWords}, ${skipped} skipped${skippedBecause ? `: ${inWords(skippedBecause, 200)}` : ""}`;
}

/** As much of a digest as people compare. */
export const shortDigest = (digest: string) => digest.slice(0, 8);
