import type { SlackAnswer, SlackClient } from "@sluice/slack";
import type { Messenger, Posted } from "../core/ports.ts";
import type { SlackFromSecret } from "./slack-secret.ts";

/** How long to leave Slack alone when it gave no usable answer. */
const UNAVAILABLE_FOR_MS = 15_000;

/** How long until Slack is tried again when somebody has to mend the app or its token first. */
const UNUSABLE_FOR_MS = 60_000;

/** Slack refuses the app and not what it says: the message is right and waits until the token, a scope or the channel is mended. */
const TO_BE_MENDED = new Set([
  "account_inactive",
  "channel_not_found",
  "invalid_auth",
  "missing_scope",
  "not_authed",
  "not_configured",
  "not_in_channel",
  "token_expired",
  "token_revoked",
]);

/** As Slack would say it: without a token it is not asked. */
const NOT_CONFIGURED = { outcome: "refused", error: "not_configured", details: [] } as const;

/** Slack, as something that can be full, away, or final. */
export function slackMessenger(
  { client, forget }: SlackFromSecret,
  now: () => number,
  told: Readonly<{ refused(error: string): void; unusable(error: string): void }>,
): Messenger {
  const posted = <T>(answer: SlackAnswer<T>): Posted<T> => {
    switch (answer.outcome) {
      case "done":
        return { done: answer.value };
      case "rate-limited":
        return { laterAtMs: now() + answer.retryAfterSeconds * 1_000 };
      case "unavailable":
        return { laterAtMs: now() + UNAVAILABLE_FOR_MS };
      case "refused":
        if (TO_BE_MENDED.has(answer.error)) {
          forget(); // A new token may be in the secret.
          told.unusable(answer.error);
          return { laterAtMs: now() + UNUSABLE_FOR_MS };
        }
        told.refused([answer.error, ...answer.details].join("; "));
        return { never: answer.error };
    }
  };
  const ask = async <T>(call: (slack: SlackClient) => Promise<SlackAnswer<T>>): Promise<Posted<T>> => {
    const slack = await client();
    return posted(slack ? await call(slack) : NOT_CONFIGURED);
  };
  return {
    post: (channel, message, threadTs) =>
      ask((slack) => slack.postMessage({ ...message, channel, ...(threadTs && { threadTs }) })),
    update: (place, message) => ask((slack) => slack.updateMessage({ ...message, ...place })),
    whisper: (channel, user, text) => ask((slack) => slack.postEphemeral({ channel, user, text })),
  };
}
