import type { DataOf, DecisionRefused } from "@sluice/events";

/** Why a decision does not count, after "… does not count: ". */
export const refusedBecause: Readonly<Record<DataOf<typeof DecisionRefused>["code"], string>> = {
  closed: "this is already decided",
  older_attempt: "it was about an older plan",
  expired: "it came after the time was over",
  stale: "the click reached us more than 15 minutes after it was made",
  unknown_person: "they are not in the directory",
  own_request: "who asks does not approve",
  not_an_approver: "they are not one of the approvers",
  reason_missing: "a rejection needs a reason",
};
