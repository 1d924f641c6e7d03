import { MAX_REASON, type Pausing, pausingFor } from "@sluice/events";
import { code, escapeMrkdwn, quoting } from "@sluice/slack";
import {
  actorInWords,
  endWords,
  headline,
  named,
  outcomeOf,
  type RequesterOf,
  stepLine,
  subjectInWords,
} from "@sluice/words";
import { type Fact, type Picture, pictureFor } from "@sluice/words/facts";
import { owedAtEnd, owedWhenPaused, ownFact } from "../core/owed.ts";
import { pauseOf, pictureOf } from "../core/picture.ts";
import type { Accepted } from "../core/record.ts";
import type { Reader } from "./reader.ts";
import { timelineOf } from "./timeline.ts";

/** People stop reading long before Slack cuts a text, at 40,000 characters. Only decisions and outcomes may take more than the first. */
const ROOM = { usual: 12_000, most: 38_000 };

/** One request in one line. */
export function statusLine(record: Accepted, facts: readonly Fact[]): string {
  const { subject, environment } = record.itinerary;
  const how = standing(record, shownOf(record, facts));
  return `${code(subject, 80)} in ${escapeMrkdwn(environment)}: ${how} · ${record.request}`;
}

/** All that is known of a request: what it is, each step as the message shows it, why it stands, and everything that happened. */
export function statusText(
  record: Accepted,
  facts: readonly Fact[],
  reader: Reader,
  requesterOf?: RequesterOf,
): string {
  const { itinerary, request } = record;
  const { subject, environment, requester, onBehalfOf, reason, workspace } = itinerary;
  const { people } = reader;
  const whom = onBehalfOf ? `, which says it is for ${named(people, onBehalfOf)}` : "";
  const shown = shownOf(record, facts);
  const outcome = outcomeOf(shown, people);
  const head = [
    `*${subjectInWords(subject)} in ${escapeMrkdwn(environment)}*: ${standing(record, shown)}`,
    ...quoting(`Asked by ${actorInWords(people, requester)}${whom}`, reason, MAX_REASON).split("\n"),
    ...shown.steps.map((step) => stepLine(step, people, outcome !== undefined, requesterOf)),
    ...(outcome ? outcome.shown.split("\n") : []),
    "",
  ];
  const ids = `${request} · workspace ${escapeMrkdwn(workspace)}`;
  const taken = [...head, ids].join("\n").length;
  const room = { usual: ROOM.usual - taken, most: ROOM.most - taken };
  return [...head, ...timelineOf(record, facts, reader, room), ids].join("\n");
}

/** The picture that everybody is shown, from what intake has heard and from what it decided itself: its own events do not come back to it. */
function shownOf(record: Accepted, heard: readonly Fact[]): Picture {
  const { end, itinerary } = record;
  const picture = pictureOf(record, heard);
  const pause = end ? undefined : pauseOf(picture);
  return pictureFor(itinerary, [
    ...picture.facts,
    ...(end ? owedAtEnd(record).map((owed) => ownFact(owed, end.at)) : []),
    ...(pause ? [ownFact(owedWhenPaused(record, pause), pause.failed.at)] : []),
  ]);
}

/** How a request stands, in a few words. */
function standing(record: Accepted, shown: Picture): string {
  if (shown.end) return endWords({ ...shown, end: shown.end });
  if (record.closing) return "being withdrawn";
  if (shown.paused) return `stopped, ${howItGoesOn(pausingFor(shown.paused.data.reason))}`;
  return record.dueAt === undefined ? "stalled: a step's owner does not answer" : headline(shown);
}

function howItGoesOn({ verb, goesOnWith, workspace }: Pausing): string {
  if (!goesOnWith) return `${verb} repeats only that step`;
  return `${verb} ${workspace === "kept" ? "shows what is left to do" : "asks the approvers anew"}`;
}
