import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { ensureTools, type Tools } from "../../local/setup/tools.ts";
import { synthesize } from "../../local/synth/synth.ts";
import { STAGE } from "../story/stage.ts";
import { ROOT } from "./root.ts";

declare module "vitest" {
  interface ProvidedContext {
    flow: { tools: Tools; synthFile: string };
  }
}

/** Once for all files of the project: the tools, and one synth of the stacks, which every cloud deploys. */
export default async function setUpFlow(project: TestProject): Promise<() => Promise<void>> {
  const tools = await ensureTools({ root: ROOT, want: ["python", "terraform", "sst"] });
  // Inside the root, since bundles are named relative to it; a folder of its own, since several may run at once.
  const directory = await mkdtemp(join(ROOT, ".sluice/flow-"));
  const synthFile = join(directory, "synth.json");
  await synthesize({ root: ROOT, stage: STAGE, out: synthFile });
  project.provide("flow", { tools, synthFile });
  return () => rm(directory, { recursive: true, force: true });
}
