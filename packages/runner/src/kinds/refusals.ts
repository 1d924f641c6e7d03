import { JobFailure } from "../job-failure.ts";
import { type Words, words } from "../masking/words.ts";
import { NOTHING_CHANGED } from "./open-root.ts";

/** Why an apply does not begin, in words for people. */
const refusals: Readonly<Record<string, Words>> = {
  grant_malformed: words`The approval's proof cannot be read.`,
  grant_signature: words`The approval's proof was not signed by the approvals' key.`,
  grant_expired: words`The approval expired before the apply could start.`,
  grant_of_another_request: words`The approval is of another request.`,
  grant_of_another_itinerary: words`The approval is of another version of this request.`,
  grant_of_another_plan: words`The approval is of another plan.`,
  grant_of_another_epoch: words`The workspace was changed after the approval.`,
  digest_key_changed: words`What the approved plan was measured with is not what it was.`,
  page_changed: words`What was shown for approval is not what the plan says. Tell the people who run Sluice.`,
  summary_changed: words`What the approval was judged by is not what the plan does. Tell the people who run Sluice.`,
  interrupted: words`The build was stopped before the apply began.`,
  too_little_time: words`The build had less time left than its plan took, so the apply was not begun.`,
};

/** A refusal of an apply: nothing of it has begun. */
export function refusal(code: string): JobFailure {
  return new JobFailure(code, words`${refusals[code] ?? words`The approval does not hold.`} ${NOTHING_CHANGED}`);
}
