import { code, escapeMrkdwn, inWords, isUserId, mention, mentionGroup } from "@sluice/slack";
import { enumerated, listOf } from "@sluice/text";

/** How people are addressed: by mention where Slack knows them, else by name. Read fresh for each message. */
export type People = Readonly<{
  slackUser(id: string): string | undefined;
  name(id: string): string;
  /** A group's Slack user group, where it has one. */
  userGroup(group: string): string | undefined;
  /** Who is in a group now. */
  members(group: string): readonly string[];
}>;

/** How many are called by name where a group has no Slack user group. */
const CALLED = 10;

/** A person, named without being called: a mention notifies, and only two things may (voice: "must act, or their request has ended"). */
export function named(people: People, id: string): string {
  return inWords(people.name(id), 60);
}

/**
 * Calls a person: they must act, their request has ended, or the answer is private, where a mention calls nobody. By name where the directory has no Slack user or
 * a wrong one: one wrong entry must not keep a message from everybody.
 */
export function called(people: People, id: string): string {
  const user = people.slackUser(id);
  return user && isUserId(user) ? mention(user) : `*${named(people, id)}*`;
}

/**
 * Calls those who may decide: a group by its Slack user group, else its members by name, of them the first ten and how many more there are.
 *
 * @param approvers who may decide, of all groups; nobody else is called by name
 */
export function calledToDecide(people: People, groups: readonly string[], approvers: readonly string[]): string {
  const userGroups = groups.flatMap((group) => people.userGroup(group) ?? []);
  const reached = new Set(groups.flatMap((group) => (people.userGroup(group) ? people.members(group) : [])));
  const byName = approvers.filter((id) => !reached.has(id));
  return listOf(
    [...userGroups.map(mentionGroup), ...byName.slice(0, CALLED).map((id) => called(people, id))],
    userGroups.length + byName.length,
  );
}

/** Who did something, in a private text: a person by name, somebody unjudged by their Slack user, a service by its own name. */
export function actorInWords(people: People, actor: string): string {
  const user = /^slack:[A-Z0-9]+\/([UW][A-Z0-9]{2,30})$/.exec(actor)?.[1];
  if (user) return mention(user);
  return actor.startsWith("service:") ? inWords(actor.slice("service:".length), 60) : named(people, actor);
}

/** Several people, as a sentence lists them; at most five, and how many more there are. */
export function listed(names: readonly string[], joiner: "and" | "or" = "and"): string {
  const shown = names.length > 5 ? [...names.slice(0, 4), `${names.length - 4} others`] : names;
  return shown.length === 0 ? "nobody" : enumerated(shown, joiner);
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
