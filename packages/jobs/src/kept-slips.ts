import { Slip, type StepName } from "@sluice/events";
import type { Step } from "@sluice/steps";
import { jobKey } from "./job-id.ts";
import type { JobStore } from "./job-store.ts";
import { slipKey } from "./keys.ts";
import type { RequestItem } from "./request-item.ts";

/** Keeps the slip as it came with an attempt, the first time. */
export async function keepSlip(store: JobStore, { slip, name, attempt }: Step<unknown>): Promise<void> {
  const { environment, request } = slip.itinerary;
  const key = slipKey(environment, request, jobKey({ step: name, attempt }));
  await store.commit([{ is: "beside", key, value: { slip } }]); // "lost": it was kept already.
}

/** @throws when an attempt that was taken up has no slip, which would be a defect. */
export async function keptSlip(
  store: JobStore,
  { environment, request }: Pick<RequestItem, "environment" | "request">,
  { step, attempt }: Readonly<{ step: StepName; attempt: number }>,
): Promise<Slip> {
  const kept = await store.beside(slipKey(environment, request, jobKey({ step, attempt })));
  return Slip.parse(kept?.slip);
}
