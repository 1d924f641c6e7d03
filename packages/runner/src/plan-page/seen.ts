import * as z from "zod";
import { listedLeaf } from "../change/change-list.ts";
import { leavesOf, pathText } from "../change/leaves.ts";
import type { Mask } from "../change/mask.ts";
import { Decimal, type Exact, exactText, isList, isObject } from "../json/exact-json.ts";
import { actionOf, type Change, NotUnderstood, type PlanJson } from "../terraform/plan-json.ts";
import { shownAttributes } from "./attributes.ts";
import type { Seen } from "./page.ts";

/**
 * What was true when the plan was made, for people. Nothing of it is approved, so nothing of it refuses a plan: what cannot be read is left out or told short.
 *
 * @param warnings in the words of Terraform and its providers
 */
export function seenWith(
  plan: PlanJson,
  mask: Mask,
  { warnings, orphans }: Readonly<{ warnings: readonly string[]; orphans: readonly string[] }>,
): Seen {
  return {
    terraform: plan.terraform_version,
    orphans: [...orphans].sort(),
    drift: driftOf(plan.resource_drift, mask),
    warnings: kept(warnings.map((words) => mask.text(words))),
    checks: kept(failingChecks(plan.checks).map((words) => mask.text(words))),
    before: plan.resource_changes.flatMap(({ address, change }) => beforeUnknown(address, change, mask)),
  };
}

const LISTED = 20;
const WORDS_CHARACTERS = 1_000;

/** Each once, so many at most, and how many more there are. */
function kept(words: readonly string[]): string[] {
  const each = [...new Set(words)];
  const more = each.length > LISTED ? [`and ${each.length - LISTED} more`] : [];
  return [...each.slice(0, LISTED).map((text) => cut(text)), ...more];
}

function cut(text: string): string {
  return text.length <= WORDS_CHARACTERS ? text : `${text.slice(0, WORDS_CHARACTERS - 1).toWellFormed()}…`;
}

const Checks = z.array(
  z.looseObject({
    address: z.looseObject({ to_display: z.string() }),
    status: z.string(),
    instances: z
      .array(z.looseObject({ problems: z.array(z.looseObject({ message: z.string() })).optional() }))
      .optional(),
  }),
);

/** The checks of a plan that do not hold. Terraform itself only warns of them: often the plan is what mends what they watch. */
export function failingChecks(checks: Exact | undefined): string[] {
  const read = Checks.safeParse(checks ?? []);
  if (!read.success) return ["The checks of this plan cannot be read."];
  return read.data.flatMap(({ address, status, instances = [] }) => {
    if (status !== "fail" && status !== "error") return [];
    const problem = instances.flatMap(({ problems = [] }) => problems)[0]?.message;
    return [`The check ${address.to_display} fails${problem ? `: ${problem}` : "."}`];
  });
}

const Drifts = z.array(
  z.looseObject({
    address: z.string(),
    change: z.looseObject({
      actions: z.array(z.string()),
      before: z.custom<Exact>(() => true).optional(),
      after: z.custom<Exact>(() => true).optional(),
      before_sensitive: z.custom<Exact>(() => true).optional(),
      after_sensitive: z.custom<Exact>(() => true).optional(),
    }),
  }),
);

/**
 * What somebody changed outside of Terraform. After a first apply providers report null for "", [] and {}: that is how they write it down, not a change,
 * and Terraform's own text shows none of it.
 */
function driftOf(drift: Exact | undefined, mask: Mask): Seen["drift"] {
  const read = Drifts.safeParse(drift ?? []);
  if (!read.success) return [];
  return read.data.flatMap(({ address, change }): Seen["drift"] => {
    if (change.actions.includes("delete")) return [{ address, action: "destroy", attributes: [] }];
    const attributes = shownAttributes(driftedLeaves(change).map((leaf) => listedLeaf(leaf, mask)));
    return attributes.length > 0 ? [{ address, action: "update", attributes }] : [];
  });
}

function driftedLeaves({ before, after, before_sensitive, after_sensitive }: z.infer<typeof Drifts>[number]["change"]) {
  try {
    const sides = { before, after, unknown: undefined, markedBefore: before_sensitive, markedAfter: after_sensitive };
    return [...leavesOf(sides)].filter((leaf) => exactText(nothing(leaf.before)) !== exactText(nothing(leaf.after)));
  } catch (cause) {
    if (cause instanceof NotUnderstood) return [];
    throw cause;
  }
}

function nothing(value: Exact | undefined): Exact {
  if (value === undefined || value === "") return null;
  return isList(value) || isObject(value) ? null : value;
}

/** Of what stays or is replaced: where the new value is unknown, what was there. As a whole, and hidden as a whole when anything in it must be. */
function beforeUnknown(address: string, change: Change, mask: Mask): Seen["before"] {
  const action = actionOf(change);
  if (action !== "update" && action !== "replace") return [];
  const { before, after, after_unknown, before_sensitive } = change;
  const sides = { before, after, unknown: after_unknown, markedBefore: before_sensitive, markedAfter: undefined };
  return [...leavesOf(sides)].flatMap(({ path, unknown }) => {
    const was = unknown ? at(before, path) : undefined;
    if (was === undefined || was === null) return [];
    const inside = [
      ...leavesOf({
        before: was,
        after: undefined,
        unknown: undefined,
        markedBefore: at(before_sensitive, path),
        markedAfter: undefined,
      }),
    ];
    const isHidden = inside.some(
      (leaf) =>
        mask.hides(leaf.before ?? null, leaf.markedBefore !== undefined) ||
        leaf.path.some((part) => typeof part === "string" && mask.hidesName(part)),
    );
    return [{ address, path: pathText(path), before: isHidden ? "sensitive" : cut(exactText(was)) }];
  });
}

function at(tree: Exact | undefined, path: readonly (string | number)[]): Exact | undefined {
  let found = tree;
  for (const part of path) {
    if (found === true) return true; // A mark of the whole is one of each part.
    if (found === undefined || found === null || typeof found !== "object" || found instanceof Decimal)
      return undefined;
    found = (found as { readonly [key: string]: Exact })[part];
  }
  return found;
}
