import { type Change, end, jobKey, outcomeKey, type RequestItem, untilCommitted } from "@sluice/jobs";
import type { GrantExpectation, StepOutcome } from "@sluice/steps";
import { type Claim, type ClaimRefusal, claim } from "./claims.ts";
import type { Ports } from "./ports.ts";
import { claimed as claimedChanges } from "./transactions.ts";

const NO_APPLIES = new Map();

/**
 * Claims an apply that builds will do; its own item says what the grant must say, by our record. Claiming it again finds it.
 *
 * @param expected judged by the build once more
 */
export function claimApply(
  { store, now }: Pick<Ports, "store" | "now">,
  where: Readonly<{ environment: string; request: string }>,
  wanted: Claim,
  expected: GrantExpectation,
): Promise<"done" | ClaimRefusal> {
  const key = jobKey(wanted);
  return change<ClaimRefusal>(store, where, (item) => {
    const claimed = claim(item, wanted, NO_APPLIES, now());
    if (typeof claimed === "string") return claimed;
    if (claimed === item) return [];
    return claimedChanges({ before: item, after: claimed, key, job: wanted.job }, expected);
  });
}

/** Claims an attempt and ends it at once with an answer of the service's own: no build is needed, and none is ever started for it. */
export function answerStep(
  { store, now }: Pick<Ports, "store" | "now">,
  where: Readonly<{ environment: string; request: string }>,
  wanted: Claim,
  outcome: StepOutcome,
): Promise<"done" | ClaimRefusal> {
  const key = jobKey(wanted);
  return change<ClaimRefusal>(store, where, (item) => {
    const claimed = claim(item, wanted, NO_APPLIES, now());
    if (typeof claimed === "string") return claimed;
    if (claimed === item) return [];
    return [
      { is: "request", before: item, after: end(claimed, key, "answered", {}, now()) },
      { is: "beside", key: outcomeKey(item.environment, item.request, key), value: { outcome } },
    ];
  });
}

function change<R extends string>(
  store: Ports["store"],
  { environment, request }: Readonly<{ environment: string; request: string }>,
  transition: (item: RequestItem) => readonly Change[] | R,
): Promise<"done" | R> {
  return untilCommitted<"done" | R>(async () => {
    const before = await store.request(environment, request);
    if (!before) throw new Error(`Nothing is known of ${request} in ${environment}`);
    const changes = transition(before);
    if (typeof changes === "string") return changes;
    return changes.length === 0 ? "done" : store.commit(changes);
  });
}
