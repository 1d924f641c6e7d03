/**
 * `npm run soak -- --minutes 10 --seed 7`: many requests at once while hosts, builds and Slack die at random moments; with `--lies`, builds of one environment
 * lie as well.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { setUp } from "../setup/set-up.ts";
import { inOrder } from "./checks/check-parts.ts";
import { testsOf } from "./checks/part.ts";
import { countsOf, exitCodeOf, printParts } from "./checks/summary.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string" },
    lies: { type: "boolean", default: false },
  },
});
const root = join(import.meta.dirname, "../..");
await setUp(root, ["python", "terraform", "sst"]);

const seed = values.seed ?? String(Date.now() % 1_000_000);
// Read by test/faults/soak.test.ts.
Object.assign(process.env, { SOAK_MINUTES: values.minutes, SOAK_SEED: seed, SOAK_LIES: values.lies ? "1" : "0" });
console.log(`◐ soak: ${values.minutes} minutes with seed ${seed}${values.lies ? ", with builds that lie" : ""}`);
const flow = testsOf("flow");
const [result] = await inOrder(
  root,
  [{ ...flow, name: "soak", args: (report) => [...flow.args(report), "test/faults/soak.test.ts"] }],
  () => undefined,
);

for (const line of result?.output.split("\n") ?? []) if (line.includes("soak: ")) console.log(line.trim());
printParts(result ? [result] : []);
console.log(countsOf(result ? [result] : []));
process.exitCode = exitCodeOf(result ? [result] : []);
