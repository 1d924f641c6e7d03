import type { EnvironmentTable } from "@sluice/blueprints";
import type { DirectoryReader } from "@sluice/directory";
import type { Builds, EarlySteps, Hosts, JobObjects, JobRef, JobStore, Suspicion } from "@sluice/jobs";
import type { Owed, StepRequest } from "@sluice/steps";

/** A message to the service's own queue: it wakes, and decides nothing. */
export type Wake = Readonly<
  { message: "request.due"; environment: string; request: string } | { message: "step.kept"; event: StepRequest }
>;

export type Ports = Readonly<{
  store: JobStore;
  /** Steps that came before what must be known for them. */
  early: EarlySteps;
  builds: Builds;
  objects: JobObjects;
  /** PEM of the only key whose grants count. */
  grantKey(): Promise<string>;
  /** Read at each decision, uncached. */
  directory: DirectoryReader;
  environments: EnvironmentTable;
  /** Somebody has written in a job's place what no honest build leaves there. */
  suspect(of: JobRef, what: Suspicion): void;
  /** How hosts are reached in this installation. */
  hosts: Hosts;
  publish(owed: readonly Owed[]): Promise<void>;
  wake(messages: readonly Wake[]): Promise<void>;
  /** Milliseconds since 1970. */
  now(): number;
}>;
