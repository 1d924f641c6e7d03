/** `npm test`: everything. Sets up what it needs, then runs the check's parts, each part of the local cloud, and whole flows. */
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
console.log("◐ local: each part of the local cloud, then flow: the whole");
const tested = await inOrder(root, [testsOf("local"), testsOf("flow")], tell);

printParts([...checked, ...tested]);
console.log(countsOf([...checked, ...tested]));
process.exitCode = exitCodeOf([...checked, ...tested]);
