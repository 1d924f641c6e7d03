import { type EventDefinition, readEvent } from "@sluice/events";
import { factOf } from "@sluice/words/facts";
import { describe, expect, it } from "vitest";
import { subscriptions } from "../../../../stacks/subscriptions.ts";
import { proposeByPerson } from "../../src/core/propose.ts";
import { isAccepted } from "../../src/core/record.ts";
import { statusText } from "../../src/door/status.ts";
import { proposed, reader, request, world } from "../factories.ts";

/** What becomes of a request: the proposal is its beginning, and is no line of its own. */
const heard = (subscriptions.intake.events as readonly EventDefinition[]).filter(
  ({ type }) => type !== "request.proposed.v1",
);

describe("a status", () => {
  it.each(heard.map((definition) => [definition.type, definition] as const))(
    "tells %s in words, and not by its name",
    async (type, definition) => {
      const { ports, store } = world();
      await proposeByPerson(ports, proposed());
      const record = store.records.get(request);
      if (!record || !isAccepted(record)) throw new Error("The request was not accepted");
      const metadata = {
        id: `evt_${"0".repeat(32)}`,
        correlationId: request,
        occurredAt: "2026-11-23T12:00:00.000Z",
        actor: "service:intake",
      };
      const event = readEvent({ type, source: definition.sources[0], metadata, data: definition.example });

      const status = statusText(record, [factOf(event)], reader);

      const [noun = "", participle = ""] = type.split(".");
      expect(status).not.toContain(`${noun} ${participle} v1`);
      expect(status, "a renamed field would be no date").not.toMatch(/Invalid Date|undefined|NaN/);
    },
  );
});
