/** `npm run faults`: the protocol's models with larger bounds, and every fault on the whole local cloud, with a run of its own for each single write that a kill can follow. */
import { join } from "node:path";
import { setUp } from "../setup/set-up.ts";
import { inOrder } from "./checks/check-parts.ts";
import { testsOf } from "./checks/part.ts";
import { countsOf, exitCodeOf, printParts } from "./checks/summary.ts";

const root = join(import.meta.dirname, "../..");
await setUp(root, ["python", "terraform", "sst"]);

process.env.FAULTS = "all"; // Read by test/faults/crashes.test.ts and the tests in test/model.
const [unit, flow] = [testsOf("unit"), testsOf("flow")];
console.log("◐ the protocol's models with more of everything, then faults, some clouds side by side");
const results = await inOrder(
  root,
  [
    { ...unit, name: "model", args: (report) => [...unit.args(report), "test/model"] },
    { ...flow, name: "faults", args: (report) => [...flow.args(report), "test/faults"] },
  ],
  () => undefined,
);

printParts(results);
console.log(countsOf(results));
process.exitCode = exitCodeOf(results);
