import { PrincipalId, type SlackIdentity } from "@sluice/events";
import * as z from "zod";

const GroupName = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/);
const Names = z.union([z.literal("*"), z.array(z.string().max(40)).min(1)]);

const Group = z.strictObject({
  members: z.array(PrincipalId),
  slackUserGroup: z
    .string()
    .regex(/^S[A-Z0-9]{2,30}$/)
    .optional()
    .describe("The Slack user group that is called when this group has to decide; else its members are, by name"),
});

const Right = z.strictObject({ groups: z.array(GroupName).min(1), blueprints: Names, environments: Names });

/**
 * Who people and systems are, what groups they are in, and what a group may ask for and see.
 * One JSON object in a versioned bucket, written by the platform team's pipeline and by no function.
 */
export const Directory = z.strictObject({
  principals: z.array(
    z.strictObject({
      id: PrincipalId,
      name: z.string().min(1).max(80),
      active: z.boolean(),
      slack: z.strictObject({ team: z.string().min(1).max(20), user: z.string().min(1).max(20) }).optional(),
      system: z
        .strictObject({ account: z.string().regex(/^\d{12}$/), source: z.string().regex(/^partner\.[a-z0-9-]{1,40}$/) })
        .optional(),
    }),
  ),
  groups: z.record(GroupName, Group),
  operators: GroupName,
  ask: z.array(Right),
  see: z.array(Right),
});
export type Directory = z.infer<typeof Directory>;
export type Principal = Directory["principals"][number];

/** The active person of a Slack identity. Nobody when there is none, or more than one: an ambiguous identity is no identity. */
export function personOf(directory: Directory, { team, user }: SlackIdentity): Principal | undefined {
  return only(
    directory.principals.filter((each) => each.active && each.slack?.team === team && each.slack.user === user),
  );
}

/** The active system that may send from this account with this source. */
export function systemOf(directory: Directory, account: string, source: string): Principal | undefined {
  return only(
    directory.principals.filter(
      (each) => each.active && each.system?.account === account && each.system.source === source,
    ),
  );
}

/** An active principal by its id. */
export function principalOf(directory: Directory, id: string): Principal | undefined {
  return only(directory.principals.filter((each) => each.active && each.id === id));
}

/** Whether a principal is a person and not another system: its id says so. */
export function isPerson(id: PrincipalId): boolean {
  return id.startsWith("person_");
}

/** The active members of these groups; an unknown group has none. */
export function membersOf(directory: Directory, groups: readonly string[]): ReadonlySet<PrincipalId> {
  const members = groups.flatMap((name) => groupOf(directory, name)?.members ?? []);
  return new Set(members.filter((id) => principalOf(directory, id) !== undefined));
}

/** A group by its name, whatever that name is. */
export function groupOf({ groups }: Directory, name: string): z.infer<typeof Group> | undefined {
  return Object.hasOwn(groups, name) ? groups[name] : undefined;
}

export function isOperator(directory: Directory, id: PrincipalId): boolean {
  return membersOf(directory, [directory.operators]).has(id);
}

/** Whether a principal may ask for this blueprint in this environment. */
export function mayAsk(directory: Directory, id: PrincipalId, blueprint: string, environment: string): boolean {
  return hasRight(directory, directory.ask, id, blueprint, environment);
}

/** Whether a principal may see plans, evidence and logs of this blueprint's requests in this environment. Who may ask may see. */
export function maySee(directory: Directory, id: PrincipalId, blueprint: string, environment: string): boolean {
  return (
    hasRight(directory, directory.see, id, blueprint, environment) || mayAsk(directory, id, blueprint, environment)
  );
}

function hasRight(
  directory: Directory,
  rights: Directory["ask"],
  id: PrincipalId,
  blueprint: string,
  environment: string,
): boolean {
  if (!principalOf(directory, id)) return false;
  const covers = (names: "*" | readonly string[], name: string) => names === "*" || names.includes(name);
  return rights.some(
    (right) =>
      covers(right.blueprints, blueprint) &&
      covers(right.environments, environment) &&
      membersOf(directory, right.groups).has(id),
  );
}

function only<T>(found: readonly T[]): T | undefined {
  return found.length === 1 ? found[0] : undefined;
}
