import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Tools } from "../../local/setup/tools.ts";

/** One run of Terraform by a build. */
export interface TerraformRun {
  /** The build's uuid. */
  build: string;
  /** `plan`, `apply`, … */
  command: string;
}

/**
 * Counts what Terraform was really told to do: a program of its name before it on the builds' PATH writes down each run as it begins, then becomes it.
 * Nothing that Sluice says of itself is asked.
 */
export function terraformJournal(folder: string, tools: Tools): { tools: Tools; runs(): TerraformRun[] } {
  mkdirSync(folder, { recursive: true });
  const journal = join(folder, "runs");
  const program = join(folder, "terraform");
  writeFileSync(program, `#!/bin/sh\necho "$(pwd) $1" >> '${journal}'\nexec '${tools.terraform}' "$@"\n`);
  chmodSync(program, 0o755);
  return {
    tools: { ...tools, path: `${folder}:${tools.path}` },
    runs() {
      if (!existsSync(journal)) return [];
      return readFileSync(journal, "utf8")
        .split("\n")
        .flatMap((line) => {
          const [, build, command] = /([0-9a-f]{8}-[0-9a-f-]{27}).* (\S+)$/.exec(line) ?? [];
          return build && command ? [{ build, command }] : [];
        });
    },
  };
}
