import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, it } from "vitest";
import { root } from "./synthesized.ts";

const folders = "{packages/*,services/*,local/*,bench,stacks,terraform}/test/**/*.test.ts";
const files = [...globSync(folders, { cwd: root }), ...globSync("test/*/*.test.ts", { cwd: root })];
const WIRING = "stacks/test/wiring.test.ts";

/** What a row's test cell names, in its order: `a/path`, `a-file.test.ts`, `runner apply.test`, `test/faults orphans`, and titles, each of what was named before it. */
const NAMED =
  /`(?<quoted>[^`]+)`|(?:(?<where>[\w/-]+) )?(?<file>[\w-]+)\.test\b|test\/faults (?<fault>[\w-]+)|"(?<title>[^"]+)"/g;

type Named = Readonly<{ what: string; files: readonly string[]; title?: string }>;

function namedIn(cell: string): Named[] {
  let last: readonly string[] = [WIRING];
  return [...cell.matchAll(NAMED)].map(({ 0: what, groups: { quoted, where, file, fault, title } = {} }) => {
    if (title !== undefined) return { what, files: last, title };
    if (quoted?.includes("/")) last = existsSync(join(root, quoted)) ? under(quoted) : [];
    else if (quoted) last = called(quoted);
    else last = fault ? under(`test/faults/${fault}.test.ts`) : called(`${file}.test.ts`, where);
    return { what, files: last };
  });
}

const under = (path: string) => files.filter((file) => file === path || file.startsWith(`${path.replace(/\/$/, "")}/`));
const called = (name: string, where?: string) => {
  const found = files.filter((file) => basename(file) === name && (!where || `/${file}`.includes(`/${where}/`)));
  return found.length === 1 ? found : [];
};
const rows = readFileSync(join(root, "docs/guards.md"), "utf8")
  .split("\n")
  .filter((line) => /^\| (?!Guard|-)/.test(line))
  .map((line) => line.slice(2, -2).split(" | "));

it.each(rows)("%s: its test is there", (_guard, _where, cell = "") => {
  const named = namedIn(cell);

  expect(named.length).toBeGreaterThan(0);
  for (const { what, files, title } of named) {
    expect(files, `${what} names no test file, or more than one`).not.toEqual([]);
    const parts = title?.split("…").map((part) => part.trim()) ?? [];
    const texts = files.map((file) => readFileSync(join(root, file), "utf8"));
    expect(
      texts.some((text) => parts.every((part) => text.includes(part))),
      `${files.join(", ")} has no test ${what}`,
    ).toBe(true);
  }
});
