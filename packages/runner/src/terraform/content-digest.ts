import type { Sha256 } from "@sluice/events";
import { digestOf } from "@sluice/steps";
import type { PlanJson } from "./plan-json.ts";

/**
 * What a plan says, whoever makes or shows it and whenever: SHA-256 of its RFC 8785 JSON without the time it was shown at. The file's own bytes differ between
 * plans that say the same.
 *
 * `relevant_attributes` is a set that Terraform lists in another order at each plan: its sort compares addresses in memory (`marshalRelevantAttrs` in
 * terraform/internal/command/jsonplan/plan.go).
 */
export function contentDigest({ timestamp: _, relevant_attributes, ...content }: PlanJson): Sha256 {
  if (!relevant_attributes) return digestOf(content);
  return digestOf({ ...content, relevant_attributes: relevant_attributes.map(digestOf).sort() });
}
