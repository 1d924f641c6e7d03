import { expect, it } from "vitest";
import { event, say, wholeStory, world } from "../factories.ts";

/** What anybody brings about who presses a button that is not for them. */
const pressed = (user: string) =>
  (
    [
      ["decision.refused.v1", { code: "not_an_approver" }],
      ["decision.refused.v1", { code: "own_request" }],
      ["repetition.refused.v1", { code: "not_yours" }],
      ["withdrawal.refused.v1", { code: "not_yours" }],
      ["unlock.refused.v1", { code: "not_an_operator" }],
      ["proposal.refused.v1", { code: "other_content" }],
    ] as const
  ).map(([type, data]) => event(type, { ...data, who: { team: "T1", user } }));

it("answers each refused click, and keeps one answer for each person and kind", async () => {
  const here = world();
  await here.hearAll(...wholeStory().slice(0, 8));
  const [facts, shown] = [await here.store.facts(say.accepted().metadata.correlationId), here.slack.calls.length];

  for (let n = 0; n < 100; n++) await here.hearAll(...pressed("U1A"), ...pressed("U2B"));

  expect(here.slack.calls.slice(shown).map(({ call }) => call)).toEqual(Array(100 * 2 * 6).fill("whisper"));
  expect(here.store.told.size).toBe(2 * 6);
  expect(await here.store.facts(say.accepted().metadata.correlationId)).toEqual(facts);
});

it("keeps what twenty attempts leave in its one item far below what DynamoDB takes", async () => {
  const here = world();
  await here.hearAll(say.accepted());
  for (let attempt = 1; attempt <= 20; attempt++)
    await here.hearAll(
      say.planned(undefined, attempt),
      say.opened({}, attempt),
      say.granted(attempt),
      say.applied(attempt),
      say.configured(attempt),
      say.failed("scan", "check", "x".repeat(1_000), attempt),
      say.paused("check", "check_failed", "x".repeat(1_000), attempt),
    );

  const places = JSON.stringify([...here.store.places]);
  expect(places.match(/"ts"/g)?.length).toBeGreaterThan(100);
  expect(places.length).toBeLessThan(32 * 1_024);
});
