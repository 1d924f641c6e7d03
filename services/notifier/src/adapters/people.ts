import { type DirectoryReader, principalOf } from "@sluice/directory";
import type { People } from "@sluice/words";

/** How old names and mentions may be, in milliseconds. Nothing is decided by them. */
const KEPT_MS = 10_000;

/** People by the directory as it was a moment ago; somebody it does not know is called by their id. A reading that fails is not kept. */
export function peopleFrom(read: DirectoryReader, now: () => number): () => Promise<People> {
  let kept: Readonly<{ at: number; people: People }> | undefined;
  return async () => {
    if (kept && Math.abs(now() - kept.at) < KEPT_MS) return kept.people;
    const reading = await read();
    const find = (id: string) => reading && principalOf(reading.directory, id);
    const people: People = { slackUser: (id) => find(id)?.slack?.user, name: (id) => find(id)?.name ?? id };
    if (reading) kept = { at: now(), people };
    return people;
  };
}
