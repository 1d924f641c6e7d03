import { on } from "@sluice/doors";
import type { AnyEvent } from "@sluice/events";
import { catalogue } from "@sluice/events";
import { checkLimits } from "@sluice/slack";
import fc from "fast-check";
import { expect, it } from "vitest";
import { envelope, queueOf } from "../../../../packages/doors/test/factories.ts";
import { hostileVersionOf } from "../../../../packages/doors/test/hostile.ts";
import { hear } from "../../src/core/hear.ts";
import { say, world } from "../factories.ts";

it("tells or parks whatever stands in an event, never tries it again, and writes only what Slack takes", async () => {
  const definitions = [...catalogue.values()];
  const hostile = fc.constantFrom(...definitions.map((definition) => envelope(definition))).chain(hostileVersionOf);

  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 3 }), async (messages) => {
      const { ports, hearAll, slack } = world();
      await hearAll(say.accepted(), say.planned(), say.opened());
      const { deliver } = queueOf(definitions.map((each) => on(each, (event) => hear(ports, event as AnyEvent))));

      expect(await deliver(...messages)).toEqual([]);
      await hearAll(say.completed());
      expect(slack.calls.flatMap(({ call, message }) => (call === "whisper" ? [] : checkLimits(message)))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
