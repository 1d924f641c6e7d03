import {
  ApprovalDenied,
  ApprovalGranted,
  ApprovalOpened,
  DecisionRecorded,
  DecisionRefused,
  type EventId,
  type GateRef,
  type PrincipalId,
  type Slip,
} from "@sluice/events";
import { type Cause, type Owed, owe, owedNext } from "@sluice/steps";
import { decidedBy } from "./claims.ts";
import { type Click, counted, type Decision, type Gate, isDestructive, type Judges, type Refusal } from "./gate.ts";

const because = (cause: EventId): Cause => ({ cause, causationId: cause, actor: "service:approvals" });
const iso = (instant: number) => new Date(instant).toISOString();

/** An open gate owes the news of it to whoever asked. */
export function owedWhileOpen(gate: Gate, approvers: Iterable<PrincipalId>): readonly Owed[] {
  const { ref, of, groups, needed, expiresAt, plan, cause } = gate;
  const candidates = [...approvers].filter((id) => !gate.askedBy.includes(id)).slice(0, 50);
  return [
    owe(
      ApprovalOpened,
      ref.request,
      {
        gate: ref,
        of,
        approvers: candidates,
        groups: [...groups],
        needed,
        until: iso(expiresAt),
        destructive: isDestructive(plan),
        changeDigest: plan.changeDigest,
      },
      because(cause),
    ),
  ];
}

/** A passed gate owes its grant and the next step, always with the cause that passed it. */
export function owedWhenGranted(gate: Gate, grant: string, slip: Slip): readonly Owed[] {
  const { ref, openedAt, endedAt = openedAt } = gate;
  const cause = because(gate.rule ? gate.cause : (gate.decisions.at(-1)?.cause ?? gate.cause));
  const by = decidedBy(gate);
  const granted = owe(
    ApprovalGranted,
    ref.request,
    { gate: ref, grant, decidedBy: by, grantedAt: iso(endedAt), seconds: (endedAt - openedAt) / 1_000 },
    cause,
  );
  const next = owedNext(slip, ref.step, ref.attempt, { grant, decidedBy: by }, cause);
  return next ? [granted, next] : [granted];
}

/** A gate that was closed without a grant owes the reason: a person's, or that nobody decided in time. */
export function owedWhenDenied({ ref, decisions, openedAt, endedAt = openedAt, cause }: Gate): readonly Owed[] {
  const rejection = decisions.find((each) => each.verdict === "reject");
  return [
    owe(
      ApprovalDenied,
      ref.request,
      {
        gate: ref,
        how: rejection ? "rejected" : "expired",
        ...(rejection && { by: rejection.by, reason: rejection.reason ?? "" }),
        deniedAt: iso(endedAt),
        seconds: (endedAt - openedAt) / 1_000,
      },
      rejection ? because(rejection.cause) : { cause: `expiry of ${cause}`, actor: "service:approvals" },
    ),
  ];
}

/** A decision that counts is told, and what it led to if it was the last one: a redelivered earlier one owes only itself. */
export function owedAfterDecision(
  gate: Gate,
  decision: Decision,
  grant: string | undefined,
  slip: Slip,
): readonly Owed[] {
  const { by, verdict, reason, lapsed, at, cause } = decision;
  const upTo = { ...gate, decisions: gate.decisions.slice(0, gate.decisions.indexOf(decision) + 1) };
  const recorded = owe(
    DecisionRecorded,
    gate.ref.request,
    {
      gate: gate.ref,
      by,
      verdict,
      ...(reason && { reason }),
      ...(lapsed && { lapsed: lapsed.slice(0, 20) }),
      have: counted(upTo).length,
      needed: gate.needed,
      at: iso(at),
    },
    { ...because(cause), actor: by },
  );
  if (gate.decisions.at(-1) !== decision) return [recorded];
  if (gate.status === "granted" && grant) return [recorded, ...owedWhenGranted(gate, grant, slip)];
  if (gate.status === "denied") return [recorded, ...owedWhenDenied(gate)];
  return [recorded];
}

/** A refused click owes its sender the reason, and who could decide. */
export function owedAfterRefusal(
  gate: Gate,
  clicked: GateRef,
  code: Refusal,
  { who, cause }: Click,
  { approvers }: Judges,
): readonly Owed[] {
  const decided = howItEnded(gate, clicked);
  return [
    owe(
      DecisionRefused,
      gate.ref.request,
      {
        gate: clicked,
        code,
        who,
        ...(decided && { decided }),
        approvers: [...approvers].filter((id) => !gate.askedBy.includes(id)).slice(0, 10),
        groups: [...gate.groups],
      },
      { ...because(cause), actor: `slack:${who.team}/${who.user}` },
    ),
  ];
}

function howItEnded(gate: Gate, clicked: GateRef) {
  const at = iso(gate.endedAt ?? gate.openedAt);
  if (clicked.attempt < gate.ref.attempt) return { how: "superseded" as const, at: iso(gate.openedAt) };
  const last = gate.decisions.at(-1);
  if (gate.status === "granted") return { how: "approved" as const, at, ...(last && { by: last.by }) };
  if (gate.status === "denied")
    return last?.verdict === "reject" ? { how: "rejected" as const, at, by: last.by } : { how: "expired" as const, at };
  return gate.status === "closed" ? { how: "ended" as const, at } : undefined;
}
