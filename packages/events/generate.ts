/** Writes the JSON Schemas and the catalogue page: `npm run generate`. A test fails while they are behind the definitions. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cataloguePage, jsonSchemas } from "./src/publications.ts";

const folder = join(import.meta.dirname, "generated");
mkdirSync(folder, { recursive: true });
const schemas = jsonSchemas();
for (const file of readdirSync(folder)) if (!schemas.has(file)) rmSync(join(folder, file));
for (const [file, text] of schemas) writeFileSync(join(folder, file), text);
writeFileSync(join(import.meta.dirname, "../../docs/events.md"), cataloguePage());
