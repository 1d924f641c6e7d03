import type { EventId, GateRef, PlanOutput, PrincipalId, SlackIdentity } from "@sluice/events";

/** Milliseconds since 1970, UTC. */
export type Instant = number;

export type Click = Readonly<{
  who: SlackIdentity;
  verdict: "approve" | "reject";
  reason?: string | undefined;
  /** When Slack signed the click, not when we heard of it. */
  signedAt: Instant;
  /** The event that brought it: a redelivered click is the same click. */
  cause: EventId;
}>;

/** What the directory said about one click, at the version that it was judged by. */
export type Judges = Readonly<{ by?: PrincipalId | undefined; approvers: ReadonlySet<PrincipalId>; version: string }>;

export type Decision = Readonly<{
  by: PrincipalId;
  verdict: "approve" | "reject";
  reason?: string;
  directoryVersion: string;
  at: Instant;
  cause: EventId;
}>;

export type Gate = Readonly<{
  ref: GateRef;
  status: "open" | "granted" | "denied" | "closed";
  /** Grows by one with every stored change. */
  version: number;
  /** Who asked, and on whose behalf: none of them may decide. */
  askedBy: readonly PrincipalId[];
  groups: readonly string[];
  needed: number;
  /** The plan that is approved, as approvals itself heard of it. */
  of: Readonly<{ step: GateRef["step"]; attempt: number }>;
  plan: PlanOutput;
  /** The id of the `approval.requested` that opened it. */
  cause: EventId;
  openedAt: Instant;
  expiresAt: Instant;
  decisions: readonly Decision[];
  /** Set when no person had to decide. */
  rule?: "automatic" | "empty-plan";
  /** Set when it ended, other than by the end of its request. */
  endedAt?: Instant;
}>;

export type Refusal =
  | "closed"
  | "older_attempt"
  | "expired"
  | "stale"
  | "unknown_person"
  | "own_request"
  | "not_an_approver"
  | "reason_missing";

/** A late click is a click on a world that has changed (design §3, rule 9). */
const STALE_AFTER_MS = 15 * 60_000;

/** What is already decided by this click, or by the same person in the same way: either changes nothing. */
export function decisionBy({ decisions }: Gate, { cause, verdict }: Click, { by }: Judges): Decision | undefined {
  return decisions.find((each) => each.cause === cause || (each.by === by && each.verdict === verdict));
}

/**
 * What a decision makes of a gate. Pure: the caller stores the result on the condition that the gate is unchanged.
 *
 * The same person deciding again, the same way, changes nothing: the answer is the gate as it is. So does a click that was delivered twice, whatever has
 * become of the person meanwhile.
 */
export function judge(gate: Gate, attempt: number, click: Click, judges: Judges, now: Instant): Gate | Refusal {
  const { verdict, reason, signedAt, cause } = click;
  const { by, approvers, version } = judges;
  if (attempt < gate.ref.attempt) return "older_attempt";
  if (decisionBy(gate, click, judges)) return gate;
  if (!by) return "unknown_person";
  if (gate.status !== "open") return "closed";
  if (now >= gate.expiresAt) return "expired";
  if (now - signedAt > STALE_AFTER_MS) return "stale";
  if (gate.askedBy.includes(by)) return "own_request";
  if (!approvers.has(by)) return "not_an_approver";
  if (verdict === "reject" && !reason?.trim()) return "reason_missing";

  const decision = { by, verdict, ...(reason && { reason }), directoryVersion: version, at: now, cause };
  const decisions = [...gate.decisions, decision];
  if (verdict === "reject") return { ...gate, decisions, status: "denied", endedAt: now };

  const approvals = decisions.filter((each) => each.verdict === "approve").length;
  return approvals >= gate.needed ? { ...gate, decisions, status: "granted", endedAt: now } : { ...gate, decisions };
}

/** A gate of a request that has ended is closed, also while nobody has written that on it yet. */
export function asItStands(gate: Gate | undefined, request: { closed: boolean } | undefined): Gate | undefined {
  return gate?.status === "open" && request?.closed ? { ...gate, status: "closed" } : gate;
}

/** What time makes of a gate: silence is a refusal. The gate as it is, when it is not open or not due. */
export function expire(gate: Gate, now: Instant): Gate {
  return gate.status === "open" && now >= gate.expiresAt ? { ...gate, status: "denied", endedAt: now } : gate;
}

/** Whether a plan takes anything away: then a policy may ask for more approvers. */
export function isDestructive({ summary: { counts } }: PlanOutput): boolean {
  return counts.destroy + counts.replace + counts.forget > 0;
}
