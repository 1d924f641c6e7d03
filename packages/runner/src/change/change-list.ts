import { Decimal, type Exact } from "../json/exact-json.ts";
import {
  type Action,
  actionOf,
  type Change,
  NotUnderstood,
  type PlanJson,
  type ResourceChange,
  takesAway,
} from "../terraform/plan-json.ts";
import { byCodeUnits, isSameLeaf, type Leaf, leavesOf, type Path, type Sides } from "./leaves.ts";
import type { Hidden, Mask } from "./mask.ts";
import type { IsConfigurable } from "./provider-schema.ts";

/** One side of a leaf: its value and, where the page hides it, why. `whole` is how many parts of the path lead to what is hidden as a whole. */
export type Side = Readonly<{ value: Exact; hidden?: Hidden; whole?: number }>;

/** One value that changes, is made, or is written again. An absent side has no such attribute. */
export type ChangedLeaf = Readonly<{
  path: Path;
  before?: Side;
  after?: Side;
  /** Only the apply will know it. What was there before stands beside the change: it may move between two plans. */
  unknown?: true;
  marked?: "before" | "after" | "both";
  /** Which part of the path is the first that holds a secret. */
  secretName?: number;
}>;

/** What happens to one resource: all of `resource_changes` but the trees, which are leaves here. */
export type ResourceEntry = Readonly<{
  resource: Omit<ResourceChange, "change">;
  action: Action;
  /** In Terraform's order: a replacement says what it does first. */
  actions: readonly string[];
  importing?: string;
  replacePaths?: readonly Path[];
  leaves: readonly ChangedLeaf[];
  /** What goes: what names it, and what decides how it goes. */
  gone?: readonly ChangedLeaf[];
}>;
export type OutputEntry = Readonly<{ output: string; action: Action; leaves: readonly ChangedLeaf[] }>;

/** Everything that an apply of this plan would do, in one order, and nothing that was only true when it was made. */
export type ChangeList = Readonly<{ resources: readonly ResourceEntry[]; outputs: readonly OutputEntry[] }>;

/**
 * The change list of a plan. Four plans in a row of the same have the same list, though drift, relevant attributes and the time differ in each.
 *
 * @param isConfigurable asked about what goes: whether the configuration alone sets an attribute
 * @throws NotUnderstood for what contradicts itself
 */
export function changeListOf(plan: PlanJson, mask: Mask, isConfigurable: IsConfigurable): ChangeList {
  const seen = new Set<string>();
  const resources = plan.resource_changes.flatMap((change) => {
    const name = JSON.stringify([change.address, change.deposed ?? null]);
    if (seen.has(name)) throw new NotUnderstood(`The plan says twice what happens to ${change.address}`);
    seen.add(name);
    return isListed(change) ? [resourceEntry(change, mask, isConfigurable)] : [];
  });
  const outputs = Object.entries(plan.output_changes).flatMap(([output, change]) => {
    const action = actionOf(change);
    if (action === "no-op") return [];
    if (!["create", "update", "destroy"].includes(action))
      throw new NotUnderstood(`The plan does with output ${output} what is not known here: ${action}`);
    return [{ output, action, leaves: leavesThatDiffer(action, change).map((leaf) => listedLeaf(leaf, mask)) }];
  });
  return {
    resources: resources.sort(
      ({ resource: one }, { resource: other }) =>
        byCodeUnits(one.address, other.address) || byCodeUnits(one.deposed ?? "", other.deposed ?? ""),
    ),
    outputs: outputs.sort((one, other) => byCodeUnits(one.output, other.output)),
  };
}

/** Not what stays as it is, and not what a `check` reads: that is read at every plan. */
function isListed({ change, previous_address, action_reason }: ResourceChange): boolean {
  if (actionOf(change) === "no-op") return previous_address !== undefined || change.importing !== undefined;
  return action_reason !== "read_because_check_nested";
}

function resourceEntry(
  { change, ...resource }: ResourceChange,
  mask: Mask,
  isConfigurable: IsConfigurable,
): ResourceEntry {
  const action = actionOf(change);
  refuseWrongSides(resource.address, action, change);
  return {
    resource,
    action,
    actions: change.actions,
    ...(change.importing && { importing: change.importing.id }),
    ...(change.replace_paths && { replacePaths: change.replace_paths.map(pathOf).sort(byPath) }),
    leaves: leavesThatChange(action, change).map((leaf) => listedLeaf(leaf, mask)),
    ...(takesAway(action) && {
      gone: whatGoes(resource, change, isConfigurable).map((leaf) => listedLeaf(leaf, mask)),
    }),
  };
}

