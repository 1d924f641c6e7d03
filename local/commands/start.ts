/** `npm start`: the local cloud with Sluice on it, left running until Ctrl-C. The desk's address is printed first. */
import { join } from "node:path";
import { startSluice } from "../../test/story/local-cloud.ts";
import { setUpHosts } from "../setup/hosts/set-up-hosts.ts";
import { setUp } from "../setup/set-up.ts";

const root = join(import.meta.dirname, "../..");
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(0));

const tools = await setUp(root, ["python", "terraform", "sst"]);
const hosts = await setUpHosts(root);
const cloud = await startSluice({ root, name: "start", tools, hosts, prepared: ["staging", "sandbox"] });
console.log(`Desk: ${cloud.slack.deskUrl}`);
console.log("Choose who you are, open #staging, and type: /sluice");
console.log(`  Ada and Bob may ask. Carol and Dan approve. Eve is nobody.`);
await cloud.targetsAreReady;
console.log("Both target accounts have their roles and networks: virtual machines can be planned now.");
console.log("Ctrl-C ends everything.");
