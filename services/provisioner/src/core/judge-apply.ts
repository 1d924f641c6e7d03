import { type apply, NonRetriableError } from "@sluice/events";
import { jobKey, type RequestItem } from "@sluice/jobs";
import { type GrantClaims, type GrantExpectation, grantedPlan, judgeGrant, readGrant, type Step } from "@sluice/steps";
import type * as z from "zod";
import { planOutputOf } from "./inputs.ts";
import type { Ports } from "./ports.ts";

export type ApplyStep = Step<z.infer<typeof apply.config>>;

/** A genuine grant, what it had to say by our own record, and whether it came in time. */
export type JudgedApply = Readonly<{ claims: GrantClaims; expected: GrantExpectation; inTime: boolean }>;

/**
 * Judges the grant that came with an apply against what the service knows by itself (design, rule 7). What was forged is parked; what is genuine and late is an answer.
 *
 * @throws NonRetriableError `grant_missing`, `grant_spent` or one of the grant's refusals: parked with its reason, the real request is left as it is.
 */
export async function judgeApply(
  { store, grantKey, now }: Pick<Ports, "store" | "grantKey" | "now">,
  item: RequestItem,
  step: ApplyStep,
): Promise<JudgedApply> {
  const entry = step.slip.log.find((each) => each.step === step.config.approval);
  const grant = entry?.output.grant;
  if (typeof grant !== "string") throw forged(step, "grant_missing");

  const claims = await readGrant(grant, await grantKey());
  if (typeof claims === "string") throw forged(step, claims);
  if (claims.gate.step !== step.config.approval) throw forged(step, "grant_of_another_plan");

  const own = { step: step.config.plan, attempt: claims.plan.attempt };
  const plan = await planOutputOf(store, item, own);
  if (!plan) throw forged(step, "grant_of_another_plan");
  const { request, environment, workspace, digest: itinerary } = item;
  if (!itinerary) throw forged(step, "grant_of_another_itinerary");
  const expected = { request, itinerary, environment, workspace, plan: grantedPlan(own, plan) };
  const verdict = judgeGrant(claims, expected, now());
  if (verdict !== "ok" && verdict !== "grant_expired") throw forged(step, verdict);

  const spent = await store.spentGrant(environment, claims.jti);
  if (spent && spent.job !== jobKey({ step: step.name, attempt: step.attempt })) throw forged(step, "grant_spent");
  return { claims, expected, inTime: verdict === "ok" };
}

function forged({ request, name, attempt }: ApplyStep, code: string): NonRetriableError {
  return new NonRetriableError(
    code,
    `The apply ${name} (${attempt}) of ${request} was refused before any build: ${code}`,
  );
}
