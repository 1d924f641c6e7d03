import * as z from "zod";
import { defineEvent, type Source } from "./define-event.ts";
import { Attempt, BuildId, ReasonCode, RequestId, Sentence, StepName } from "./identifiers.ts";
import { type Itinerary, Slip } from "./slip.ts";

const stepFields = { request: RequestId, step: StepName, attempt: Attempt };
const endedFields = {
  ...stepFields,
  seconds: z.number().min(0),
  build: BuildId.optional().describe("The build whose log tells more; absent when none was started"),
};

const exampleItinerary: z.input<typeof Itinerary> = {
  request: "req_7k3m9qx2",
  requester: "person_ada",
  reason: "load test for the June release",
  blueprint: { id: "probe", version: 1 },
  subject: "Probe smoke",
  environment: "staging",
  workspace: "probe-smoke",
  parameters: { name: "smoke", note: "hello", seconds: [0, 0, 0] },
  steps: [{ name: "plan", kind: "plan", config: { root: "probe" } }],
  code: { key: `releases/${"0".repeat(64)}.tar.gz`, versionId: "v1", sha256: "0".repeat(64) },
  askedAt: "2026-11-23T12:00:00.000Z",
};

/** A valid slip for examples and tests. */
export const exampleSlip: z.input<typeof Slip> = { itinerary: exampleItinerary, digest: "0".repeat(64), log: [] };
export const exampleStep = { request: "req_7k3m9qx2", step: "plan", attempt: 1 } as const;

/** The event that asks a kind's owner for work; it carries the slip. */
export function defineAsked<const K extends string>(kind: K, askedBy: readonly Source[]) {
  return defineEvent({
    type: `${kind}.requested.v1` as const,
    says: `The ${kind} step of a request is asked for. Nothing has been done about it yet.`,
    sources: ["sluice.intake", ...askedBy.filter((source) => source !== "sluice.intake")],
    data: () => z.strictObject({ ...stepFields, slip: Slip }),
    example: { ...exampleStep, step: kind, slip: exampleSlip },
  });
}

/** A failed step has its request wait for a person, who can have something done again. */
export type Pausing<R extends string = string> = Readonly<{
  /** Why the request waits, for programs: `reason` in `request.paused.v1`. No two kinds have the same. */
  pauses: R;
  /** What the button says that goes on. */
  verb: `${string} again`;
  /** The kind that is done again, where it is not this one. */
  goesOnWith?: string;
  /** Whether the request keeps its workspace meanwhile, because what is done again needs it as this step left it. Else others may go on. */
  workspace: "kept" | "freed";
  /** What stands meanwhile, as a sentence for people. */
  stands: string;
}>;

export type CodeMeanings = Readonly<Record<string, "ends" | Pausing>>;

/** What everybody needs to know of a kind to treat its steps. Nobody compares kinds' names for it. */
export type StepContract<
  W extends "ends" | Pausing = "ends" | Pausing,
  D extends CodeMeanings = CodeMeanings,
> = Readonly<{
  /** What a step of it is called to people. */
  title: string;
  /** Whether a failed step ends its request. */
  whenFailed: W;
  /** What a failure means whose code says more than that the step failed. */
  whenFailedWith?: D;
  /** Whether it may change something outside Sluice: a rule passes no gate before it, a request with it is closed by the provisioner, one build at a time does it. */
  changes: boolean;
  /**
   * What becomes of it when its build died without a word. What cannot be done twice by itself is done again by a person, so its request must pause.
   * An apply is repeated by itself up to its start transaction, and never after it.
   */
  repeats: W extends "ends" ? "by itself" : "by itself" | "by a person";
}>;

/** A step kind and its three events. `maxOutputBytes` is the size promise: `defineBlueprint` adds them up, a test holds each schema to it. */
export function defineStep<
  const K extends string,
  C extends z.ZodType,
  O extends z.ZodType,
  const W extends "ends" | Pausing,
  const D extends CodeMeanings = Readonly<Record<never, never>>,
>(
  contract: StepContract<W, D> & {
    kind: K;
    owner: Source;
    /** Who may ask for it besides intake: the owners of a step that can come directly before. */
    askedBy: readonly Source[];
    config: C;
    output: O;
    maxOutputBytes: number;
    example: z.input<O>;
  },
) {
  const { kind, owner } = contract;
  return {
    ...contract,
    requested: defineAsked(kind, contract.askedBy),
    completed: defineEvent({
      type: `${kind}.completed.v1` as const,
      says: `The ${kind} step is done and its output is final. The next step has been asked for separately.`,
      sources: [owner],
      data: () => z.strictObject({ ...endedFields, output: contract.output }),
      example: { ...exampleStep, step: kind, output: contract.example, seconds: 41 } as never, // TypeScript cannot see through the generic; the contract tests parse it.
    }),
    failed: defineEvent({
      type: `${kind}.failed.v1` as const,
      says: `An attempt of the ${kind} step has ended without its result. What was changed, if anything, is in the sentence.`,
      sources: [owner],
      data: () =>
        z.strictObject({
          ...endedFields,
          code: ReasonCode,
          sentence: Sentence.describe("For people, with the tool's own words"),
          repeatable: z.boolean().describe("Whether a repeat can help"),
        }),
      example: {
        ...exampleStep,
        step: kind,
        code: "could_not_start",
        sentence: "No build could be started.",
        repeatable: true,
        seconds: 3,
      },
    }),
  } as const;
}
