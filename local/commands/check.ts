/** `npm run check`: all that Node alone can tell, in parallel. Before a commit, and the first half of `npm test`. */
import { printSetup } from "../setup/progress.ts";
import { ensureTools } from "../setup/tools.ts";
import { checkParts } from "./checks/check-parts.ts";
import { countsOf, exitCodeOf, printParts } from "./checks/summary.ts";

const root = new URL("../..", import.meta.url).pathname;
const setup = printSetup(process.stdout);

const results = await checkParts(root, async () => {
  await ensureTools({ root, want: ["sst"], report: setup.report });
});
setup.end();
printParts(results);
console.log(countsOf(results));
process.exitCode = exitCodeOf(results);
