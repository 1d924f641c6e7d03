import type { ResourceChange } from "../terraform/plan-json.ts";
import { changedAttributes } from "./attributes.ts";
import type { PlanPage, ShownValue } from "./page.ts";
import type { Secrets } from "./secrets.ts";

/**
 * What somebody changed outside of Terraform. After a first apply providers report null for "", [] and {}: that is how they write it down, not a change,
 * and Terraform's own text shows none of it.
 */
export function driftOf(changes: readonly ResourceChange[], secrets: Secrets): PlanPage["drift"] {
  return changes.flatMap(({ address, change }): PlanPage["drift"] => {
    if (change.actions.includes("delete")) return [{ address, action: "destroy", attributes: [] }];
    const attributes = changedAttributes(change, secrets).filter(
      ({ before, after }) => !(isNothing(before) && isNothing(after)),
    );
    return attributes.length > 0 ? [{ address, action: "update", attributes }] : [];
  });
}

function isNothing(side: ShownValue | undefined): boolean {
  if (!side) return true;
  if ("hidden" in side) return false;
  const { value } = side;
  return value === "" || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
}
