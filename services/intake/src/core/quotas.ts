import type { PrincipalId } from "@sluice/events";
import { durationInWords } from "@sluice/slack";
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

/** One more of what is bounded, which is stored with what uses it or not at all. */
export type OpenUse = Readonly<{ of: "open"; by: PrincipalId; most: number }>;
/** `hour`: whole hours since 1970. */
export type HourlyUse = Readonly<{ of: "plans" | "proposals"; by: PrincipalId; most: number; hour: number }>;
export type Use = OpenUse | HourlyUse;

const HOUR_MS = 60 * 60_000;

export function hourOf(now: Instant): number {
  return Math.floor(now / HOUR_MS);
}

/** What an accepted request of a person uses up. */
export function usesOfRequest(by: PrincipalId, quotas: Quotas, now: Instant): readonly Use[] {
  return [{ of: "open", by, most: quotas.openRequests }, planUse(by, quotas, now)];
}

export function planUse(by: PrincipalId, { plansAnHour }: Quotas, now: Instant): HourlyUse {
  return { of: "plans", by, most: plansAnHour, hour: hourOf(now) };
}

export function proposalUse(by: PrincipalId, { proposalsAnHour }: Quotas, now: Instant): HourlyUse {
  return { of: "proposals", by, most: proposalsAnHour, hour: hourOf(now) };
}

/** What whoever has used up a quota is told, and when it is worth another try. */
export function quotaRefusal(of: Use["of"], quotas: Quotas, now: Instant, partner = ""): ClickRefusal {
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