/** A new object is written in full, equal values too; of one that stays only what differs. */
function leavesThatChange(action: Action, change: Change): Leaf[] {
  if (action === "no-op" || action === "destroy" || action === "forget") return [];
  return action === "update" ? leavesThatDiffer(action, change) : [...leavesOf(sidesOf(action, change))];
}

function leavesThatDiffer(action: Action, change: Change): Leaf[] {
  return [...leavesOf(sidesOf(action, change))].filter(differs);
}

/** In value, in being there (null is not absent), in Terraform's mark, or because nobody knows yet. */
function differs({ before, after, unknown, markedBefore, markedAfter }: Leaf): boolean {
  if (unknown || before === undefined || after === undefined) return true;
  return !isSameLeaf(before, after) || (markedBefore === undefined) !== (markedAfter === undefined);
}

const NAMES = ["id", "arn", "name"];

/** What names the object that goes, and what the configuration alone has set: that decides how it goes, such as `force_destroy`. The rest moves by itself. */
function whatGoes(
  { type, provider_name }: Omit<ResourceChange, "change">,
  { before, before_sensitive }: Change,
  isConfigurable: IsConfigurable,
) {
  const sides = {
    before,
    after: undefined,
    unknown: undefined,
    markedBefore: before_sensitive,
    markedAfter: undefined,
  };
  return [...leavesOf(sides)].filter(
    ({ path }) => (path.length === 1 && NAMES.includes(String(path[0]))) || isConfigurable(provider_name, type, path),
  );
}

/** Terraform writes null for the side that is not there. */
function sidesOf(action: Action, change: Change): Sides {
  const { before, after, after_unknown, before_sensitive, after_sensitive } = change;
  return {
    before: action === "create" || action === "read" ? undefined : before,
    after: action === "destroy" ? undefined : after,
    unknown: after_unknown,
    markedBefore: before_sensitive,
    markedAfter: after_sensitive,
  };
}

/** A leaf as it is listed: with what the page hides of it, so that masking does not depend on what lies outside the list. */
export function listedLeaf({ path, before, after, unknown, markedBefore, markedAfter }: Leaf, mask: Mask): ChangedLeaf {
  const marked = markedSides(markedBefore !== undefined, markedAfter !== undefined);
  const secretName = path.findIndex((part) => typeof part === "string" && mask.hidesName(part));
  return {
    path,
    ...(before !== undefined && { before: sideOf(before, markedBefore, mask) }),
    ...(after !== undefined && { after: sideOf(after, markedAfter, mask) }),
    ...(unknown && { unknown: true as const }),
    ...(marked && { marked }),
    ...(secretName >= 0 && { secretName }),
  };
}

function markedSides(before: boolean, after: boolean): ChangedLeaf["marked"] {
  if (before && after) return "both";
  return before ? "before" : after ? "after" : undefined;
}

function sideOf(value: Exact, markedAt: number | undefined, mask: Mask): Side {
  const hidden = mask.hides(value, markedAt !== undefined);
  if (!hidden) return { value };
  return hidden === "marked" && markedAt !== undefined ? { value, hidden, whole: markedAt } : { value, hidden };
}

/** @throws NotUnderstood */
function refuseWrongSides(address: string, action: Action, { before, after }: Change): void {
  const [was, willBe] = [before ?? null, after ?? null].map((side) => side !== null) as [boolean, boolean];
  const isWrong =
    action === "create" || action === "read"
      ? was
      : action === "destroy" || action === "forget"
        ? !was || willBe
        : action === "update" || action === "replace"
          ? !was || !willBe
          : false;
  if (isWrong) throw new NotUnderstood(`The plan contradicts itself about ${address}: ${action} with the wrong sides`);
}

function pathOf(parts: readonly (string | Decimal)[]): Path {
  return parts.map((part) => (part instanceof Decimal ? Number(part.text) : part));
}

function byPath(one: Path, other: Path): number {
  return byCodeUnits(JSON.stringify(one), JSON.stringify(other));
}
