/** `npm run check-directory -- directory.json`: says what is wrong with a directory before it is put into the bucket; ends with 1 when anything is. */
import { existsSync, readFileSync } from "node:fs";
import { policies } from "@sluice/blueprints";
import { directoryProblems } from "@sluice/directory";

const [file] = process.argv.slice(2);
if (!file) {
  console.error("Which file? `npm run check-directory -- directory.json`");
  process.exit(2);
}
if (!existsSync(file)) {
  console.error(`There is no file ${file} here.`);
  process.exit(2);
}

const groups = Object.values(policies).flatMap((policy) =>
  Object.values(policy).flatMap((rule) => (rule === "automatic" ? [] : rule.groups)),
);
const problems = directoryProblems(readFileSync(file, "utf8"), [...new Set(groups)]);
for (const problem of problems) console.error(`✗ ${problem}`);
console.log(problems.length === 0 ? `✓ ${file} can be put into the bucket` : `${problems.length} to mend in ${file}`);
process.exitCode = problems.length === 0 ? 0 : 1;
