/**
 * `npm test`: everything, in two lanes. One is the flows, behind the wiring tests, whose synth they deploy; the other one is all that needs no whole cloud. Flows wait
 * more than they work, so three of them and one test of a part fill two cores. One more would only be one more thing to hold in memory.
 */
import { glob, rm } from "node:fs/promises";
import { join } from "node:path";
import { setUp } from "../setup/set-up.ts";
import { inOrder } from "./checks/check-parts.ts";
import { type PartResult, STYLE, TYPES, testsOf } from "./checks/part.ts";
import { countsOf, exitCodeOf, printParts } from "./checks/summary.ts";

const root = join(import.meta.dirname, "../..");
/** What the wiring tests synthesize, the flows deploy. */
const WIRING_SYNTH = ".sluice/wiring/synth.json";
await setUp(root, ["python", "terraform", "sst"]);

const tell = ({ name, seconds, failed }: PartResult) =>
  console.log(`${failed === 0 ? "✓" : "✗"} ${name}, ${Math.round(seconds)} s`);

console.log("◐ style and unit, then local: each part of the local cloud");
console.log("◐ types and wiring, then flow: the whole");
const results = (await Promise.all([partsThenLocal(), wiringThenFlow()])).flat();
for await (const container of glob(join(root, ".sluice/clouds/*/builds/*/container")))
  await rm(container, { recursive: true, force: true });

printParts(results);
console.log(countsOf(results));
process.exitCode = exitCodeOf(results);

function partsThenLocal(): Promise<PartResult[]> {
  const local = testsOf("local");
  const alone = { ...local, args: (report: string) => [...local.args(report), "--maxWorkers=1"] };
  return inOrder(root, [STYLE, testsOf("unit"), alone], tell);
}

async function wiringThenFlow(): Promise<PartResult[]> {
  const checked = await inOrder(root, [TYPES, testsOf("wiring")], tell);
  const isSynthesized = checked.every(({ failed }) => failed === 0);
  const flow = { ...testsOf("flow"), env: isSynthesized ? { SYNTH: join(root, WIRING_SYNTH) } : {} };
  return [...checked, ...(await inOrder(root, [flow], tell))];
}
