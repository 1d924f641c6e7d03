/** `npm run check`: all that Node alone can tell, in parallel. Before a commit, and the first half of `npm test`. */
import { join } from "node:path";
import { setUp } from "../setup/set-up.ts";
import { checkParts } from "./checks/check-parts.ts";
import { countsOf, exitCodeOf, printParts } from "./checks/summary.ts";

const root = join(import.meta.dirname, "../..");

const results = await checkParts(root, async () => {
  await setUp(root, ["sst"]);
});
printParts(results);
console.log(countsOf(results));
process.exitCode = exitCodeOf(results);
