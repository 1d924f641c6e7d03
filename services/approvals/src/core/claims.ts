import { GRANT_EXPIRES_AFTER_MINUTES } from "@sluice/blueprints";
import type { DecidedBy, Slip } from "@sluice/events";
import { digestOf, type GrantClaims, grantedPlan } from "@sluice/steps";
import { counted, type Gate, type Instant } from "./gate.ts";

/** What a passed gate says. Its `jti` follows from the gate alone: two signatures of one gate are one grant. */
export function claimsOf(
  { ref, of, plan, endedAt }: Gate,
  slip: Slip,
  decidedBy: DecidedBy,
  now: Instant,
): GrantClaims {
  const decidedAt = Math.floor((endedAt ?? now) / 1_000);
  return {
    jti: digestOf([ref.request, ref.step, ref.attempt]),
    request: ref.request,
    itinerary: slip.digest,
    environment: slip.itinerary.environment,
    workspace: slip.itinerary.workspace,
    gate: { step: ref.step, attempt: ref.attempt },
    plan: grantedPlan(of, plan),
    decidedBy,
    iat: decidedAt,
    exp: decidedAt + GRANT_EXPIRES_AFTER_MINUTES * 60,
  };
}

/** By whose word the gate was passed. */
export function decidedBy(gate: Gate): DecidedBy {
  return gate.rule ? { rule: gate.rule } : [...counted(gate)];
}
