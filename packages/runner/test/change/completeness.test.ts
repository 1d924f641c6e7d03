import { readdirSync, readFileSync } from "node:fs";
import { sha256Of } from "@sluice/steps";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changeDigest, entryDigests } from "../../src/change/change-digest.ts";
import { Decimal, type Exact, exactText, isList, isObject, parseExact } from "../../src/json/exact-json.ts";
import { isSecret } from "../../src/masking/masked.ts";
import { isMarked, secretsOf } from "../../src/masking/secrets.ts";
import { pageBytes } from "../../src/plan-page/plan-page.ts";
import { NotUnderstood } from "../../src/terraform/plan-json.ts";
import { listOf, pageOf } from "../plan-json.ts";

/**
 * Suite 3 of the threat model: whatever leaf of what changes is another one, the change digest is another one or the plan is refused; whatever is shown of it,
 * the page is another one too; and nothing beside the change refuses or moves anything. Over real plans, as Terraform 1.11.4 showed them.
 */
const KEY = Buffer.alloc(32, 1);
const BASIS = { code: sha256Of("code"), parameters: sha256Of("parameters") };
const GONE = Symbol("gone");
type Path = readonly (string | number)[];

const digestOf = (plan: Exact) =>
  understood(() => changeDigest(entryDigests(listOf(exactText(plan)).list, KEY), BASIS));
const EMPTY = { terraform: "", orphans: [], drift: [], warnings: [], checks: [], before: [] };
const pageOfPlan = (plan: Exact) => understood(() => pageBytes({ ...pageOf(exactText(plan)), seen: EMPTY }).sha256);

function understood(read: () => string): string {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof NotUnderstood) return "refused";
    throw cause;
  }
}

const folder = new URL("../fixtures/", import.meta.url);
const plans = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => {
    const whole = parseExact(readFileSync(new URL(name, folder), "utf8"));
    return { name, whole, secrets: secretsOf(whole), digest: digestOf(whole), page: pageOfPlan(whole) };
  });
const RUNS = { numRuns: 200 };

/** What stands beside the change and is not approved. */
const BESIDE = [
  "prior_state",
  "resource_drift",
  "relevant_attributes",
  "checks",
  "planned_values",
  "timestamp",
  "variables",
  "terraform_version",
];

describe("any leaf that is another one", () => {
  it("of what changes is another digest, or is refused", () => {
    fc.assert(
      fc.property(mutation(["resource_changes", "output_changes"]), ({ plan, path, to }) => {
        fc.pre(isOfWhatChanges(plan.whole, path));

        const next = digestOf(set(plan.whole, path, to));

        expect(next, `${plan.name} ${JSON.stringify(path)}`).not.toBe(plan.digest);
      }),
      RUNS,
    );
  });

  it("that the page shows of it is another page, or is refused", () => {
    fc.assert(
      fc.property(mutation(["resource_changes", "output_changes"]), ({ plan, path, to }) => {
        fc.pre(isOfWhatChanges(plan.whole, path) && isShown(plan.whole, path));

        const next = pageOfPlan(set(plan.whole, path, to));

        expect(next, `${plan.name} ${JSON.stringify(path)}`).not.toBe(plan.page);
      }),
      RUNS,
    );
  });

  it("beside the change moves no digest, and refuses nothing, but for what is secret there: that is hidden wherever it stands", () => {
    fc.assert(
      fc.property(mutation(BESIDE), ({ plan, path, to }) => {
        fc.pre(path.length > 1 || typeof to === "string");
        fc.pre(!path.some((part) => String(part).includes("sensitive")));
        fc.pre(!isSecret(valueAt(plan.whole, path), plan.secrets) && !isInMarked(plan.whole, path));

        expect(digestOf(set(plan.whole, path, to)), `${plan.name} ${JSON.stringify(path)}`).toBe(plan.digest);
      }),
      RUNS,
    );
  });
});

it("a part that is not known is refused, wherever in the change it stands", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...plans),
      fc.nat(),
      fc.constantFrom("plan", "resource", "change"),
      (plan, at, where) => {
        const changes = valueAt(plan.whole, ["resource_changes"]);
        fc.pre(isList(changes) && changes.length > 0);
        const resource = ["resource_changes", at % (isList(changes) ? changes.length : 1)];
        const path = { plan: [], resource, change: [...resource, "change"] }[where] ?? [];

        expect(digestOf(set(plan.whole, [...path, "another_part"], "x"))).toBe("refused");
      },
    ),
  );
});

type Mutation = { plan: (typeof plans)[number]; path: Path; to: Exact | typeof GONE };

