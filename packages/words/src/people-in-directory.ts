import { type Directory, groupOf, membersOf, principalOf } from "@sluice/directory";
import type { People } from "./people.ts";

/** People as a directory has them; who is not in it, or when there is none, is called by their id. */
export function peopleIn(directory: Directory | undefined): People {
  const find = (id: string) => directory && principalOf(directory, id);
  return {
    slackUser: (id) => find(id)?.slack?.user,
    name: (id) => find(id)?.name ?? id,
    userGroup: (group) => directory && groupOf(directory, group)?.slackUserGroup,
    members: (group) => (directory ? [...membersOf(directory, [group])] : []),
  };
}
