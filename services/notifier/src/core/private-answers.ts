import type { AnyEvent, DataOf, DecisionRefused, SlackIdentity } from "@sluice/events";
import { inWords, timeOfDay } from "@sluice/slack";
import { called, groupsInWords, listed, type People, shortDigest } from "@sluice/words";
import { known, type Picture, stepAt } from "@sluice/words/facts";

/** Something that only the person who acted is told, once. */
export type PrivateAnswer = Readonly<{
  who: SlackIdentity;
  /** An environment's name or `approvers`: the place in which they acted. */
  place: string;
  text: string;
}>;

/** As much as an event has. */
const MAX_SENTENCE = 1_000;

/** What an event says to one person alone, or nothing. */
export function privateAnswer(
  event: AnyEvent,
  picture: Picture | undefined,
  people: People,
): PrivateAnswer | undefined {
  switch (event.type) {
    case "decision.refused.v1":
      return { who: event.data.who, place: "approvers", text: decisionRefused(event.data, picture, people) };
    case "request.refused.v1":
    case "proposal.refused.v1": {
      const { who, environment, sentence } = event.data;
      if (!who) return undefined;
      return {
        who,
        place: environment ?? "approvers",
        text: `${inWords(sentence, MAX_SENTENCE)} Nothing was changed.`,
      };
    }
    case "repetition.refused.v1":
    case "withdrawal.refused.v1":
    case "unlock.refused.v1": {
      const { who, sentence } = event.data;
      if (!who) return undefined;
      return { who, place: picture?.itinerary.environment ?? "approvers", text: inWords(sentence, MAX_SENTENCE) };
    }
    default:
      return undefined;
  }
}

function decisionRefused(
  { gate, code, approvers, groups, decided }: DataOf<typeof DecisionRefused>,
  picture: Picture | undefined,
  people: People,
): string {
  const who = listed(approvers.map((id) => called(people, id)));
  const opened = picture && known.opened(stepAt(picture.facts, gate.step, "approval", gate.attempt));
  const can = approvers.length > 0 ? `${who} can.` : "Nobody can at the moment.";
  switch (code) {
    case "own_request":
      return `${picture?.itinerary.onBehalfOf ? "This was asked for by you or for you" : "You asked for this"}, so someone else has to approve it. ${can}`;
    case "not_an_approver":
    case "unknown_person":
      return groups.length > 0
        ? `Only members of ${groupsInWords(groups)} can decide here. Your click was recorded; nothing was changed.`
        : "Nobody can decide here: no group may approve in this environment. Your click was recorded; nothing was changed.";
    case "older_attempt":
      return `This button belongs to an older plan${opened ? ` (${shortDigest(opened.changeDigest)})` : ""}. ${newerPlan(picture, gate.step)}`;
    case "expired":
      return `Nobody decided ${opened ? `by ${timeOfDay(Date.parse(opened.until))}` : "in time"}, so this is refused. Nothing was changed by your click.`;
    case "stale":
      return "Your click reached us more than 15 minutes after it was made, so it does not count. Look at the message again and decide anew.";
    case "reason_missing":
      return "A rejection needs a reason. Nothing was changed.";
    case "closed":
      return `${alreadyDecided(decided, people)} Nothing was changed by your click.`;
  }
}

function newerPlan(picture: Picture | undefined, step: string): string {
  const newest = picture && known.opened(picture.steps.find(({ name }) => name === step));
  return newest
    ? `The plan is now ${shortDigest(newest.changeDigest)}; its message is below.`
    : "A newer one is on its way; its message will be below.";
}

function alreadyDecided(decided: DataOf<typeof DecisionRefused>["decided"], people: People): string {
  if (!decided) return "This is already decided.";
  const at = timeOfDay(Date.parse(decided.at));
  if (decided.by)
    return `${called(people, decided.by)} already ${decided.how === "rejected" ? "rejected" : "approved"} this at ${at}.`;
  return decided.how === "expired" ? "Nobody decided in time, so this was refused." : "The request has ended already.";
}