/** One leaf of these parts of a real plan, and something else to stand there, or nothing. */
function mutation(parts: readonly string[]) {
  const known = plans.flatMap((plan) => {
    const paths = parts.flatMap((part) => pathsIn(valueAt(plan.whole, [part]), [part]));
    return paths.length > 0 ? [{ plan, paths }] : [];
  });
  return fc.tuple(fc.constantFrom(...known), fc.nat(), fc.nat()).map(([{ plan, paths }, at, other]): Mutation => {
    const path = paths[at % paths.length] ?? [];
    const others = othersThan(valueAt(plan.whole, path));
    return { plan, path, to: others[other % others.length] ?? GONE };
  });
}

/** Values that differ from this one in what matters: kind, spelling of a number, an end, being there at all. */
function othersThan(value: Exact | undefined): (Exact | typeof GONE)[] {
  const near =
    typeof value === "string"
      ? [`${value}x`, ` ${value}`, value.toUpperCase()]
      : value instanceof Decimal
        ? [value.text, new Decimal(`${value.text.replace(/\..*/, "")}1`), { number: value.text }]
        : [];
  const all: Exact[] = [null, true, false, "", [], {}, [null], { a: null }, new Decimal("9007199254740993"), ...near];
  return [GONE, ...all.filter((each) => exactText({ each }) !== exactText({ each: value ?? null }))];
}

/** Whether a path is of something that an apply does, and not of what only describes how it was before. */
function isOfWhatChanges(whole: Exact, path: Path): boolean {
  const isOutput = path[0] === "output_changes";
  const entry = path.slice(0, 2);
  const change = isOutput ? entry : [...entry, "change"];
  const actions = exactText(valueAt(whole, [...change, "actions"]) ?? null);
  const rest = path.slice(change.length);
  const inChange = isOutput || path[2] === "change";
  if (actions === '["no-op"]')
    return !isOutput && !inChange && valueAt(whole, [...entry, "previous_address"]) !== undefined;
  if (!inChange) return true;
  const [side, ...at] = rest;
  if (side === "after_unknown" || side === "before_sensitive" || side === "after_sensitive") return false; // Marks: below.
  if (side === "before" && actions === '["update"]')
    return !isUnknown(valueAt(whole, [...change, "after_unknown"]), at);
  // A side that is null and one that is not there are the same.
  return !(rest.length === 1 && (valueAt(whole, path) ?? null) === null);
}

/** Whether a path leads through an object of a state that holds something marked: what that object is says what its marks mean. */
function isInMarked(whole: Exact, path: Path): boolean {
  return path.some((_, length) => isMarked(valueAt(whole, [...path.slice(0, length), "sensitive_values"])));
}

function isShown(whole: Exact, path: Path): boolean {
  const change = path[0] === "output_changes" ? path.slice(0, 2) : [...path.slice(0, 2), "change"];
  const [side, ...at] = path.slice(change.length);
  if (side !== "before" && side !== "after") return false;
  return !isUnknown(valueAt(whole, [...change, `${side}_sensitive`]), at);
}

function isUnknown(tree: Exact | undefined, path: Path): boolean {
  let at = tree;
  for (const part of path) {
    if (at === true) return true;
    at = valueAt(at, [part]);
  }
  return at === true;
}

function pathsIn(value: Exact | undefined, path: Path): Path[] {
  if (isList(value) && value.length > 0) return value.flatMap((each, index) => pathsIn(each, [...path, index]));
  if (isObject(value) && Object.keys(value).length > 0)
    return Object.entries(value).flatMap(([name, each]) => pathsIn(each, [...path, name]));
  return value === undefined ? [] : [path];
}

function valueAt(value: Exact | undefined, path: Path): Exact | undefined {
  return path.reduce<Exact | undefined>((at, part) => {
    if (typeof part === "number") return isList(at) ? at[part] : undefined;
    return isObject(at) && Object.hasOwn(at, part) ? at[part] : undefined;
  }, value);
}

function set(value: Exact | undefined, path: Path, to: Exact | typeof GONE): Exact {
  const [first, ...rest] = path;
  if (first === undefined) return to === GONE ? null : to;
  const isLast = rest.length === 0 && to === GONE;
  if (typeof first === "number") {
    const items = isList(value) ? value : [];
    return isLast ? items.toSpliced(first, 1) : items.with(first, set(items[first], rest, to));
  }
  const { [first]: inner, ...others } = isObject(value) ? value : {};
  return isLast ? others : { ...others, [first]: set(inner, rest, to) };
}
