import * as z from "zod";
import {
  Attempt,
  EnvironmentName,
  ObjectRef,
  Parameters,
  PrincipalId,
  Reason,
  RequestId,
  Sha256,
  StepName,
  WorkspaceName,
} from "./identifiers.ts";

/** The service that owns a step kind, or an outside owner. */
export const StepKind = z.string().regex(/^[a-z][a-z0-9-]{1,29}$/);

export const ItineraryStep = z.strictObject({
  name: StepName,
  kind: StepKind,
  config: z.record(z.string(), z.json()),
});

/** What never changes about a request. Its RFC 8785 form is what the itinerary digest is taken over. */
export const Itinerary = z.strictObject({
  request: RequestId,
  requester: PrincipalId,
  onBehalfOf: PrincipalId.optional(),
  reason: Reason.optional(),
  blueprint: z.strictObject({ id: z.string().regex(/^[a-z][a-z0-9-]{1,39}$/), version: z.int().min(1) }),
  subject: z.string().min(1).max(120).describe("What it is about, for people: Virtual machine web-7"),
  environment: EnvironmentName,
  workspace: WorkspaceName,
  parameters: Parameters,
  steps: z.array(ItineraryStep).min(1).max(12),
  code: ObjectRef.describe("The code release that every build of this request runs"),
  askedAt: z.iso.datetime(),
});

export const SlipEntry = z.strictObject({
  step: StepName,
  attempt: Attempt,
  output: z.record(z.string(), z.json()),
});

/** Hohpe & Woolf's routing slip: the itinerary and what has been done. Any step owner could write it, so authority never rests on it. */
export const Slip = z.strictObject({ itinerary: Itinerary, digest: Sha256, log: z.array(SlipEntry).max(12) });

export type ItineraryStep = z.infer<typeof ItineraryStep>;
export type Itinerary = z.infer<typeof Itinerary>;
export type SlipEntry = z.infer<typeof SlipEntry>;
export type Slip = z.infer<typeof Slip>;
