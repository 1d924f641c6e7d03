import middy from "@middy/core";
import type { OwnMessage } from "./own-queue.ts";
import { logger } from "./telemetry.ts";

/** A schedule's door: finds what is due and sends it to the service's own queue, so that every change goes one path. */
export function sweep(ports: {
  /** Milliseconds since 1970. */
  now(): number;
  due(now: number): Promise<readonly OwnMessage[]>;
  send(messages: readonly OwnMessage[]): Promise<void>;
}) {
  return middy({ timeoutEarlyInMillis: 0 }).handler(async () => {
    const messages = await ports.due(ports.now());
    if (messages.length > 0) logger.info("sweeping", { messages: messages.length });
    await ports.send(messages);
    return { swept: messages.length };
  });
}
