import { type Directory, isOperator, type Principal, personOf } from "@sluice/directory";
import type { SlackIdentity } from "@sluice/events";
import type { Accepted } from "./record.ts";

/** Why a click does not count; the sentence is for whoever clicked. */
export type ClickRefusal = Readonly<{ code: string; sentence: string }>;

export type Click = Readonly<{ who: SlackIdentity; signedAt: number }>;

/** A late click is a click on a world that has changed (docs/design.md, rule 9). */
const STALE_AFTER_MS = 15 * 60_000;

/** Who clicked, as the directory has it now, and what they are to the request; or why they are nobody. */
export function clicker(
  directory: Directory | undefined,
  { who, signedAt }: Click,
  { itinerary }: Accepted,
  now: number,
): Readonly<{ person: Principal; isRequester: boolean; isOperator: boolean }> | ClickRefusal {
  const person = directory && personOf(directory, who);
  if (!directory || !person)
    return {
      code: "unknown_person",
      sentence: "Sluice does not know you. Your click was recorded; nothing was changed.",
    };
  if (now - signedAt > STALE_AFTER_MS)
    return {
      code: "stale",
      sentence: "Your click reached Sluice more than 15 minutes after it was made, so it does not count.",
    };
  return {
    person,
    isRequester: person.id === itinerary.requester || person.id === itinerary.onBehalfOf,
    isOperator: isOperator(directory, person.id),
  };
}

/** How a request ended, for a click that came after it. */
export function endedSentence({ end }: Accepted): string {
  const [, how = "ended"] = (end?.type ?? "").split(".");
  return `This request has ended already: it was ${how}. Nothing was changed by your click.`;
}
