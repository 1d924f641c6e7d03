import { apply, EventId, RequestId } from "@sluice/events";
import { type Owed, owe } from "@sluice/steps";
import { expect, it } from "vitest";
import { countingContradictions } from "../../src/core/contradictions.ts";

it.each([
  ["page_changed", 1],
  ["summary_changed", 1],
  ["plan_changed", 0],
  ["apply_stopped", 0],
])("an apply that failed with %s is counted %i times for an alarm, and told", async (code, times) => {
  const told: Owed[] = [];
  let counted = 0;
  const publish = countingContradictions(
    async (owed) => void told.push(...owed),
    () => {
      counted += 1;
    },
  );
  const request = RequestId.parse("req_7k3m9qx2");
  const failed = apply.failed.data.parse({ ...apply.failed.example, code });
  const owed = owe(apply.failed, request, failed, {
    cause: EventId.parse(`evt_${"0".repeat(32)}`),
    actor: "service:provisioner",
  });

  await publish([owed]);

  expect([told, counted]).toEqual([[owed], times]);
});
