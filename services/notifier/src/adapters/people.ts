import type { DirectoryReader } from "@sluice/directory";
import { type People, peopleIn } from "@sluice/words";

/** How old names and mentions may be, in milliseconds. Nothing is decided by them. */
const KEPT_MS = 10_000;

/** People by the directory as it was a moment ago. A reading that fails is not kept. */
export function peopleFrom(read: DirectoryReader, now: () => number): () => Promise<People> {
  let kept: Readonly<{ at: number; people: People }> | undefined;
  return async () => {
    if (kept && Math.abs(now() - kept.at) < KEPT_MS) return kept.people;
    const reading = await read();
    const people = peopleIn(reading?.directory);
    if (reading) kept = { at: now(), people };
    return people;
  };
}
