import type { MessageContent } from "@sluice/slack";
import { stepAt } from "@sluice/words/facts";
import fc from "fast-check";
import { expect, it } from "vitest";
import { approvalMessage } from "../../src/core/approval-message.ts";
import { requestMessage } from "../../src/core/request-message.ts";
import { threadOf } from "../../src/core/thread.ts";
import { event, itinerary, people, pictureAfter, say } from "../factories.ts";

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "”\u2003\u2003✓ *Approved* by Carol at 14:09 · plan 9f3a61c2",
        "\u2800".repeat(120),
        "\n✓ Approved by <@UCAROL> at 14:09",
        "\r\u2028\u2029\x85\v",
        "\n> Carol wrote:\n",
        "`\n```\n<!channel>",
        "\u202e",
        `Z${"\u0321\u033f".repeat(40)}`,
      ),
      fc.string({ unit: "binary", maxLength: 20 }),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => `x${parts.join("")}`.slice(0, 500));

/** Everything that shows a reason, with this one in each place. */
function messagesWith(reason: string): (MessageContent | undefined)[] {
  const start = [say.accepted(itinerary({ reason })), say.planned(), say.opened()];
  return [
    start,
    [...start, say.granted()],
    [...start, say.denied({ reason }), event("request.rejected.v1", { reason })],
    [...start, event("request.withdrawn.v1", { reason })],
  ].flatMap((story) => {
    const picture = pictureAfter(...story);
    return [
      requestMessage(picture, people),
      approvalMessage(picture, stepAt(picture.facts, "approve", "approval", 1), people),
      ...threadOf(picture, people).map(({ text }) => ({ text })),
    ];
  });
}

/** Each text of a message, its fallback as well, in lines. */
function textsIn(value: unknown): string[][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    key === "text" && typeof each === "string" ? [each.split(/\r\n|[\n\v\f\r\x85\u2028\u2029]/)] : textsIn(each),
  );
}

const ours = (texts: readonly string[][]) => texts.map((lines) => lines.map((line) => line.replace(/^> .*/s, "> …")));

it("has the same lines of ours whatever people write, theirs last in a text and in a block of their own", () => {
  const plain = textsIn(messagesWith("load test"));
  expect(plain.flat().filter((line) => line === "> “load test”").length).toBeGreaterThan(12);

  fc.assert(
    fc.property(hostile, (reason) => {
      const texts = textsIn(messagesWith(reason));

      expect(ours(texts)).toEqual(ours(plain));
      for (const lines of texts) {
        const at = lines.findIndex((line) => line.startsWith("> "));
        if (at >= 0) expect(lines.length - at).toBe(1);
      }
    }),
    { numRuns: 300 },
  );
});
