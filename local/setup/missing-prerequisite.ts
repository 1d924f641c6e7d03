/** Something that only the person at this machine can bring. The message names it and how to get it. */
export class MissingPrerequisite extends Error {
  override name = "MissingPrerequisite";
}
