/**
 * `npm test`: everything. Sets up what it needs, then runs the check's parts, then each part of the local cloud beside whole flows: the parts wait for
 * Terraform more than they work, and the flows fill two cores. One more of them would only be one more thing to hold in memory.
 */
import { join } from "node:path";
import { setUp } from "../setup/set-up.ts";
import { checkParts, inOrder } from "./checks/check-parts.ts";
import { type PartResult, testsOf } from "./checks/part.ts";
import { countsOf, exitCodeOf, printParts } from "./checks/summary.ts";

const root = join(import.meta.dirname, "../..");
await setUp(root, ["python", "terraform", "sst"]);

const tell = ({ name, seconds, failed }: PartResult) =>
  console.log(`${failed === 0 ? "✓" : "✗"} ${name}, ${Math.round(seconds)} s`);

console.log("◐ style, types, unit and wiring");
const checked = await checkParts(root, async () => undefined);
for (const result of checked) tell(result);
console.log("◐ local: each part of the local cloud; and beside it flow: the whole");
const local = testsOf("local");
const alone = { ...local, args: (report: string) => [...local.args(report), "--maxWorkers=1"] };
const tested = (await Promise.all([inOrder(root, [alone], tell), inOrder(root, [testsOf("flow")], tell)])).flat();

printParts([...checked, ...tested]);
console.log(countsOf([...checked, ...tested]));
process.exitCode = exitCodeOf([...checked, ...tested]);
