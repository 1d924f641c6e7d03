import { code, durationInWords, escapeMrkdwn, mention } from "@sluice/slack";
import type { Fact } from "./facts.ts";
import { type Picture, told } from "./picture.ts";
import { outcomeOf } from "./request-message.ts";
import { called, countsInWords, type People, shortDigest, stepTitle } from "./words.ts";

/** A detail under a request's message. Posted once, under its key; never changed. */
export type ThreadEntry = Readonly<{ key: string; text: string }>;

/** The details that are due, in the order of the steps. The end comes last and mentions who asked. */
export function threadOf(picture: Picture, people: People): readonly ThreadEntry[] {
  const entries = picture.steps.flatMap((step) => {
    const { ended } = step.facts;
    return ended ? [{ key: ended.key, text: stepEntry(step, ended) }] : [];
  });
  if (picture.paused) {
    const { sentence } = picture.paused.data as { sentence: string };
    entries.push({
      key: picture.paused.key,
      text: `${calledNow(people, picture.itinerary.requester)} ${escapeMrkdwn(picture.itinerary.subject)} stopped: ${code(sentence, 900)}`,
    });
  }
  const outcome = picture.end && outcomeOf(picture, people);
  if (picture.end && outcome)
    entries.push({
      key: picture.end.key,
      text: `${calledNow(people, picture.itinerary.requester)} ${escapeMrkdwn(picture.itinerary.subject)} in ${escapeMrkdwn(picture.itinerary.environment)}: ${escapeMrkdwn(outcome.plain)}.`,
    });
  return entries;
}

function stepEntry(step: Picture["steps"][number], ended: Fact): string {
  const title = stepTitle(step.kind, step.name);
  const took = step.seconds === undefined ? "" : ` in ${durationInWords(step.seconds * 1_000)}`;
  const failure = told.failure(step);
  if (failure) return `✗ *${title}* failed${took}: ${code(failure.sentence, 1_000)}`;
  const planned = told.plan(step);
  if (planned)
    return `✓ *${title}*${took}: ${countsInWords(planned.output)} · plan ${shortDigest(planned.output.contentDigest)}`;
  const applied = told.apply(step);
  if (applied) {
    const { added, changed, destroyed } = applied.output.resources;
    return `✓ *${title}*${took}: ${added} added, ${changed} changed, ${destroyed} destroyed`;
  }
  const scanned = told.scan(step);
  if (scanned) return `✓ *${title}*${took}: ${scanned.output.passed} checks passed, ${scanned.output.skipped} skipped`;
  if (ended.type === "approval.denied.v1") return `✗ *${title}* denied`;
  if (ended.type === "approval.granted.v1") return `✓ *${title}* granted`;
  return `${step.state === "skipped" ? "–" : "✓"} *${title}* ${step.state === "skipped" ? "skipped" : "done"}`;
}

/** Calls a person: they must act, or their request has ended. */
function calledNow(people: People, id: string): string {
  const user = people.slackUser(id);
  return user ? mention(user) : called(people, id);
}
