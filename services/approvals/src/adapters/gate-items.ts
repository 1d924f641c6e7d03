import { DUE_SHARD } from "@sluice/doors";
import type { GateRef } from "@sluice/events";
import type { Gate } from "../core/gate.ts";

/** Items of one request lie under one key; the gate is keyed without its attempt, because a newer one takes its place. */
export const requestKey = (request: string) => ({ pk: request, sk: "request" });
export const gateKey = ({ request, step }: Pick<GateRef, "request" | "step">) => ({ pk: request, sk: `gate#${step}` });
export const earlyKey = (request: string, event: string) => ({ pk: request, sk: `early#${event}` });
export const slipKey = ({ request, step, attempt }: GateRef) => ({ pk: request, sk: `slip#${step}#${attempt}` });
export const planKey = (request: string, step: string, attempt: number) => ({
  pk: request,
  sk: `plan#${step}#${attempt}`,
});
export const grantKey = ({ request, step, attempt }: GateRef) => ({ pk: request, sk: `grant#${step}#${attempt}` });

/** A gate as an item. It is in the index of what is due only while it is open. */
export function toItem(gate: Gate): Record<string, unknown> {
  return {
    ...gateKey(gate.ref),
    gate,
    attempt: gate.ref.attempt,
    version: gate.version,
    status: gate.status,
    ...(gate.status === "open" && { dueShard: DUE_SHARD, dueAt: gate.expiresAt }),
  };
}

export function toGate(item: Record<string, unknown> | undefined): Gate | undefined {
  return item?.gate as Gate | undefined;
}
