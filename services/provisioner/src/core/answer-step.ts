import { type Change, end, jobKey, outcomeKey, type RequestItem, untilCommitted } from "@sluice/jobs";
import type { StepOutcome } from "@sluice/steps";
import { type Claim, type ClaimRefusal, claim } from "./claims.ts";
import type { Ports } from "./ports.ts";

/** Claims an attempt that builds will do. Claiming it again finds it. */
export function claimStep(
  { store, now }: Pick<Ports, "store" | "now">,
  where: Readonly<{ environment: string; request: string }>,
  wanted: Claim,
): Promise<RequestItem | ClaimRefusal> {
  return change<ClaimRefusal>(store, where, (item) => {
    const claimed = claim(item, wanted, now());
    return typeof claimed === "string" ? claimed : { after: claimed, beside: [] };
  });
}

/** Claims an attempt and ends it at once with an answer of the service's own: no build is needed, and none is ever started for it. */
export function answerStep(
  { store, now }: Pick<Ports, "store" | "now">,
  where: Readonly<{ environment: string; request: string }>,
  wanted: Claim,
  outcome: StepOutcome,
): Promise<RequestItem | ClaimRefusal> {
  const key = jobKey(wanted);
  return change<ClaimRefusal>(store, where, (item) => {
    const claimed = claim(item, wanted, now());
    if (typeof claimed === "string") return claimed;
    if (item.jobs[key]) return { after: item, beside: [] };
    const beside = { is: "beside", key: outcomeKey(item.environment, item.request, key), value: { outcome } } as const;
    return { after: end(claimed, key, "answered", now()), beside: [beside] };
  });
}

function change<R extends string>(
  store: Ports["store"],
  { environment, request }: Readonly<{ environment: string; request: string }>,
  transition: (item: RequestItem) => Readonly<{ after: RequestItem; beside: readonly Change[] }> | R,
): Promise<RequestItem | R> {
  return untilCommitted<RequestItem | R>(async () => {
    const before = await store.request(environment, request);
    if (!before) throw new Error(`Nothing is known of ${request} in ${environment}`);
    const made = transition(before);
    if (typeof made === "string") return made;
    const { after, beside } = made;
    if (after === before) return before;
    return (await store.commit([{ is: "request", before, after }, ...beside])) === "done" ? after : "lost";
  });
}
