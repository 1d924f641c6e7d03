import { BaseSequencer, type TestSpecification } from "vitest/node";

/** A minute to five each, longest first. Vitest goes by a file's size where it has seen none of them run, and leaves the story, twenty lines, to run alone at the end. */
const LONGEST = [
  "test/story/story.test.ts",
  "test/faults/workspaces.test.ts",
  "test/faults/operations.test.ts",
  "test/faults/crashes.test.ts",
  "test/faults/swapped.test.ts",
  "test/faults/ends.test.ts",
  "test/faults/builds.test.ts",
  "test/faults/orphans.test.ts",
  "test/faults/artifacts.test.ts",
  "test/faults/closing.test.ts",
  "test/faults/builds-killed.test.ts",
  "test/faults/decisions.test.ts",
  "test/faults/soak.test.ts",
  "test/faults/lying-builds.test.ts",
  "test/faults/silence.test.ts",
  "terraform/test/roots.test.ts",
  "local/hosts/test/hosts.test.ts",
  "local/front/test/terraform.test.ts",
];

/** Begins with the longest files, so that all workers end at about the same time. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((one, other) => placeOf(one) - placeOf(other));
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const place = LONGEST.findIndex((file) => moduleId.endsWith(`/${file}`));
  return place < 0 ? LONGEST.length : place;
}
