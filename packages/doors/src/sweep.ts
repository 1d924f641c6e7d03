import middy from "@middy/core";
import { count, logger } from "@sluice/telemetry";
import type { OwnMessage } from "./own-queue.ts";

/** What is sent for an item that is due, or nothing when it is no item of the service's. */
export type WakeOf = (item: Record<string, unknown>) => OwnMessage | undefined;

/**
 * A schedule's door: finds what is due and sends it to the service's own queue, so that every change goes one path. An item that is none of the service's is
 * passed over, counted and logged by its key: one such item must not stop what is due for everybody else.
 */
export function sweep(ports: {
  /** Milliseconds since 1970. */
  now(): number;
  /** What is due, page by page to the end. */
  due(now: number): AsyncIterable<readonly Record<string, unknown>[]>;
  wakeOf: WakeOf;
  send(messages: readonly OwnMessage[]): Promise<void>;
}) {
  return middy({ timeoutEarlyInMillis: 0 }).handler(async () => {
    let swept = 0;
    let passedOver = 0;
    for await (const page of ports.due(ports.now())) {
      const messages = page.flatMap((item) => {
        const wake = ports.wakeOf(item);
        if (wake) return [wake];
        passedOver += 1;
        passOver(item);
        return [];
      });
      if (messages.length === 0) continue;
      await ports.send(messages);
      swept += messages.length;
    }
    if (swept > 0) logger.info("sweeping", { messages: swept });
    return { swept, passedOver };
  });
}

/** Of what lies there only the key is logged: it is not ours. */
function passOver({ pk, sk }: Record<string, unknown>): void {
  const shown = (part: unknown) => (typeof part === "string" ? part.slice(0, 200) : "(no text)");
  logger.warn("what is due is no item of ours", { pk: shown(pk), sk: shown(sk) });
  count("SweepPassedOver", {});
}
