/** `npm run bench:story`: plays the story once, measures it and the cloud, and ends with 1 when a bound is missed. */
import { join } from "node:path";
import { benchStory } from "../../bench/story.ts";
import { setUpHosts } from "../setup/hosts/set-up-hosts.ts";
import { setUp } from "../setup/set-up.ts";

const root = join(import.meta.dirname, "../..");
// Every part ends with this process, however it ends.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));

const tools = await setUp(root, ["python", "terraform", "sst"]);
const hosts = await setUpHosts(root);
const missed = await benchStory({
  root,
  tools,
  hosts,
  out: join(root, ".sluice/bench/story.json"),
  print: console.log,
});
process.exit(missed === 0 ? 0 : 1);
