/** Writes docs/rights.md from the synthesized stacks: `npm run generate`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { rightsOf, rightsPage } from "./test/rights.ts";
import { Synthesized } from "./test/synthesized.ts";

writeFileSync(join(import.meta.dirname, "../docs/rights.md"), rightsPage(rightsOf(await Synthesized.make())));
