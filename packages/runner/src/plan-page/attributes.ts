import type { ChangedLeaf, Side } from "../change/change-list.ts";
import { type Path, pathText } from "../change/leaves.ts";
import { Decimal, isList } from "../json/exact-json.ts";
import type { ShownAttribute, ShownValue } from "./page.ts";

/** One row of a page for each leaf; what is hidden as a whole is one row, so that not even its names and its length are told. */
export function shownAttributes(leaves: readonly ChangedLeaf[], replacing: readonly Path[] = []): ShownAttribute[] {
  const rows = new Map<string, ShownAttribute>();
  for (const leaf of leaves)
    for (const { at, before, after } of rowsOf(leaf)) {
      const path = shownPath(at, leaf.secretName);
      const forces = replacing.some((each) => each.every((part, index) => leaf.path[index] === part));
      const known = rows.get(JSON.stringify(at));
      rows.set(JSON.stringify(at), {
        ...(known ?? { path }),
        ...(before && { before }),
        ...(after && { after }),
        ...(forces && { forcesReplacement: true as const }),
      });
    }
  return [...rows.values()];
}

type Row = Readonly<{ at: Path; before?: ShownValue; after?: ShownValue }>;

function rowsOf({ path, before, after, unknown }: ChangedLeaf): Row[] {
  if (unknown) return [{ at: path, after: { hidden: "unknown" } }];
  const one = before && { at: placeOf(path, before), before: shownValue(before) };
  const other = after && { at: placeOf(path, after), after: shownValue(after) };
  if (one && other && one.at.length === other.at.length) return [{ ...one, ...other }];
  return [one, other].filter((row) => row !== undefined);
}

function placeOf(path: Path, { whole = path.length }: Side): Path {
  return path.slice(0, whole);
}

function shownValue({ value, hidden }: Side): ShownValue {
  if (hidden) return { hidden };
  if (value instanceof Decimal) return { number: value.text };
  if (isList(value)) return { value: [] };
  return { value: typeof value === "object" && value !== null ? {} : value };
}

function shownPath(path: Path, secretName = path.length): string {
  const open = pathText(path.slice(0, secretName));
  return secretName < path.length ? `${open}${open ? "." : ""}(sensitive)` : open;
}
