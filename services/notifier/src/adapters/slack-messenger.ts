import type { SlackAnswer, SlackClient } from "@sluice/slack";
import type { Messenger, Posted } from "../core/ports.ts";

/** How long to leave Slack alone when it gave no usable answer. */
const UNAVAILABLE_FOR_MS = 15_000;

/** Slack, as something that can be full, away, or final. */
export function slackMessenger(
  client: () => Promise<SlackClient>,
  now: () => number,
  refused: (error: string) => void,
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
        refused([answer.error, ...answer.details].join("; "));
        return { never: answer.error };
    }
  };
  return {
    post: async (channel, message, threadTs) =>
      posted(await (await client()).postMessage({ ...message, channel, ...(threadTs && { threadTs }) })),
    update: async (place, message) => posted(await (await client()).updateMessage({ ...message, ...place })),
    whisper: async (channel, user, text) => posted(await (await client()).postEphemeral({ channel, user, text })),
  };
}
