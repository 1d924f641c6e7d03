import type { PlanOutput } from "@sluice/events";
import { awayInWords, code, escapeMrkdwn, inWords, mention, restInWords } from "@sluice/slack";

/** How people are addressed: by mention where Slack knows them, else by name. Read fresh for each message. */
export type People = Readonly<{
  slackUser(id: string): string | undefined;
  name(id: string): string;
}>;

/** A person, named without being called: a mention notifies, and only two things may (voice: "must act, or their request has ended"). */
export function named(people: People, id: string): string {
  return inWords(people.name(id), 60);
}

/** Calls a person: they must act, their request has ended, or the answer is private, where a mention calls nobody. */
export function called(people: People, id: string): string {
  const user = people.slackUser(id);
  return user ? mention(user) : `*${named(people, id)}*`;
}

/** Several people, as a sentence lists them; at most five, and how many more there are. */
export function listed(names: readonly string[], joiner = "and"): string {
  const shown = names.length > 5 ? [...names.slice(0, 4), `${names.length - 4} others`] : names;
  if (shown.length < 2) return shown[0] ?? "nobody";
  return `${shown.slice(0, -1).join(", ")} ${joiner} ${shown.at(-1)}`;
}

/** The groups that may decide, as people know them. */
export function groupsInWords(groups: readonly string[]): string {
  return groups.length > 0
    ? listed(
        groups.map((group) => `@${escapeMrkdwn(group)}`),
        "or",
      )
    : "nobody";
}

/** A title of ours and one name behind it: `Virtual machine web-7`. Anything else is shown as one piece of data. */
const TITLE_AND_NAME = /^([\p{L}][\p{L}\p{N} -]{0,50}) (\S+)$/u;

/** What a request is about, with the name in code style: Virtual machine `web-7`. */
export function subjectInWords(subject: string, begins: "sentence" | "inside" = "sentence"): string {
  const [, title, name] = TITLE_AND_NAME.exec(subject) ?? [];
  if (!title || !name) return code(subject, 120);
  const first = begins === "inside" ? title.charAt(0).toLowerCase() : title.charAt(0);
  return `${first}${title.slice(1)} ${code(name, 70)}`;
}

export const glyphs = {
  done: "✓",
  running: "◐",
  waiting: "◐",
  to_come: "○",
  failed: "✗",
  skipped: "–",
} as const;

/** `+ 3 to add   ~ 0 to change   − 0 to destroy   2 outputs to change`; what takes something away comes first when there is any. */
export function countsInWords({ summary: { counts, empty } }: PlanOutput): string {
  return empty ? "no changes to infrastructure" : [...awayInWords(counts), ...restInWords(counts)].join("   ");
}

/** `1 output`, `2 outputs` */
export function numbered(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** `3 added, 1 destroyed`: what an apply did, without what it did not do. */
export function doneInWords(resources: { added: number; changed: number; destroyed: number }): string {
  const { added, changed, destroyed } = resources;
  const did = [
    ...(destroyed ? [`${destroyed} destroyed`] : []),
    ...(added ? [`${added} added`] : []),
    ...(changed ? [`${changed} changed`] : []),
  ];
  return did.join(", ") || "nothing had to be changed";
}

/** `all 5 checks passed, 2 skipped: This installation has no hosts.` */
export function checksInWords(scan: { passed: number; skipped: number; skippedBecause?: string | undefined }): string {
  const { passed, skipped, skippedBecause } = scan;
  const passedInWords = passed === 1 ? "the 1 check passed" : `all ${passed} checks passed`;
  if (!skipped) return passedInWords;
  return `${passedInWords}, ${skipped} skipped${skippedBecause ? `: ${inWords(skippedBecause, 200)}` : ""}`;
}

export const shortDigest = (digest: string) => digest.slice(0, 8);
