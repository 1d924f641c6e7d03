import { type PlanOutput, Sha256 } from "@sluice/events";
import { sha256Of } from "@sluice/steps";
import canonicalize from "canonicalize";
import type { PlanJson } from "../terraform/plan-json.ts";
import { changedAttributes } from "./attributes.ts";
import { driftOf } from "./drift.ts";
import { PlanPage, type ShownResource } from "./page.ts";
import { shownResources } from "./resources.ts";
import { secretsOf } from "./secrets.ts";

/**
 * The page of a plan: pure, so that plan and apply make the same of the same file. Nothing that changes is left out, nothing sensitive is in it.
 *
 * @throws when Terraform plans an action that is not known here.
 */
export function planPage(plan: PlanJson, orphans: readonly string[]): PlanPage {
  const secrets = secretsOf(plan);
  const resources = shownResources(plan.resource_changes ?? [], secrets);
  const outputs = Object.entries(plan.output_changes ?? {})
    .filter(([, change]) => change.actions.join() !== "no-op")
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, change]) => ({ name, attributes: changedAttributes(change, secrets) }))
    .filter(({ attributes }) => attributes.length > 0);

  return PlanPage.parse({
    version: 1,
    terraform: plan.terraform_version,
    empty: !plan.applyable && resources.every(({ action }) => action === "read") && outputs.length === 0,
    counts: countsOf(resources),
    orphans: [...orphans].sort(),
    resources,
    outputs,
    drift: driftOf(plan.resource_drift ?? [], secrets),
  });
}

/** The page's bytes (RFC 8785) and their hash. */
export function pageBytes(page: PlanPage): { bytes: string; sha256: Sha256 } {
  const bytes = canonicalize(page) ?? "";
  return { bytes, sha256: Sha256.parse(sha256Of(bytes)) };
}

/** As Terraform counts: a replacement is one to add and one to destroy. What is forgotten is in none of its counts. */
function countsOf(resources: readonly ShownResource[]): PlanPage["counts"] {
  const count = (...actions: readonly ShownResource["action"][]) =>
    resources.filter(({ action }) => actions.includes(action)).length;
  return {
    add: count("create", "replace"),
    change: count("update"),
    destroy: count("destroy", "replace"),
    replace: count("replace"),
    forget: count("forget"),
    import: resources.filter(({ importedId }) => importedId !== undefined).length,
  };
}

/** The part of a page that goes into the event. Lists are cut to what `PlanOutput` promises; the page has all. */
export function summaryOf(page: PlanPage): Pick<PlanOutput, "empty" | "counts" | "destroys" | "replaces" | "orphans"> {
  const addressesOf = (...actions: readonly ShownResource["action"][]) =>
    listed(page.resources.filter(({ action }) => actions.includes(action)).map(({ address }) => address));
  return {
    empty: page.empty,
    counts: page.counts,
    destroys: addressesOf("destroy", "forget"),
    replaces: addressesOf("replace"),
    orphans: listed(page.orphans),
  };
}

const LISTED = 5;
const ADDRESS_BYTES = 120;

function listed(all: readonly string[]): PlanOutput["destroys"] {
  return { count: all.length, first: all.slice(0, LISTED).map(cutAddress) };
}

/** The end of an address tells more than its beginning, and an address counts in bytes: the event's size is a promise. */
function cutAddress(address: string): string {
  if (Buffer.byteLength(address) <= ADDRESS_BYTES) return address;
  let kept = [...address];
  while (Buffer.byteLength(`…${kept.join("")}`) > ADDRESS_BYTES) kept = kept.slice(1);
  return `…${kept.join("")}`;
}
