import { PrincipalId, RequestId } from "@sluice/events";
import { durationInWords } from "@sluice/text";
import * as z from "zod";
import type { ClickRefusal } from "./clicker.ts";
import type { Instant } from "./record.ts";

/** How much one person, or one other system, may have and ask for (stacks/quotas.ts). */
export const Quotas = z.strictObject({
  /** Of a person, until each has ended. */
  openRequests: z.int().min(1),
  /** Of a person, plans made again included. */
  plansAnHour: z.int().min(1),
  /** Of another system, refused ones included. */
  proposalsAnHour: z.int().min(1),
});
export type Quotas = z.infer<typeof Quotas>;

/**
 * What one person or other system has used up. It names what was counted instead of counting it, so that nothing is counted twice and each can be given back; it is
 * as long as the quotas allow and no longer.
 */
export const Used = z.object({
  principal: PrincipalId,
  /** Grows by one with every stored change; 0 when nothing was ever stored. */
  version: z.int().min(0),
  /** Requests of a person that have a place, until they end. */
  open: z.array(RequestId).readonly(),
  /** Whole hours since 1970: the one in which something was counted last. */
  hour: z.int().min(0),
  /** What a plan was asked for by in that hour: the request's id, or the click's that wants another one. */
  plans: z.array(z.string()).readonly(),
  /** Proposals of another system in that hour. */
  proposals: z.array(z.string()).readonly(),
});
export type Used = Readonly<z.infer<typeof Used>>;

/** The quota that has nothing left. */
export type UsedUp = "open" | "plans" | "proposals";

const HOUR_MS = 60 * 60_000;

function hourOf(now: Instant): number {
  return Math.floor(now / HOUR_MS);
}

export function nothingUsed(principal: PrincipalId): Used {
  return { principal, version: 0, open: [], hour: 0, plans: [], proposals: [] };
}

/** With a place and a plan for a request, or the quota that has none. A request that has its place was counted before. */
export function withRequest(before: Used, request: RequestId, quotas: Quotas, now: Instant): Used | UsedUp {
  if (before.open.includes(request)) return before;
  if (before.open.length >= quotas.openRequests) return "open";
  const counted = withPlan(before, request, quotas, now);
  return typeof counted === "string" ? counted : { ...counted, open: [...before.open, request] };
}

/** With one more plan of this hour. `by`: the same one is counted once. */
export function withPlan(before: Used, by: string, { plansAnHour }: Quotas, now: Instant): Used | UsedUp {
  return counted(before, "plans", by, plansAnHour, now);
}

/** With one more proposal of this hour. `proposal`: the same one is counted once. */
export function withProposal(before: Used, proposal: string, quotas: Quotas, now: Instant): Used | UsedUp {
  return counted(before, "proposals", proposal, quotas.proposalsAnHour, now);
}

/** Without a request's place: it has ended, or never began. Its plan stays counted. */
export function withoutRequest(before: Used, request: RequestId): Used {
  if (!before.open.includes(request)) return before;
  return { ...before, open: before.open.filter((each) => each !== request) };
}

/** Without a plan that was counted and then not asked for. */
export function withoutPlan(before: Used, by: string): Used {
  if (!before.plans.includes(by)) return before;
  return { ...before, plans: before.plans.filter((each) => each !== by) };
}

function counted(before: Used, of: "plans" | "proposals", id: string, most: number, now: Instant): Used | UsedUp {
  // Never back: two functions' clocks may differ at the turn of an hour.
  const current = hourOf(now) > before.hour ? { ...before, hour: hourOf(now), plans: [], proposals: [] } : before;
  if (current[of].includes(id)) return before;
  return current[of].length >= most ? of : { ...current, [of]: [...current[of], id] };
}

/** What whoever has used up a quota is told, and when it is worth another try. */
export function quotaRefusal(of: UsedUp, quotas: Quotas, now: Instant, partner = ""): ClickRefusal {
  const again = durationInWords((hourOf(now) + 1) * HOUR_MS - now);
  switch (of) {
    case "open":
      return {
        code: "too_many_open",
        sentence: `You have ${quotas.openRequests} open requests, which is as many as one person may have. Ask again when one of them has ended, or withdraw one: /sluice status lists them.`,
      };
    case "plans":
      return {
        code: "too_many_plans",
        sentence: `You have asked for ${quotas.plansAnHour} plans in this hour, which is as many as one person may. Ask again in ${again}.`,
      };
    case "proposals":
      return {
        code: "too_many_proposals",
        sentence: `${partner} has sent ${quotas.proposalsAnHour} proposals in this hour, which is as many as it may. Send this one again in ${again}.`,
      };
  }
}
