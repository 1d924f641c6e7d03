import type { GateRef } from "@sluice/events";
import { asItStands, expire } from "./gate.ts";
import { owedWhenDenied } from "./owed.ts";
import type { Ports } from "./ports.ts";

/** Refuses in time's name what nobody decided. Safe to repeat; a gate that is not due is left as it is. */
export async function expireGate(ports: Ports, ref: GateRef): Promise<void> {
  const before = asItStands(await ports.store.gate(ref), await ports.store.standing(ref.request));
  if (!before || before.ref.attempt !== ref.attempt) return; // Superseded: that one's time does not matter any more.

  const after = expire(before, ports.now());
  const expired = after.status === "denied" && !after.decisions.some(({ verdict }) => verdict === "reject");
  if (!expired) return;
  if (after !== before && !(await ports.store.replace(before, after))) return expireGate(ports, ref);
  await ports.publish(owedWhenDenied(after));
}
