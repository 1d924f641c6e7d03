import type { Doing } from "./terraform/ui-message.ts";

/** More often than this nobody can read it, and each message is a call and an event. */
const MIN_INTERVAL_MS = 1_000;

/**
 * Tells what a tool is doing, at most once a second; what comes in between is replaced by what comes after it.
 * A message that is lost costs nothing: nothing follows from it, and the next one says it anew.
 */
export function progress(
  send: (message: Readonly<{ sequence: number }> & Doing) => Promise<void>,
  now: () => number = () => performance.now(),
): { say: (doing: Doing) => void; end: () => void } {
  let sequence = 0;
  let sentAt = Number.NEGATIVE_INFINITY;
  let waiting: Doing | undefined;
  let timer: NodeJS.Timeout | undefined;

  const sendWaiting = () => {
    timer = undefined;
    if (!waiting) return;
    sentAt = now();
    sequence += 1;
    void send({ sequence, ...waiting }).catch(() => undefined);
    waiting = undefined;
  };

  return {
    say(doing) {
      waiting = doing;
      const wait = sentAt + MIN_INTERVAL_MS - now();
      if (wait <= 0) sendWaiting();
      else timer ??= setTimeout(sendWaiting, wait);
    },
    end() {
      clearTimeout(timer);
      waiting = undefined;
    },
  };
}
