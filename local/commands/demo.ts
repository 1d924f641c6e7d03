/** `npm run demo`: sets up what it needs, plays the story on a cloud of its own, and ends with `N passed, N failed`. */
import { join } from "node:path";
import { playDemo } from "../../test/story/demo.ts";
import { setUpHosts } from "../setup/hosts/set-up-hosts.ts";
import { setUp } from "../setup/set-up.ts";

const root = join(import.meta.dirname, "../..");
// Every part ends with this process, however it ends.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));

const tools = await setUp(root, ["python", "terraform", "sst"]);
const colour = process.stdout.isTTY === true && !process.env.NO_COLOR;
const hosts = await setUpHosts(root);
const failed = await playDemo({ root, tools, hosts, name: "demo" }, (text) => process.stdout.write(text), colour);
process.exit(failed === 0 ? 0 : 1);
