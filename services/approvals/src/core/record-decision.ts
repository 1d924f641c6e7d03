import { type GateRef, NonRetriableError } from "@sluice/events";
import { claimsOf, decidedBy } from "./claims.ts";
import { asItStands, type Click, decisionBy, type Gate, judge, type Refusal } from "./gate.ts";
import { owedAfterDecision, owedAfterRefusal } from "./owed.ts";
import type { Ports } from "./ports.ts";

/**
 * Judges one click, stores the decision, and publishes what is owed. Safe to repeat at any point: same state, same events.
 *
 * @throws NonRetriableError `unknown_gate` for a gate that was never opened
 */
export async function recordDecision(ports: Ports, clicked: GateRef, click: Click): Promise<void> {
  const { store, directory } = ports;
  const before = asItStands(await store.gate(clicked), await store.standing(clicked.request));
  if (!before || clicked.attempt > before.ref.attempt)
    throw new NonRetriableError(
      "unknown_gate",
      `A decision on a gate that was never opened: ${clicked.request}/${clicked.step}`,
    );

  const judges = await directory.judges(before.groups, click.who);
  const after = judge(before, clicked.attempt, click, judges, ports.now());
  if (isRefusal(after)) return ports.publish(owedAfterRefusal(before, clicked, after, click, judges));

  const slip = await store.slipOf(after.ref);
  if (!slip) throw new Error(`The gate ${clicked.request}/${clicked.step} has no slip`);
  const grant = await settle(ports, before, after, slip);
  if (grant === "lost") return recordDecision(ports, clicked, click); // Ends: each loss is another decision stored, or the end of the request.

  const decision = decisionBy(after, click, judges);
  if (decision) await ports.publish(owedAfterDecision(after, decision, grant, slip));
}

/** Signs before it stores, so that a stored decision never lacks its grant. Two signatures of one gate share a `jti` and are one grant. */
async function settle({ store, signer, now }: Ports, before: Gate, after: Gate, slip: Parameters<typeof claimsOf>[1]) {
  if (after === before) return store.grantOf(after.ref);

  const grant =
    after.status === "granted" ? await signer.sign(claimsOf(after, slip, decidedBy(after), now())) : undefined;
  return (await store.replace(before, after, grant)) ? grant : "lost";
}

function isRefusal(verdict: Gate | Refusal): verdict is Refusal {
  return typeof verdict === "string";
}
