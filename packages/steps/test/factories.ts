import { type EventId, exampleSlip, Itinerary, type RequestId, StepName } from "@sluice/events";
import { newSlip, type StepRequest } from "../src/index.ts";

export const step = (name: string) => StepName.parse(name);
export const PLAN = step("plan");
export const APPROVE = step("approve");
export const APPLY = step("apply");

/** Plan, gate, apply, configuration and check, as every blueprint of ours has them. */
export const itinerary = (change: Partial<Itinerary> = {}): Itinerary => ({
  ...Itinerary.parse({
    ...exampleSlip.itinerary,
    steps: [
      { name: "plan", kind: "plan", config: { root: "probe" } },
      { name: "approve", kind: "approval", config: { of: "plan", policy: "infrastructure" } },
      { name: "apply", kind: "apply", config: { plan: "plan", approval: "approve" } },
      { name: "configure", kind: "configuration", config: { playbook: "probe", hosts: "build" } },
      { name: "check", kind: "scan", config: { profile: "probe", of: "apply" } },
    ],
  }),
  ...change,
});

export const REQUEST: RequestId = itinerary().request;
export const eventNumber = (n: number) => `evt_${String(n).padStart(32, "0")}` as EventId;
export const cause = (n = 1) => ({
  cause: eventNumber(n),
  causationId: eventNumber(n),
  actor: "service:provisioner",
});

export const planRequested = (change: Partial<StepRequest["data"]> = {}): StepRequest => ({
  type: "plan.requested.v1",
  metadata: { id: eventNumber(7), actor: "service:intake" },
  data: { request: REQUEST, step: PLAN, attempt: 1, slip: newSlip(itinerary()), ...change },
});
