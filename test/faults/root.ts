import { join } from "node:path";

/** The root of the tree. */
export const ROOT = join(import.meta.dirname, "../..");
