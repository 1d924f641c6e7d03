import {
  type AnyDefinition,
  type EventDefinition,
  type EventOf,
  MAX_DETAIL_BYTES,
  Metadata,
  NonRetriableError,
  type OneOf,
  PartnerProposal,
} from "@sluice/events";
import * as z from "zod";

/** What EventBridge puts around a detail. Strict about what we use, silent about what AWS may add. */
const Envelope = z.object({
  source: z.string(),
  account: z.string(),
  "detail-type": z.string(),
  detail: z.unknown(),
  "replay-name": z.string().optional(),
});
export type Envelope = z.infer<typeof Envelope>;

/** One kind of message that a queue may bring, and what is done with it. */
export type Subscription = Readonly<{
  /** The detail-type, or the name of the service's own message. */
  name: string;
  /** A request's id, for the logs, once the message is parsed. */
  handle(message: unknown, about: (correlationId: string) => void): Promise<void>;
}>;

/** Deadlines are counted from an event's time, and a year of five digits is no date that an event can say. */
const LAST_TIME = Date.UTC(9_999, 0);

/** Hears an event: only from those who may send it, only as it is defined, never replayed. */
export function on<const D extends Pick<EventDefinition, "type" | "sources" | "data">>(
  definition: D,
  work: (event: EventOf<D>) => Promise<void>,
): Subscription {
  const Detail = z.strictObject({ metadata: Metadata, data: definition.data });
  return {
    name: definition.type,
    async handle(message, about) {
      const envelope = liveEnvelope(message, definition.sources);
      const detail = parsed(Detail, envelope.detail, definition.type);
      if (Date.parse(detail.metadata.occurredAt) > LAST_TIME)
        throw new NonRetriableError(
          "invalid",
          `${definition.type} says that it occurred on ${detail.metadata.occurredAt}`,
        );
      about(detail.metadata.correlationId);
      await work({
        type: definition.type,
        source: envelope.source,
        metadata: detail.metadata,
        data: detail.data as EventOf<D>["data"],
      });
    },
  };
}

/** Hears several events alike: the type of each tells what its data is. */
export function onEach<D extends AnyDefinition>(
  definitions: readonly D[],
  work: (event: OneOf<D>) => Promise<void>,
): Subscription[] {
  // Each is parsed by its own definition, so that its type and its data belong together.
  return definitions.map((definition) => on(definition, (event) => work(event as OneOf<D>)));
}

export type PartnerEvent = Readonly<{ account: string; source: string; proposal: PartnerProposal["data"] }>;

/** Hears what is proposed: by a person, through our own door, or by a partner from its own source. Both have one detail-type. */
export function onProposal<const D extends Pick<EventDefinition, "type" | "sources" | "data">>(
  definition: D,
  byPerson: (event: EventOf<D>) => Promise<void>,
  byPartner: (event: PartnerEvent) => Promise<void>,
): Subscription {
  const own = on(definition, byPerson);
  return {
    name: definition.type,
    async handle(message, about) {
      const { source } = parsed(Envelope, message, "an event");
      if (!source.startsWith("partner.")) return own.handle(message, about);
      const { account, detail } = liveEnvelope(message, [source]);
      await byPartner({ account, source, proposal: parsed(PartnerProposal, detail, definition.type).data });
    },
  };
}

const BuildStateChange = z.object({
  source: z.literal("aws.codebuild"),
  detail: z.object({
    "build-status": z.enum(["IN_PROGRESS", "SUCCEEDED", "FAILED", "FAULT", "STOPPED", "TIMED_OUT"]),
    "project-name": z.string(),
    "build-id": z.string().includes(":build/"),
    "additional-information": z.object({
      environment: z.object({
        "environment-variables": z.array(z.object({ name: z.string(), value: z.string() })),
      }),
    }),
  }),
});

export type BuildChange = Readonly<{
  project: string;
  /** `<project>:<uuid>`, as StartBuild returned it. */
  build: string;
  /** Whether the build is over, by CodeBuild's word. */
  terminal: boolean;
  status: string;
  /** The build's `JOB_ID`; empty when it has none. */
  job: string;
}>;

/** Hears CodeBuild on the account's default bus. Its `build-id` is an ARN there: this is the one place that cuts it. */
export function onBuildChange(work: (change: BuildChange) => Promise<void>): Subscription {
  return {
    name: "CodeBuild Build State Change",
    async handle(message) {
      liveEnvelope(message, ["aws.codebuild"]);
      const { detail } = parsed(BuildStateChange, message, "a build's state change");
      const variables = detail["additional-information"].environment["environment-variables"];
      await work({
        project: detail["project-name"],
        build: detail["build-id"].slice(detail["build-id"].indexOf(":build/") + ":build/".length),
        terminal: detail["build-status"] !== "IN_PROGRESS",
        status: detail["build-status"],
        job: variables.find(({ name }) => name === "JOB_ID")?.value ?? "",
      });
    },
  };
}

/** Hears a message that the service sent to its own queue: `{ message: <name>, … }`. A sweep sends them, builds send their reports. */
export function onMessage<const N extends string, S extends z.ZodType>(
  name: N,
  schema: S,
  work: (message: z.infer<S>) => Promise<void>,
): Subscription {
  return {
    name,
    async handle(message) {
      const { message: _, ...rest } = parsed(z.looseObject({ message: z.literal(name) }), message, name);
      await work(parsed(schema, rest, name));
    },
  };
}

/** What a message calls itself: an event's detail-type or the name of an own message. */
export function nameOf(message: unknown): string {
  const named = z.object({ "detail-type": z.string().optional(), message: z.string().optional() }).safeParse(message);
  return (named.success && (named.data["detail-type"] ?? named.data.message)) || "a message without a name";
}

function liveEnvelope(message: unknown, sources: readonly string[]): Envelope {
  const envelope = parsed(Envelope, message, "an event");
  const type = envelope["detail-type"];
  if (envelope["replay-name"])
    throw new NonRetriableError("replayed", `A replayed ${type} (${envelope["replay-name"]}) starts nothing`);
  if (!sources.includes(envelope.source))
    throw new NonRetriableError("source_not_allowed", `${type} may not come from ${envelope.source}`);
  const bytes = Buffer.byteLength(JSON.stringify(envelope.detail) ?? "");
  if (bytes > MAX_DETAIL_BYTES && envelope.source !== "aws.codebuild")
    throw new NonRetriableError("too_big", `The detail of ${type} has ${bytes} bytes, more than ${MAX_DETAIL_BYTES}`);
  return envelope;
}

function parsed<S extends z.ZodType>(schema: S, value: unknown, what: string): z.infer<S> {
  const result = schema.safeParse(value);
  if (!result.success)
    throw new NonRetriableError(
      "invalid",
      `${what} is not as defined: ${z.prettifyError(result.error).slice(0, 400)}`,
      {
        cause: result.error,
      },
    );
  return result.data;
}
