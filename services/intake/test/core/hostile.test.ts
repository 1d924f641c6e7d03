import { on, onProposal } from "@sluice/doors";
import type { AnyEvent } from "@sluice/events";
import * as events from "@sluice/events";
import fc from "fast-check";
import { expect, it } from "vitest";
import { envelope, queueOf } from "../../../../packages/doors/test/factories.ts";
import { hostileVersionOf } from "../../../../packages/doors/test/hostile.ts";
import { finishClosing, refuseClosing, withdraw } from "../../src/core/close.ts";
import { hear } from "../../src/core/hear.ts";
import { proposeByPartner, proposeByPerson } from "../../src/core/propose.ts";
import { isAccepted } from "../../src/core/record.ts";
import { repeat, repeatInWorkspace, undoRepeat } from "../../src/core/repeat.ts";
import { statusText } from "../../src/door/status.ts";
import { outcomes, proposed, reader, request, world } from "../factories.ts";

/** Intake's queue with its own cores, and a request that waits at its gate. */
async function queueWithRequest() {
  const { ports, store } = world();
  await proposeByPerson(ports, proposed());
  await hear(ports, outcomes.plan());
  const steps = Object.values(events.stepKinds).flatMap(({ requested, completed, failed }) => [
    requested,
    completed,
    failed,
  ]);
  const heard = [events.ApprovalOpened, events.DecisionRecorded, events.DecisionRefused, events.StepSuspended];
  const queue = queueOf([
    onProposal(
      events.RequestProposed,
      (event) => proposeByPerson(ports, event),
      (event) => proposeByPartner(ports, event),
    ),
    ...[...steps, ...heard].map((definition) => on(definition, (event) => hear(ports, event as AnyEvent))),
    on(events.WithdrawalSubmitted, (event) => withdraw(ports, event)),
    on(events.ClosingCompleted, (event) => finishClosing(ports, event)),
    on(events.ClosingRefused, (event) => refuseClosing(ports, event)),
    on(events.RepetitionSubmitted, (event) => repeat(ports, event)),
    on(events.WorkspaceTaken, (event) => repeatInWorkspace(ports, event)),
    on(events.RepetitionRefused, (event) => undoRepeat(ports, event)),
    on(events.WorkspaceRefused, (event) => undoRepeat(ports, event)),
  ]);
  /** What its people can be shown, whatever was heard. */
  const status = async () => {
    const record = store.records.get(request);
    if (!record || !isAccepted(record)) throw new Error("The request is gone");
    return statusText(record, await store.facts(request), reader);
  };
  return { ...queue, status };
}

/** Each event that intake hears, in a good envelope, about the request. */
const heard = [...events.catalogue.values()].map((definition) => {
  const text = JSON.stringify(envelope(definition)).replaceAll("req_01j9k3m9qx2", request);
  return JSON.parse(text) as object;
});

it("handles or parks whatever stands in an event, never tries it again, and can show the request afterwards", async () => {
  const hostile = fc.constantFrom(...heard).chain(hostileVersionOf);

  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 3 }), async (messages) => {
      const { deliver, status } = await queueWithRequest();

      expect(await deliver(...messages)).toEqual([]);
      expect(await status()).toContain(request);
    }),
    { numRuns: 300 },
  );
});
