import { GateRef } from "@sluice/events";
import * as z from "zod";

const DueGate = z.object({ sk: z.string().startsWith("gate#"), gate: z.object({ ref: GateRef }) });

/** The wake of an item that the sweep found: a gate whose time is over. Nothing when it is no item of ours. */
export function dueGate(item: Record<string, unknown>) {
  const due = DueGate.safeParse(item).data;
  return due && { message: "gate.due", gate: due.gate.ref };
}
