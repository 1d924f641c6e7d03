import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./synthesized.ts";

const command = /\b(Get|Put|Update|Delete|Query|Scan|BatchGet|BatchWrite|TransactGet)(?:Item)?s?Command\b/g;
const paginator = /\bpaginate(Query|Scan)\b/g;
/** IAM knows no transaction: it asks for what its parts do. */
const partOfTransaction = /\b(Put|Update|Delete|ConditionCheck):/g;

/** What IAM is asked for by the DynamoDB calls in a service's own code, and in the package that works on the tables of owners of jobs. */
export function itemActionsOf(service: string): ReadonlySet<string> {
  const own = sourcesIn(`services/${service}/src`);
  const isOwnerOfJobs = own.some((source) => source.includes('"@sluice/jobs"'));
  const sources = isOwnerOfJobs ? [...own, ...sourcesIn("packages/jobs/src")] : own;
  const words = sources.flatMap((source) =>
    [command, paginator, partOfTransaction].flatMap((pattern) => [...source.matchAll(pattern)].map(([, word]) => word)),
  );
  return new Set(words.map((word) => `dynamodb:${word}${word === "Query" || word === "Scan" ? "" : "Item"}`));
}

function sourcesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(root, folder, file), "utf8"));
}
