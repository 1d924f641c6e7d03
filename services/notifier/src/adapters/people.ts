import { type DirectoryReader, principalOf } from "@sluice/directory";
import type { People } from "../core/words.ts";

/** People by the directory as it is now; somebody it does not know is called by their id. */
export async function peopleOf(read: DirectoryReader): Promise<People> {
  const reading = await read();
  const find = (id: string) => reading && principalOf(reading.directory, id);
  return {
    slackUser: (id) => find(id)?.slack?.user,
    name: (id) => find(id)?.name ?? id,
  };
}
