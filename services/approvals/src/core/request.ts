import { approval, type EventOf, NonRetriableError, type RequestAccepted, type RequestId } from "@sluice/events";
import { performStep, type StepRequest } from "@sluice/steps";
import { openGate } from "./open-gate.ts";
import type { PlanCopy, Ports } from "./ports.ts";

/** A gate was asked for. It is opened as soon as the acceptance and the plan have been heard of, in whatever order they come. */
export function askForGate(ports: Ports, event: StepRequest): Promise<void> {
  const { store, publish } = ports;
  return performStep(
    approval,
    { standing: (request) => store.standing(request), keepEarly: (early) => store.keepEarly(early), publish },
    event,
    (step) => openGate(ports, step),
  );
}

/** Fixes what a request is, and opens what was asked for before. */
export async function acceptRequest(ports: Ports, event: EventOf<typeof RequestAccepted>): Promise<void> {
  await ports.store.keepAcceptance(event);
  await openWhatWaits(ports, event.data.itinerary.request);
}

/** Keeps our own copy of a plan, and opens the gate that waits for it. */
export async function keepPlan(ports: Ports, copy: PlanCopy): Promise<void> {
  await ports.store.keepPlan(copy);
  await openWhatWaits(ports, copy.request);
}

/** The request has ended: no gate of it can be passed any more. */
export function closeRequest({ store }: Ports, request: RequestId): Promise<void> {
  return store.close(request);
}

/** Also what was opened already: if we died before publishing, this is what publishes it. A forged one holds up none of the others, and is parked. */
async function openWhatWaits(ports: Ports, request: RequestId): Promise<void> {
  const forged: NonRetriableError[] = [];
  for (const event of await ports.store.early(request))
    try {
      await askForGate(ports, event);
    } catch (cause) {
      if (!(cause instanceof NonRetriableError)) throw cause;
      forged.push(cause);
    }
  if (forged[0]) throw forged[0];
}
