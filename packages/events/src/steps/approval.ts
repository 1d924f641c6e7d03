import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { defineAsked } from "../define-step.ts";
import { GateRef, PrincipalId, Reason, Sha256, StepName } from "../identifiers.ts";

/** Compact JWS (ES256). */
export const Grant = z
  .string()
  .max(2_500)
  .regex(/^[\w-]+\.[\w-]+\.[\w-]+$/);

export const DecidedBy = z.union([
  z.array(PrincipalId).min(1).max(5),
  z.strictObject({ rule: z.enum(["automatic", "empty-plan"]) }),
]);
export type DecidedBy = z.infer<typeof DecidedBy>;

const gate = { request: "req_7k3m9qx2", step: "approve", attempt: 1 };

export const ApprovalRequested = defineAsked("approval", ["sluice.provisioner"]);

export const ApprovalOpened = defineEvent({
  type: "approval.opened.v1",
  says: "A gate is open and waits for people. Nobody has decided yet.",
  sources: ["sluice.approvals"],
  data: () =>
    z.strictObject({
      gate: GateRef,
      of: z
        .strictObject({ step: StepName, attempt: GateRef.shape.attempt })
        .describe("The plan that the gate is about"),
      approvers: z
        .array(PrincipalId)
        .max(50)
        .describe("Who could decide when it opened; judged again at each decision"),
      groups: z.array(z.string().max(40)).max(5),
      needed: z.int().min(1).max(5),
      until: z.iso.datetime(),
      destructive: z.boolean(),
      changeDigest: Sha256,
    }),
  example: {
    gate,
    of: { step: "plan", attempt: 1 },
    approvers: ["person_carol", "person_dan"],
    groups: ["infrastructure"],
    needed: 1,
    until: "2026-11-23T16:00:00.000Z",
    destructive: false,
    changeDigest: "9f3a61c2".padEnd(64, "0"),
  },
});

export const ApprovalGranted = defineEvent({
  type: "approval.granted.v1",
  says: "A gate was passed and its grant is signed. Nothing has been applied yet.",
  sources: ["sluice.approvals"],
  data: () =>
    z.strictObject({
      gate: GateRef,
      grant: Grant,
      decidedBy: DecidedBy,
      grantedAt: z.iso.datetime(),
      seconds: z.number().min(0),
    }),
  example: {
    gate,
    grant: "eyJhbGciOiJFUzI1NiJ9.eyJqdGkiOiIuLi4ifQ.c2lnbmF0dXJl",
    decidedBy: ["person_carol"],
    grantedAt: "2026-11-23T12:09:00.000Z",
    seconds: 540,
  },
});

export const ApprovalDenied = defineEvent({
  type: "approval.denied.v1",
  says: "A gate was closed without a grant: rejected, or nobody decided in time. Nothing will be applied for it.",
  sources: ["sluice.approvals"],
  data: () =>
    z.strictObject({
      gate: GateRef,
      how: z.enum(["rejected", "expired"]),
      by: PrincipalId.optional(),
      reason: Reason.optional(),
      deniedAt: z.iso.datetime(),
      seconds: z.number().min(0),
    }),
  example: {
    gate,
    how: "rejected",
    by: "person_carol",
    reason: "use the shared cluster",
    deniedAt: "2026-11-23T12:09:00.000Z",
    seconds: 540,
  },
});

/**
 * The one kind that ends in decisions instead of results. Its entry in the slip's log is the grant.
 * It has the same parts as `defineStep` gives, so that blueprints and owners treat all kinds alike.
 */
export const approval = {
  kind: "approval",
  title: "Approval",
  whenFailed: "ends",
  changes: false,
  repeats: "by itself",
  owner: "sluice.approvals",
  askedBy: ["sluice.provisioner"],
  config: z.strictObject({ of: StepName, policy: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/) }),
  output: z.strictObject({ grant: Grant, decidedBy: DecidedBy }),
  maxOutputBytes: 2_900,
  requested: ApprovalRequested,
  completed: ApprovalGranted,
  failed: ApprovalDenied,
} as const;
