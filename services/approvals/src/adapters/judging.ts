import { type DirectoryReader, membersOf, personOf } from "@sluice/directory";
import type { Judging } from "../core/ports.ts";

/** Nobody may decide by a directory that cannot be read: an empty set of approvers, and no person. */
export function judging(read: DirectoryReader): Judging {
  return {
    async judges(groups, who) {
      const reading = await read();
      if (!reading) return { approvers: new Set(), version: "none" };
      const { directory, version } = reading;
      return { by: who && personOf(directory, who)?.id, approvers: membersOf(directory, groups), version };
    },
  };
}
