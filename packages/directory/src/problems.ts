import { Directory, membersOf } from "./directory.ts";

/**
 * What is wrong with a directory before it is put into the bucket, a sentence each; nothing when it says what it means. What is no directory at all is refused
 * by Sluice whole, and then nobody is anybody; the rest would take effect, and leave out people without a word.
 *
 * @param approvers groups that approval policies name
 */
export function directoryProblems(text: string, approvers: readonly string[]): readonly string[] {
  const parsed = jsonOf(text);
  if ("problem" in parsed) return [parsed.problem];
  const read = Directory.safeParse(parsed.value);
  if (!read.success) return read.error.issues.map(({ path, message }) => `${path.join(".") || "the file"}: ${message}`);

  const directory = read.data;
  const active = directory.principals.filter((each) => each.active);
  const known = new Set<string>(directory.principals.map(({ id }) => id));
  const rights = [...directory.ask, ...directory.see].flatMap(({ groups }) => groups);
  return [
    ...repeated(active.map(({ id }) => id)).map((id) => `${id} is there more than once: then it is nobody.`),
    ...repeated(active.flatMap(({ slack }) => (slack ? [`${slack.team}/${slack.user}`] : []))).map(
      (who) => `The Slack identity ${who} has more than one active principal: then it is nobody.`,
    ),
    ...repeated(active.flatMap(({ system }) => (system ? [`${system.source} of ${system.account}`] : []))).map(
      (who) => `The system ${who} has more than one active principal: then it is nobody.`,
    ),
    ...Object.entries(directory.groups).flatMap(([group, { members }]) =>
      members.filter((id) => !known.has(id)).map((id) => `Group ${group} names ${id}, whom nobody knows.`),
    ),
    ...[...new Set(rights)]
      .filter((group) => !Object.hasOwn(directory.groups, group))
      .map((group) => `A right is given to group ${group}, which is not there.`),
    ...(membersOf(directory, [directory.operators]).size === 0
      ? [`Group ${directory.operators} has no active member: nobody could unlock a workspace.`]
      : []),
    ...approvers
      .filter((group) => membersOf(directory, [group]).size === 0)
      .map((group) => `Group ${group} has no active member: nobody could approve.`),
  ];
}

function jsonOf(text: string): { value: unknown } | { problem: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (cause) {
    return { problem: `It is not JSON: ${cause instanceof Error ? cause.message : String(cause)}` };
  }
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
