import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureTools } from "../local/setup/tools.ts";
import { type Synth, synthesize } from "../local/synth/synth.ts";
import { STAGE } from "./story/stage.ts";

const root = join(import.meta.dirname, "..");
const out = join(root, ".sluice/flow/synth.json");

/** Before all flows, once: the tools, and one synth of the stacks for all their clouds. */
export default async function setup(): Promise<void> {
  await ensureTools({ root, want: ["python", "terraform", "sst"] });
  await synthesize({ root, stage: STAGE, out });
}

/** The synth that `setup` made. */
export async function sharedSynth(): Promise<Synth> {
  return JSON.parse(await readFile(out, "utf8"));
}
