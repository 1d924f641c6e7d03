import { MAX_REASON } from "@sluice/events";
import {
  actions,
  context,
  escapeMrkdwn,
  inWords,
  type MessageContent,
  paragraphs,
  quoting,
  section,
} from "@sluice/slack";
import {
  headline,
  named,
  outcomeOf,
  type People,
  type RequesterOf,
  shortDigest,
  stepLine,
  subjectInWords,
} from "@sluice/words";
import { known, type Picture } from "@sluice/words/facts";
import { buttonsOf } from "./buttons.ts";

/** The one message of a request in its environment's channel, as it is now. */
export function requestMessage(picture: Picture, people: People, requesterOf?: RequesterOf): MessageContent {
  const { itinerary, steps } = picture;
  const { request, subject, environment, workspace } = itinerary;
  const outcome = outcomeOf(picture, people);
  const buttons = buttonsOf(picture);
  const planned = known.plan(steps.find(({ kind }) => kind === "plan"));

  return {
    text: outcome
      ? [`${inWords(subject, 120)} ${outcome.plain}`, outcome.said].filter(Boolean).join("\n")
      : `${inWords(subject, 120)} in ${escapeMrkdwn(environment)}: ${headline(picture)}`,
    blocks: [
      section(`*${subjectInWords(subject)} in ${escapeMrkdwn(environment)}*`),
      section(askedBy(picture, people)),
      ...paragraphs(steps.map((step) => stepLine(step, people, outcome !== undefined, requesterOf))).map((text) =>
        section(text),
      ),
      ...(outcome ? [section(outcome.shown)] : []),
      ...(outcome?.said ? [section(outcome.said)] : []),
      ...(buttons.length > 0 ? [actions(`request.${request}`, ...buttons)] : []),
      context(
        [
          request,
          `workspace ${workspace}`,
          ...(planned ? [`plan ${shortDigest(planned.output.changeDigest)}`] : []),
        ].join(" · "),
      ),
    ],
  };
}

/**
 * `Asked by Ada:` and below it `“load test for the June release”`: a block of its own. For whom another system asks is that system's word, which nobody has proven:
 * `Asked by Pipeline, which says it is for Ada:`.
 */
export function askedBy({ itinerary }: Picture, people: People): string {
  const { requester, onBehalfOf, reason } = itinerary;
  const whom = onBehalfOf ? `, which says it is for ${named(people, onBehalfOf)}` : "";
  return quoting(`Asked by ${named(people, requester)}${whom}`, reason, MAX_REASON);
}
