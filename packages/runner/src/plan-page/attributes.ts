import { isDeepStrictEqual } from "node:util";
import type { Change, Json } from "../terraform/plan-json.ts";
import type { ShownAttribute, ShownValue } from "./page.ts";
import { isMarked, isObject, isSecret, type Secrets } from "./secrets.ts";

type Path = readonly (string | number)[];

/** Both sides of one place in a change, with Terraform's three trees of marks beside them. */
type Place = Readonly<{
  before: Json | undefined;
  after: Json | undefined;
  unknown: Json | undefined;
  secretBefore: Json | undefined;
  secretAfter: Json | undefined;
}>;

/** Every attribute that a change touches, one for each leaf, in the order of the alphabet. */
export function changedAttributes(change: Change, secrets: Secrets): ShownAttribute[] {
  const replacing = (change.replace_paths ?? []).map(textOf);
  const whole = {
    before: change.before,
    after: change.after,
    unknown: change.after_unknown,
    secretBefore: change.before_sensitive,
    secretAfter: change.after_sensitive,
  };
  return [...leaves(whole, [])]
    .filter(({ place }) => place.unknown === true || !isSame(place))
    .map(({ path, place }) => shown(textOf(path), place, replacing, secrets));
}

/** A null attribute and one that is not there are one thing to Terraform. What is masked is compared in clear: a new password is a change. */
function isSame({ before, after }: Place): boolean {
  return isDeepStrictEqual(before ?? null, after ?? null);
}

function shown(path: string, place: Place, replacing: readonly string[], secrets: Secrets): ShownAttribute {
  const before = shownValue(place.before, place.secretBefore, secrets);
  const after: ShownValue | undefined =
    place.unknown === true ? { hidden: "unknown" } : shownValue(place.after, place.secretAfter, secrets);
  const forces = replacing.some((each) => path === each || path.startsWith(`${each}.`) || path.startsWith(`${each}[`));
  return {
    path: isSecret(path, secrets) ? "(sensitive)" : path,
    ...(before && { before }),
    ...(after && { after }),
    ...(forces && { forcesReplacement: true as const }),
  };
}

/** A side that is shown as a whole, because the other is unknown or hidden, is hidden as a whole when anything in it must be. */
function shownValue(value: Json | undefined, marks: Json | undefined, secrets: Secrets): ShownValue | undefined {
  if (value === undefined || value === null) return undefined;
  return isMarked(marks) || isSecret(value, secrets) ? { hidden: "sensitive" } : { value };
}

/** Goes down as long as there is something to go into on either side, and stops where Terraform's mark is about the whole. */
function* leaves(place: Place, path: Path): Generator<{ path: Path; place: Place }> {
  const { before, after, unknown, secretBefore, secretAfter } = place;
  const names = unknown === true || secretBefore === true || secretAfter === true ? undefined : inside(place);
  if (!names) return yield { path, place };
  for (const name of names)
    yield* leaves(
      {
        before: at(before, name),
        after: at(after, name),
        unknown: at(unknown, name),
        secretBefore: at(secretBefore, name),
        secretAfter: at(secretAfter, name),
      },
      [...path, name],
    );
}

function inside({ before, after, unknown }: Place): (string | number)[] | undefined {
  const sides = [before, after, unknown].filter((side) => side !== undefined && side !== null && side !== false);
  if (sides.length > 0 && sides.every(Array.isArray) && sides.some((side) => side.length > 0))
    return [...Array(Math.max(...sides.map((side) => side.length))).keys()];
  if (sides.length > 0 && sides.every(isObject) && sides.some((side) => Object.keys(side).length > 0))
    return [...new Set(sides.flatMap((side) => Object.keys(side)))].sort();
  return undefined;
}

function at(tree: Json | undefined, name: string | number): Json | undefined {
  if (Array.isArray(tree)) return typeof name === "number" ? tree[name] : undefined;
  return isObject(tree) && Object.hasOwn(tree, name) ? tree[name] : undefined;
}

/** `tags.owner`, `rule[0].port`, `labels["a.b"]`: as Terraform itself writes it. */
function textOf(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    if (!/^[A-Za-z_][\w-]*$/.test(part)) return `${text}[${JSON.stringify(part)}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}
