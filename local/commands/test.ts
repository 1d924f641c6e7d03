/**
 * `npm test`: everything. Sets up what it needs, then runs the check's parts, then each part of the local cloud beside whole flows: the parts wait for
 * Terraform more than they work, and the flows fill two cores. One more of them would only be one more thing to hold in memory.
 */
import { glob, rm } from "node:fs/promises";
import { join } from "node:path";
import { setUp } from "../setup/set-up.ts";
import { checkParts, inOrder } from "./checks/check-parts.ts";
import { type PartResult, testsOf } from "./checks/part.ts";
import { countsOf, exitCodeOf, printParts } from "./checks/summary.ts";

const root = join(import.meta.dirname, "../..");
/** What the wiring tests synthesize, the flows deploy. */
const WIRING_SYNTH = ".sluice/wiring/synth.json";
await setUp(root, ["python", "terraform", "sst"]);

const tell = ({ name, seconds, failed }: PartResult) =>
  console.log(`${failed === 0 ? "✓" : "✗"} ${name}, ${Math.round(seconds)} s`);

console.log("◐ style, types, unit and wiring");
const checked = await checkParts(root, async () => undefined);
for (const result of checked) tell(result);
console.log("◐ local: each part of the local cloud; and beside it flow: the whole");
const local = testsOf("local");
const alone = { ...local, args: (report: string) => [...local.args(report), "--maxWorkers=1"] };
const flow = { ...testsOf("flow"), env: wasSynthesized(checked) ? { SYNTH: join(root, WIRING_SYNTH) } : {} };
const tested = (await Promise.all([inOrder(root, [alone], tell), inOrder(root, [flow], tell)])).flat();
for await (const container of glob(join(root, ".sluice/clouds/*/builds/*/container")))
  await rm(container, { recursive: true, force: true });

printParts([...checked, ...tested]);
console.log(countsOf([...checked, ...tested]));
process.exitCode = exitCodeOf([...checked, ...tested]);

function wasSynthesized(results: readonly PartResult[]): boolean {
  return results.some(({ name, failed }) => name === "wiring" && failed === 0);
}
