import type { ModalView } from "@slack/types";
import { MAX_REASON } from "@sluice/events";
import { FIELD_ACTION, plain, type StateValues, section } from "@sluice/slack";
import { isBlank } from "@sluice/text";

/** Callback ids of the forms that ask for nothing but a reason. */
export const REJECT = "reject";
export const WITHDRAW = "withdraw";
export const UNLOCK = "unlock";

export const REASON_BLOCK = "reason";

/** Asks once more, and why, before something is refused, taken back or unlocked. `about` is an opaque id that comes back with the form. */
export function reasonForm(
  callback: typeof REJECT | typeof WITHDRAW | typeof UNLOCK,
  about: string,
  words: Readonly<{ title: string; says: string; verb: string; isOptional?: boolean }>,
): ModalView {
  return {
    type: "modal",
    callback_id: callback,
    private_metadata: about,
    title: plain(words.title),
    submit: plain(words.verb),
    close: plain("Cancel"),
    blocks: [
      section(words.says),
      {
        type: "input",
        block_id: REASON_BLOCK,
        optional: words.isOptional ?? false,
        label: plain("Why"), // Slack itself writes "(optional)" behind it where that is so.
        element: { type: "plain_text_input", action_id: FIELD_ACTION, multiline: true, max_length: MAX_REASON },
      },
    ],
  };
}

/** The reason that was given; empty when none was, or nothing of it can be seen. */
export function reasonIn(state: StateValues): string {
  const reason = (state[REASON_BLOCK]?.[FIELD_ACTION]?.value ?? "").trim();
  return isBlank(reason) ? "" : reason.slice(0, MAX_REASON).replace(/[\ud800-\udbff]$/, "");
}
