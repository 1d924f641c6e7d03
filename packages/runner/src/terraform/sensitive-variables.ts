import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * The variables that a root declares sensitive, by its files. Terraform itself says it only in a plan, and a plan that fails early has none: until then this is what
 * is known. A name too many only hides more, so a block is read up to the next one and no further than by its lines.
 *
 * @param folder of the root, formatted by `terraform fmt`: blocks begin at the first column
 */
export async function sensitiveVariables(folder: string): Promise<ReadonlySet<string>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".tf"));
  const files = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return new Set(files.flatMap((file) => file.split(BLOCK_BEGINS).flatMap(sensitiveName)));
}

const BLOCK_BEGINS =
  /^(?=(?:variable|output|resource|data|module|locals|provider|terraform|moved|import|removed|check|ephemeral)\b)/m;

function sensitiveName(block: string): string[] {
  const name = /^variable\s+"([^"]+)"/.exec(block)?.[1];
  return name !== undefined && /\bsensitive\s*=\s*true\b/.test(block) ? [name] : [];
}
