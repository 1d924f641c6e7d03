import type { Builds, Hosts, JobObjects, JobStore } from "@sluice/jobs";
import type { Owed, StepRequest } from "@sluice/steps";

/** A message to the service's own queue: it wakes, and decides nothing. */
export type Wake = Readonly<
  { message: "request.due"; environment: string; request: string } | { message: "step.kept"; event: StepRequest }
>;

/** Steps that came before their request's acceptance, or before our own copy of the apply that they are about. */
export type EarlySteps = Readonly<{
  keep(event: StepRequest): Promise<void>;
  of(request: string): Promise<readonly StepRequest[]>;
}>;

export type Ports = Readonly<{
  store: JobStore;
  early: EarlySteps;
  builds: Builds;
  objects: JobObjects;
  /** How hosts are reached in this installation. */
  hosts: Hosts;
  publish(owed: readonly Owed[]): Promise<void>;
  wake(messages: readonly Wake[]): Promise<void>;
  /** Milliseconds since 1970. */
  now(): number;
}>;
