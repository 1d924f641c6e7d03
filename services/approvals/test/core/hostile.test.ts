import { on } from "@sluice/doors";
import {
  ApprovalRequested,
  DecisionSubmitted,
  type EventDefinition,
  plan,
  RequestAccepted,
  RequestCompleted,
} from "@sluice/events";
import fc from "fast-check";
import { expect, it } from "vitest";
import { envelope, queueOf } from "../../../../packages/doors/test/factories.ts";
import { hostileVersionOf } from "../../../../packages/doors/test/hostile.ts";
import { recordDecision } from "../../src/core/record-decision.ts";
import { acceptRequest, askForGate, closeRequest, keepPlan } from "../../src/core/request.ts";
import { accepted, asked, gateRef, NOON, planned, world } from "../factories.ts";

const signedAt = new Date(NOON).toISOString();
const said = (definition: Pick<EventDefinition, "type" | "sources">, data: object) =>
  envelope({ ...definition, example: data });
const good = [
  said(RequestAccepted, accepted().data),
  said(plan.completed, planned()),
  said(ApprovalRequested, asked().data),
  said(DecisionSubmitted, { gate: gateRef(), verdict: "approve", who: { team: "T1", user: "carol" }, signedAt }),
  said(RequestCompleted, { request: gateRef().request, seconds: 1 }),
];

it("performs or parks whatever stands in an event, and never tries it again", async () => {
  const hostile = fc.constantFrom(...good).chain(hostileVersionOf);
  const anyMessage = fc.oneof(hostile, fc.constantFrom(...good));

  await fc.assert(
    fc.asyncProperty(fc.array(anyMessage, { minLength: 1, maxLength: 6 }), async (messages) => {
      const { ports } = world();
      const { deliver } = queueOf([
        on(RequestAccepted, (event) => acceptRequest(ports, event)),
        on(plan.completed, ({ data }) => keepPlan(ports, data)),
        on(ApprovalRequested, (event) => askForGate(ports, event)),
        on(DecisionSubmitted, ({ data: { gate, ...click }, metadata }) =>
          recordDecision(ports, gate, { ...click, signedAt: Date.parse(click.signedAt), cause: metadata.id }),
        ),
        on(RequestCompleted, ({ data }) => closeRequest(ports, data.request)),
      ]);

      expect(await deliver(...messages)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
