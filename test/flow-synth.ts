import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureTools } from "../local/setup/tools.ts";
import { type Synth, synthesize } from "../local/synth/synth.ts";
import { PAUSES_SECONDS } from "../stacks/buildspec.ts";
import { STAGE } from "./story/stage.ts";

const root = join(import.meta.dirname, "..");

/** One that `npm test` has just made of this tree and this stage, else our own. */
const made = process.env.SYNTH;
const out = made ?? join(root, ".sluice/flow/synth.json");

/** Before all flows, once: the tools, and one synth of the stacks for all their clouds. */
export default async function setup(): Promise<void> {
  await ensureTools({ root, want: ["python", "terraform", "sst"] });
  if (made === undefined) await synthesize({ root, stage: STAGE, out });
}

/** The synth that `setup` made or was given. Its builds ask once more, at once, for what is not there: a minute is how long `stacks/test/buildspec.test.ts` says. */
export async function sharedSynth(): Promise<Synth> {
  const text = await readFile(out, "utf8");
  const hasty = text.replaceAll(`for pause in ${PAUSES_SECONDS.join(" ")};`, "for pause in 0;");
  if (hasty === text) throw new Error("No build of this synth waits for what is not there");
  return JSON.parse(hasty);
}
