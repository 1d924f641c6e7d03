import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import middy from "@middy/core";
import { flawOf, NonRetriableError } from "@sluice/events";
import { count, logger } from "@sluice/telemetry";
import type { Context, SQSEvent, SQSRecord } from "aws-lambda";
import { nameOf, type Subscription } from "./subscription.ts";

/** Puts a message that can never work where people look, with its reason. */
export type Parking = (parked: Readonly<{ body: string; code: string; reason: string; name: string }>) => Promise<void>;

/**
 * A queue's door: parses each record, hands it to its subscription, and answers which records failed, so that only they come back.
 * What will never work is parked with its reason at once and is not tried again; what might work later is.
 */
export function consume(subscriptions: readonly Subscription[], park: Parking) {
  const processor = new BatchProcessor(EventType.SQS, { logger });
  const byName = new Map(subscriptions.map((each) => [each.name, each]));

  const handleRecord = async ({ body, messageId }: SQSRecord): Promise<void> => {
    try {
      const message = soundMessage(body);
      const name = nameOf(message);
      const subscription = byName.get(name);
      if (!subscription) throw new NonRetriableError("unknown_event", `Nobody here knows ${name}`);
      await subscription.handle(message, (correlationId) => logger.appendKeys({ correlationId }));
      count("EventHandled", { event: name });
    } catch (cause) {
      if (!(cause instanceof NonRetriableError)) {
        logger.warn("a message failed and will be tried again", { messageId, error: cause as Error });
        throw cause;
      }
      const name = nameOf(safeJson(body));
      logger.error("a message was parked", { messageId, code: cause.code, reason: cause.message, event: name });
      count("MessageParked", { code: cause.code });
      await park({ body, code: cause.code, reason: cause.message, name });
    } finally {
      logger.resetKeys();
    }
  };

  // Middy's own early answer would let abandoned work go on into the next invocation.
  return middy<SQSEvent>({ timeoutEarlyInMillis: 0 }).handler((event: SQSEvent, context: Context) => {
    logger.addContext(context);
    return processPartialResponse(event, handleRecord, processor, { context, throwOnFullBatchFailure: false });
  });
}

/** A message that nothing after it breaks on, whatever it means. */
function soundMessage(body: string): unknown {
  const message = parseJson(body);
  const flaw = flawOf(message);
  if (flaw) throw new NonRetriableError(flaw.code, `The message cannot be handled. ${flaw.sentence}`);
  return message;
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new NonRetriableError("not_json", "The message is not JSON", { cause });
  }
}

function safeJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // Only its name is wanted, for the log, and it has none.
  }
}
