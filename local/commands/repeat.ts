/** `npm run repeat -- 20`: the virtual machine's story so many times in a row; ends with 1 when a run did not end well. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Run, repeatStory } from "../../test/story/repeat.ts";
import { setUpHosts } from "../setup/hosts/set-up-hosts.ts";
import { setUp } from "../setup/set-up.ts";

const { positionals } = parseArgs({ allowPositionals: true });
const runs = Number(positionals[0] ?? 20);
if (!Number.isInteger(runs) || runs < 1) {
  console.error("How often? `npm run repeat -- 20` plays the story twenty times.");
  process.exit(2);
}

const root = join(import.meta.dirname, "../..");
// Every part ends with this process, however it ends.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));
const tools = await setUp(root, ["python", "terraform", "sst"]);
const hosts = await setUpHosts(root);

const row = (...cells: readonly (string | number)[]) =>
  console.log(cells.map((cell, index) => String(cell).padStart(index === 0 ? 4 : 9)).join("  "));
const seconds = (value: number) => `${value.toFixed(1)} s`;

row("run", "plan", "apply", "configure", "check", "made", "again", "removed", "digest", "end");
const told = ({ wrong, steps, made, again, removed, digest }: Run, number: number) =>
  row(
    number,
    ...[...Object.values(steps), made, again, removed].map(seconds),
    digest.slice(0, 8),
    wrong.length === 0 ? "✓" : `✗ ${wrong.join("; ")}`,
  );
const played: Run[] = [];
let stopped = 0; // 1 when a run stood still: what it left holds the workspace that the next one would ask for.
try {
  await repeatStory({ root, tools, hosts, runs }, (run, number) => {
    played.push(run);
    told(run, number);
  });
} catch (error) {
  stopped = 1;
  row(played.length + 1, `✗ ${error instanceof Error ? error.message : error}`);
}

const passed = played.filter(({ wrong }) => wrong.length === 0).length;
const failed = played.length - passed + stopped;
const left = runs - passed - failed;
console.log(`\n${passed} passed, ${failed} failed${left > 0 ? `, ${left} not played` : ""}`);
process.exit(failed === 0 ? 0 : 1);
