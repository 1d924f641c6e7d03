import type { EnvironmentTable } from "@sluice/blueprints";
import type { DirectoryReader } from "@sluice/directory";
import type { Builds, Hosts, JobObjects, JobStore } from "@sluice/jobs";
import type { Owed, StepRequest } from "@sluice/steps";

/** A message to the service's own queue: it wakes, and decides nothing. */
export type Wake = Readonly<
  | { message: "request.due"; environment: string; request: string }
  | { message: "workspace.due"; environment: string; workspace: string }
  | { message: "step.kept"; event: StepRequest }
>;

/** Steps that came before their request's acceptance. */
export type EarlySteps = Readonly<{
  keep(event: StepRequest): Promise<void>;
  of(request: string): Promise<readonly StepRequest[]>;
}>;

export type Ports = Readonly<{
  store: JobStore;
  early: EarlySteps;
  builds: Builds;
  objects: JobObjects;
  /** PEM of the only key whose grants count. */
  grantKey(): Promise<string>;
  /** Read at each decision, uncached. */
  directory: DirectoryReader;
  environments: EnvironmentTable;
  /** How hosts are reached in this installation. */
  hosts: Hosts;
  publish(owed: readonly Owed[]): Promise<void>;
  wake(messages: readonly Wake[]): Promise<void>;
  /** Milliseconds since 1970. */
  now(): number;
}>;
