import { type Directory, principalOf } from "@sluice/directory";
import type { People } from "@sluice/words";

/** People as the directory has them now; who is not in it is called by their id. */
export function peopleIn(directory: Directory | undefined): People {
  const find = (id: string) => directory && principalOf(directory, id);
  return { slackUser: (id) => find(id)?.slack?.user, name: (id) => find(id)?.name ?? id };
}
