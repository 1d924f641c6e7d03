import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Every `terraform apply` process of a cloud's builds, as the machine started it. */
export interface ApplyJournal {
  /** A `PATH` for builds on which `terraform` writes itself down before it runs. */
  readonly path: string;
  /** The builds (their UUIDs) in whose folders `terraform apply` was started, one entry a process. */
  applies(): readonly string[];
}

/** Puts a `terraform` before the real one that writes its folder and its command into a file. */
export function applyJournal(directory: string, tools: { terraform: string; path: string }): ApplyJournal {
  const bin = join(directory, "bin");
  const file = join(directory, "terraform.log");
  mkdirSync(bin, { recursive: true });
  appendFileSync(file, "");
  const watched = join(bin, "terraform");
  writeFileSync(watched, `#!/bin/sh\nprintf '%s %s\\n' "$PWD" "$1" >> '${file}'\nexec '${tools.terraform}' "$@"\n`);
  chmodSync(watched, 0o755);
  return {
    path: `${bin}:${tools.path}`,
    applies: () => (existsSync(file) ? readFileSync(file, "utf8") : "").split("\n").flatMap(buildThatApplies),
  };
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;

function buildThatApplies(line: string): string[] {
  const build = line.endsWith(" apply") && UUID.exec(line)?.[0];
  return build ? [build] : [];
}
