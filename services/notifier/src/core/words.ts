import type { PlanOutput, PrincipalId } from "@sluice/events";
import { escapeMrkdwn, mention } from "@sluice/slack";

/** How people are addressed: by mention where Slack knows them, else by name. Read fresh for each message. */
export type People = Readonly<{
  slackUser(id: PrincipalId | string): string | undefined;
  name(id: PrincipalId | string): string;
}>;

/** A person who is named without being called: mentions notify, and only two things may (voice: "must act, or their request has ended"). */
export function called(people: People, id: string): string {
  const user = people.slackUser(id);
  return user ? mention(user) : `*${escapeMrkdwn(people.name(id))}*`;
}

/** Several people, as a sentence lists them. */
export function listed(people: People, ids: readonly string[], joiner = "and"): string {
  const names = ids.slice(0, 5).map((id) => called(people, id));
  if (names.length < 2) return names[0] ?? "nobody";
  return `${names.slice(0, -1).join(", ")} ${joiner} ${names.at(-1)}`;
}

export const glyphs = {
  done: "✓",
  running: "◐",
  waiting: "◐",
  to_come: "○",
  failed: "✗",
  skipped: "–",
} as const;

/** `+ 3 to add   ~ 0 to change   − 0 to destroy`; what takes something away comes first when there is any. */
export function countsInWords({ counts, empty }: PlanOutput): string {
  if (empty) return "no changes to infrastructure";
  const away = [
    ...(counts.destroy ? [`− ${counts.destroy} to destroy`] : []),
    ...(counts.replace ? [`± ${counts.replace} to replace`] : []),
    ...(counts.forget ? [`− ${counts.forget} to forget`] : []),
  ];
  const rest = [
    `+ ${counts.add} to add`,
    `~ ${counts.change} to change`,
    ...(counts.import ? [`${counts.import} to import`] : []),
    ...(counts.destroy ? [] : ["− 0 to destroy"]),
  ];
  return [...away, ...rest].join("   ");
}

export const shortDigest = (digest: string) => digest.slice(0, 8);

const titles: Readonly<Record<string, string>> = {
  plan: "Plan",
  approval: "Approval",
  apply: "Apply",
  configuration: "Configure",
  scan: "Check",
};

/** What a step is called to people. */
export const stepTitle = (kind: string, name: string) => titles[kind] ?? name;
