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
  /** Who had approved before and might not any more by the directory of this decision: their approvals did not count when it was judged. */
  lapsed?: readonly PrincipalId[];
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

/** A late click is a click on a world that has changed (docs/design.md, rule 9). */
const STALE_AFTER_MS = 15 * 60_000;

/** What is already decided by this click, or last by the same person in the same way. */
export function decisionBy({ decisions }: Gate, { cause, verdict }: Click, { by }: Judges): Decision | undefined {
  return (
    decisions.find((each) => each.cause === cause) ??
    decisions.findLast((each) => each.by === by && each.verdict === verdict)
  );
}

/** Whose approvals count as of the last of these decisions: each person once, and the latest of them where more than the needed ones do. */
export function counted({ decisions, needed }: Pick<Gate, "decisions" | "needed">): readonly PrincipalId[] {
  const lapsed = decisions.at(-1)?.lapsed ?? [];
  return approversIn(decisions)
    .filter((by) => !lapsed.includes(by))
    .slice(-needed);
}

/** Each person who approved, once, by their last approval. */
function approversIn(decisions: readonly Decision[]): PrincipalId[] {
  const all = decisions.filter(({ verdict }) => verdict === "approve").map(({ by }) => by);
  return all.filter((by, at) => all.lastIndexOf(by) === at);
}

/**
 * What a decision makes of a gate. Pure: the caller stores the result on the condition that the gate is unchanged.
 *
 * Every approval is counted anew by the directory of this decision: who has left since, or turns out to have asked for it, does not count any more.
 * The same person deciding again, the same way, changes nothing unless other people count by now: the answer is the gate as it is. So does a click that was
 * delivered twice, whatever has become of the person meanwhile.
 */
export function judge(gate: Gate, attempt: number, click: Click, judges: Judges, now: Instant): Gate | Refusal {
  const { verdict, reason, signedAt, cause } = click;
  const { by, approvers, version } = judges;
  if (attempt < gate.ref.attempt) return "older_attempt";
  const before = decisionBy(gate, click, judges);
  if (before && (before.cause === cause || gate.status !== "open")) return gate;
  if (!by) return "unknown_person";
  if (gate.status !== "open") return "closed";
  if (now >= gate.expiresAt) return "expired";
  if (now - signedAt > STALE_AFTER_MS) return "stale";
  if (gate.askedBy.includes(by)) return "own_request";
  if (!approvers.has(by)) return "not_an_approver";
  if (verdict === "reject" && !reason?.trim()) return "reason_missing";

  const lapsed = approversIn(gate.decisions).filter((each) => !approvers.has(each) || gate.askedBy.includes(each));
  const decision = {
    by,
    verdict,
    ...(reason && { reason }),
    ...(lapsed.length > 0 && { lapsed }),
    directoryVersion: version,
    at: now,
    cause,
  };
  const after = { ...gate, decisions: [...gate.decisions, decision] };
  if (verdict === "reject") return { ...after, status: "denied", endedAt: now };

  const [had, have] = [counted(gate), counted(after)];
  if (before && had.length === have.length && have.every((each) => had.includes(each))) return gate;
  return have.length >= gate.needed ? { ...after, status: "granted", endedAt: now } : after;
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
