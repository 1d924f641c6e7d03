import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cloud, startCloud } from "./cloud.ts";

/**
 * Shows what a patch does: what is observed with all patches, and what the emulator does without this one. The second keeps
 * the test honest, and tells when MiniStack does it by itself and the patch can go.
 */
export function patchTest<T>(
  patch: string,
  sentence: string,
  { observe, patched, unpatched }: { observe: (cloud: Cloud) => Promise<T>; patched: T; unpatched: T },
): void {
  describe(patch, () => {
    for (const [title, withoutPatches, expected] of [
      [sentence, [], patched],
      [`without the patch: not so`, [patch], unpatched],
    ] as const)
      describe(title, () => {
        let cloud: Cloud;
        beforeAll(async () => {
          cloud = await startCloud(withoutPatches);
        });
        afterAll(() => cloud?.stop());

        test("as observed", async () => expect(await observe(cloud)).toEqual(expected));
      });
  });
}
