import { Decimal, type Exact, isList, isObject, memberOf } from "../json/exact-json.ts";
import { NotUnderstood } from "../terraform/plan-json.ts";

/** Names and indexes from the outside in: a name is a text, an index a number. */
export type Path = readonly (string | number)[];

/** Both sides of a change with Terraform's three trees of marks beside them. */
export type Sides = Readonly<{
  before: Exact | undefined;
  after: Exact | undefined;
  unknown: Exact | undefined;
  markedBefore: Exact | undefined;
  markedAfter: Exact | undefined;
}>;

/** A scalar, null, `{}` or `[]` at its path. A container that holds something is never one: its leaves are. */
export type Leaf = Readonly<{
  path: Path;
  before: Exact | undefined;
  after: Exact | undefined;
  /** Only the apply will know what is here. */
  unknown: boolean;
  /** How many parts of the path lead to Terraform's mark of what is sensitive; nothing when there is none. */
  markedBefore: number | undefined;
  markedAfter: number | undefined;
}>;

/**
 * Every leaf of both sides, in the order of names by code units and of indexes. An unknown is one leaf, whatever was there before.
 *
 * @throws NotUnderstood for a mark that is none, or an unknown that has a value
 */
export function* leavesOf(sides: Sides): Generator<Leaf> {
  yield* leavesAt([], sides, { before: undefined, after: undefined });
}

type Depths = Readonly<{ before: number | undefined; after: number | undefined }>;

function* leavesAt(path: Path, sides: Sides, above: Depths): Generator<Leaf> {
  const { before, after, unknown } = sides;
  for (const tree of [unknown, sides.markedBefore, sides.markedAfter]) refuseUnlessMark(tree);
  const marks = {
    before: above.before ?? (sides.markedBefore === true ? path.length : undefined),
    after: above.after ?? (sides.markedAfter === true ? path.length : undefined),
  };
  const leaf = { path, unknown: false, markedBefore: marks.before, markedAfter: marks.after };
  if (unknown === true) {
    if (after !== undefined && after !== null) throw new NotUnderstood("A value of the plan is known and unknown");
    yield { ...leaf, before: undefined, after: undefined, unknown: true };
    return;
  }
  const own = { before: isLeaf(before) ? before : undefined, after: isLeaf(after) ? after : undefined };
  if (own.before !== undefined || own.after !== undefined) yield { ...leaf, ...own };
  for (const name of namesIn([before, after, unknownIn(unknown)]))
    yield* leavesAt(
      [...path, name],
      {
        before: at(before, name),
        after: at(after, name),
        unknown: at(unknown, name),
        markedBefore: at(sides.markedBefore, name),
        markedAfter: at(sides.markedAfter, name),
      },
      marks,
    );
}

function refuseUnlessMark(tree: Exact | undefined): void {
  if (typeof tree === "string" || tree instanceof Decimal) throw new NotUnderstood("A mark of the plan is no mark");
}

function isLeaf(value: Exact | undefined): value is Exact {
  if (value === undefined) return false;
  if (isList(value)) return value.length === 0;
  return !isObject(value) || Object.keys(value).length === 0;
}

/** A tree of marks, as far as it marks anything: Terraform writes `{}`, `[false]` and `false` for nothing. */
function unknownIn(tree: Exact | undefined): Exact | undefined {
  if (tree === undefined || typeof tree === "boolean" || tree === null) return undefined;
  const inside = isList(tree) ? tree : isObject(tree) ? Object.values(tree) : [];
  return inside.some((each) => each === true || unknownIn(each) !== undefined) ? tree : undefined;
}

/** Indexes before names; a list beside a map has both. */
function namesIn(values: readonly (Exact | undefined)[]): (string | number)[] {
  const length = Math.max(0, ...values.map((value) => (isList(value) ? value.length : 0)));
  const names = new Set(values.flatMap((value) => (isObject(value) ? Object.keys(value) : [])));
  return [...Array(length).keys(), ...[...names].sort(byCodeUnits)];
}

function at(tree: Exact | undefined, name: string | number): Exact | undefined {
  if (typeof name === "number") return isList(tree) ? tree[name] : undefined;
  return memberOf(tree, name);
}

/** The order that every machine has, whatever its language. */
export function byCodeUnits(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** `tags.owner`, `rule[0].port`, `labels["a.b"]`: as Terraform itself writes it. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    if (!/^[A-Za-z_][\w-]*$/.test(part)) return `${text}[${JSON.stringify(part)}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}

/** Whether two leaves are one value: numbers by value, an absent one and null are two. */
export function isSameLeaf(one: Exact | undefined, other: Exact | undefined): boolean {
  if (one instanceof Decimal) return other instanceof Decimal && one.text === other.text;
  if (isList(one)) return isList(other);
  return isObject(one) ? isObject(other) : one === other;
}
