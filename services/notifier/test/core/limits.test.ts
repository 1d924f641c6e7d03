import { PlanRisk } from "@sluice/events";
import { checkLimits, type MessageContent } from "@sluice/slack";
import type { People } from "@sluice/words";
import { stepAt } from "@sluice/words/facts";
import fc from "fast-check";
import { expect, it } from "vitest";
import { approvalMessage } from "../../src/core/approval-message.ts";
import { remindersOf } from "../../src/core/reminders.ts";
import { requestMessage } from "../../src/core/request-message.ts";
import { threadOf } from "../../src/core/thread.ts";
import { event, itinerary, people, pictureAfter, planOf, planOutput, say } from "../factories.ts";

const riskCodes = PlanRisk.shape.code.options;

/** Text that is as long as its schema lets it be and grows the most: when it is escaped, or when it is made visible. */
const pieces = ["&", "<!channel>", "`", "*", "\u202e", "e\u0301\u0301\u0301", "👩‍👩‍👧‍👧", "\n", "<@U1>", "a"];
const text = (maxLength: number) =>
  fc.constantFrom(...pieces).map((piece) => piece.repeat(Math.ceil(maxLength / piece.length)).slice(0, maxLength));
const addresses = fc.array(text(120), { minLength: 5, maxLength: 5 }).map((first) => ({ count: 100_000, first }));
const hostile = fc.record({
  subject: text(120),
  reason: text(500),
  sentence: text(1_000),
  doing: text(160),
  value: text(120),
  why: text(300),
  name: text(80),
  destroys: addresses,
  replaces: addresses,
  orphans: addresses,
});
type Hostile = typeof hostile extends fc.Arbitrary<infer T> ? T : never;

function everyMessage({
  subject,
  reason,
  sentence,
  doing,
  value,
  why,
  name,
  destroys,
  replaces,
  orphans,
}: Hostile): MessageContent[] {
  const named: People = { ...people, name: () => name };
  const { counts } = planOutput().summary;
  const many = Object.fromEntries(Object.keys(counts).map((count) => [count, 100_000])) as typeof counts;
  const risks = riskCodes.map((code) => ({ code, count: 100_000, first: destroys.first.slice(0, 1) }));
  const output = planOf(
    { destroys, replaces, orphans, risks, counts: many },
    { seen: { warnings: 100_000, failingChecks: 100_000 } },
  );
  const approvers = Array.from({ length: 50 }, (_, n) => `person_${n}`);
  const granted = say.granted(1, { decidedBy: approvers.slice(0, 5) });
  const start = [
    say.accepted(itinerary({ subject, reason, onBehalfOf: "person_bob" })),
    say.planned(output),
    say.opened({
      destructive: true,
      needed: 5,
      approvers,
      groups: Array.from({ length: 5 }, (_, n) => `g${n}`.padEnd(40, "x")),
    }),
  ];
  const shown = Object.fromEntries(["a", "b", "c", "d", "e", "f"].map((key) => [key.repeat(40), value]));
  const applied = say.applied(1, { output: { ...(say.applied().data as { output: object }).output, shown } });
  const stories = [
    start,
    [...start, say.recorded("person_dan", 1, 5, { lapsed: Array.from({ length: 20 }, (_, n) => `person_${n}`) })],
    [
      ...start,
      ...approvers.slice(0, 4).map((by, n) => say.recorded(by, n + 1, 5)),
      say.recorded("person_dan", 4, 5, { lapsed: approvers.slice(20, 40) }),
    ],
    [...start, say.denied({ reason })],
    [
      ...start,
      granted,
      say.failed("apply", "apply", sentence),
      event("request.failed.v1", { step: "apply", sentence }),
    ],
    [...start, granted, say.failed("apply", "apply", sentence, 1, "plan_changed"), say.planned(output, 2)],
    [...start, say.granted(), say.progress("apply", 1, doing)],
    [
      ...start,
      say.granted(),
      applied,
      event("configuration.completed.v1", { step: "configure", attempt: 1, output: { ran: false, reason: why } }),
      say.checked(1, { skipped: 2, skippedBecause: why }),
      say.completed(),
    ],
    [
      ...start,
      say.failed("apply", "apply", sentence),
      say.paused("apply", "needs_replan", sentence),
      event("workspace.blocked.v1", { step: "apply", attempt: 1 }),
    ],
    [...start, say.failed("plan", "plan", sentence, 2)],
    ...[
      event("request.failed.v1", { sentence }),
      event("request.rejected.v1", { reason }),
      event("request.withdrawn.v1", { reason }),
      event("request.expired.v1"),
      event("request.stalled.v1", { step: "plan", attempt: 1 }),
    ].map((end) => [...start, end]),
  ];
  return stories.flatMap((story) => {
    const picture = pictureAfter(...story);
    const gate = approvalMessage(picture, stepAt(picture.facts, "approve", "approval", 1), named);
    return [
      requestMessage(picture, named),
      ...(gate ? [gate] : []),
      ...[...threadOf(picture, named), ...remindersOf(picture, named)].map(({ text }) => ({ text })),
    ];
  });
}

it("is taken by Slack whole and calls nobody, whatever people and tools write", () => {
  fc.assert(
    fc.property(hostile, (given) => {
      for (const message of everyMessage(given)) {
        const written = JSON.stringify(message);
        expect(checkLimits(message)).toEqual([]);
        expect(message.text.length).toBeLessThan(4_000);
        expect(written).not.toMatch(/<!(channel|here|everyone)|<@U1>/);
        // No half of an escape, and no code that was begun and not ended.
        expect(written.match(/&(?!(amp|lt|gt);)/g)).toBeNull();
        expect((written.match(/`/g) ?? []).length % 2).toBe(0);
      }
    }),
    { numRuns: 12, endOnFailure: true },
  );
});
