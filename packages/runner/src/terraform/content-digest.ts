import type { Sha256 } from "@sluice/events";
import { digestOf } from "@sluice/steps";
import type { PlanJson } from "./plan-json.ts";

/** What a plan says, whoever shows it and whenever: SHA-256 of its RFC 8785 JSON without the time it was shown at. The file's own bytes differ between plans that say the same. */
export function contentDigest(plan: PlanJson): Sha256 {
  const { timestamp: _, ...content } = plan;
  return digestOf(content);
}
