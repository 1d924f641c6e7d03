import type {
  DataOf,
  EventOf,
  GateRef,
  PlanOutput,
  PrincipalId,
  plan,
  RequestAccepted,
  RequestId,
  Sha256,
  SlackIdentity,
  Slip,
  StepName,
} from "@sluice/events";
import type { GrantClaims, Owed, StepRequest } from "@sluice/steps";
import type { Gate, Instant, Judges } from "./gate.ts";

/** What `request.accepted` fixed, and whether the request has ended. */
export type Standing = Readonly<{ digest: Sha256; askedBy: readonly PrincipalId[]; closed: boolean }>;

/** A copy of `plan.completed` of our own: what is shown and signed never comes from a slip. */
export type PlanCopy = DataOf<typeof plan.completed>;

export interface ApprovalStore {
  standing(request: RequestId): Promise<Standing | undefined>;
  /** Kept once; a second acceptance changes nothing. */
  keepAcceptance(event: EventOf<typeof RequestAccepted>): Promise<void>;
  /** Closes the request and every gate of it that is open. Also where nothing is known of it yet. */
  close(request: RequestId): Promise<void>;

  /** Kept once per event, unjudged: it came before what it is judged by. */
  keepEarly(event: StepRequest): Promise<void>;
  early(request: RequestId): Promise<readonly StepRequest[]>;
  /** Kept once per gate and attempt: a slip that was checked, which the gate goes on with. */
  keepSlip(ref: GateRef, slip: Slip): Promise<void>;
  slipOf(ref: GateRef): Promise<Slip | undefined>;

  keepPlan(copy: PlanCopy): Promise<void>;
  planOf(request: RequestId, step: StepName, attempt: number): Promise<PlanOutput | undefined>;

  gate(ref: Pick<GateRef, "request" | "step">): Promise<Gate | undefined>;
  /** Stores a gate where there is none, or an older attempt. Says false when there is one already, or the request has ended. */
  open(gate: Gate, grant?: string): Promise<boolean>;
  /** Stores `after` if the gate is still `before`. Says false when it is not: somebody else was first. */
  replace(before: Gate, after: Gate, grant?: string): Promise<boolean>;
  grantOf(ref: GateRef): Promise<string | undefined>;
}

export interface Judging {
  /** Who clicked and who may approve, read now and uncached. Nobody when it cannot be known. */
  judges(groups: readonly string[], who?: SlackIdentity): Promise<Judges>;
}

export interface GrantSigner {
  /** A compact JWS over the claims. */
  sign(claims: GrantClaims): Promise<string>;
}

export type Ports = Readonly<{
  store: ApprovalStore;
  directory: Judging;
  signer: GrantSigner;
  publish(owed: readonly Owed[]): Promise<void>;
  now(): Instant;
}>;
