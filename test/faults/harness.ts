import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { PutCommand, QueryCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { Service } from "@sluice/events";
import { documentsOf } from "@sluice/jobs";
import type { Cloud } from "../../local/cloud/start-cloud.ts";
import type { Call } from "../../local/front/front.ts";
import { ensureTools } from "../../local/setup/tools.ts";
import { sharedSynth } from "../flow-synth.ts";
import { listen, STUCK_AFTER_MS } from "../story/heard.ts";
import { KEPT_FOR_MS, startSluice } from "../story/local-cloud.ts";
import type { Person } from "../story/people.ts";
import { worldOf } from "../story/world.ts";
import { terraformJournal } from "./terraform-journal.ts";

type DeadLetters = Service | "provisioner-reports" | "compliance-reports";
type Parked = Readonly<Record<"code" | "reason" | "event", string | undefined> & { body: string }>;

export type Flow = Awaited<ReturnType<typeof startFlow>>;

const ENDS = /^request\.(completed|rejected|expired|withdrawn|failed|refused|paused)\.v1$/;

/** More builds than a flow has, but for a long soak: 4 MB each, which `npm test` removes at its end. */
const KEPT_CONTAINERS = 100;

/** Sluice on a cloud of its own, with hands and eyes for faults. */
export async function startFlow(name: string, prepared: readonly string[] = []) {
  const root = join(import.meta.dirname, "../..");
  const journal = terraformJournal(
    join(root, ".sluice/flow", `terraform-${name}-${process.pid}`),
    await ensureTools({ root, want: ["python", "terraform"] }),
  );
  const cloud = await startSluice({
    root,
    name,
    tools: journal.tools,
    synth: await sharedSynth(),
    prepared,
    idleMs: KEPT_FOR_MS,
    keptContainers: KEPT_CONTAINERS,
  });
  const documents = documentsOf(new DynamoDBClient(cloud.asRoot)); // It reads what builds have left, too.
  const bus = new EventBridgeClient(cloud.asRoot);
  const sqs = new SQSClient(cloud.asRoot);
  const events = listen(cloud);
  const tables = cloud.outputs().tables as Record<Service, string>;
  const buildsTables = cloud.outputs().buildsTables as Record<"provisioner" | "compliance", string>;
  const lookThrough = async (TableName: string): Promise<Record<string, unknown>[]> =>
    (await documents.send(new ScanCommand({ TableName, ConsistentRead: true }))).Items ?? [];

  const put = (source: string, type: string, detail: unknown) =>
    bus.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: String(cloud.outputs().bus),
            Source: source,
            DetailType: type,
            Detail: JSON.stringify(detail),
          },
        ],
      }),
    );
  const who = (person: Person) => ({ team: cloud.slack.team.id, user: cloud.slack.userId(person) });
  const now = () => new Date(cloud.clock.now()).toISOString();
  const fromTheDoor = (request: string, type: string, data: object) =>
    put("sluice.intake", type, {
      metadata: { id: newEventId(), correlationId: request, occurredAt: now(), actor: "slack:T/U" },
      data,
    });

  let looking: Promise<unknown> = Promise.resolve();
  async function parkedIn(service: DeadLetters): Promise<Parked[]> {
    const QueueUrl = `${cloud.front.url}/000000000000/sluice-local-${service}-dead`;
    const found: Message[] = [];
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10, // The most that SQS gives.
          VisibilityTimeout: 30,
          MessageAttributeNames: ["All"],
        }),
      );
      if (Messages.length === 0) break;
      found.push(...Messages);
    }
    for (const { ReceiptHandle } of found)
      await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    return found.map(({ Body, MessageAttributes }) => ({
      body: Body ?? "",
      code: MessageAttributes?.code?.StringValue,
      reason: MessageAttributes?.reason?.StringValue,
      event: MessageAttributes?.event?.StringValue,
    }));
  }

  /** How many messages a service's queue holds, those that are being worked on included. */
  async function waitingIn(service: Service): Promise<number> {
    const QueueUrl = `${cloud.front.url}/000000000000/sluice-local-${service}`;
    const { Attributes: held } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
    return Number(held?.ApproximateNumberOfMessages) + Number(held?.ApproximateNumberOfMessagesNotVisible);
  }

  return {
    cloud,
    world: worldOf(cloud),
    events,
    put,
    who,
    runs: journal.runs,

    /** Proposes a probe as the Slack door would. Gives the request's id at once. */
    async propose(given: {
      name: string;
      environment?: string;
      note?: string;
      seconds?: number[];
      reason?: string;
      by?: Person;
      request?: string;
    }) {
      const {
        name: probe,
        environment = "sandbox",
        by = "ada",
        request = newRequestId(),
        reason = "fault test",
        ...rest
      } = given;
      await fromTheDoor(request, "request.proposed.v1", {
        request,
        blueprint: "probe",
        environment,
        reason,
        parameters: { name: probe, ...rest },
        who: who(by),
        signedAt: now(),
      });
      return request;
    },

    /** A click on the request's gate, as the Slack door would send it. */
    decide: (request: string, by: Person = "carol", attempt = 1, verdict: "approve" | "reject" = "approve") =>
      fromTheDoor(request, "decision.submitted.v1", {
        gate: { request, step: "approve", attempt },
        verdict,
        ...(verdict === "reject" && { reason: "no" }),
        who: who(by),
        signedAt: now(),
      }),

    /** A click on *Withdraw…*, sent with its form. */
    withdraw: (request: string, by: Person = "ada", reason?: string) =>
      fromTheDoor(request, "withdrawal.submitted.v1", {
        request,
        ...(reason && { reason }),
        who: who(by),
        signedAt: now(),
      }),

    /** A click on *Unlock…*, sent with its form. */
    unlock: (request: string, environment: string, workspace: string, by: Person, reason: string) =>
      fromTheDoor(request, "unlock.submitted.v1", {
        request,
        environment,
        workspace,
        reason,
        who: who(by),
        signedAt: now(),
      }),

    /** A click on *Plan again*, *Configure again* or *Check again*. */
    repeat: (request: string, step: string, attempt: number, by: Person = "ada") =>
      fromTheDoor(request, "repetition.submitted.v1", { request, step, attempt, who: who(by), signedAt: now() }),

    /** The first event of a request of this type, also one that was put before. @throws when there is none in time. */
    heard: (request: string, type: RegExp | string) =>
      events.waitFor(
        `${type} of ${request}`,
        (event) =>
          event.request === request && (typeof type === "string" ? event.type === type : type.test(event.type)),
      ),

    /** The approval of this attempt is open. */
    opened: (request: string, attempt = 1, deadlineMs = STUCK_AFTER_MS) =>
      events.waitFor(
        `gate ${attempt} of ${request}`,
        ({ type, detail, request: of }) =>
          of === request &&
          type === "approval.opened.v1" &&
          (detail.data.gate as { attempt?: number } | undefined)?.attempt === attempt,
        deadlineMs,
      ),

    /**
     * How a request ended, or that it is paused. What a crash left to a sweep is not waited for in real minutes: the clock is moved on.
     */
    ended: (request: string) =>
      hurried(cloud, () =>
        events.waitFor(`the end of ${request}`, (event) => event.request === request && ENDS.test(event.type)),
      ),

    /** Everything that a service keeps of a request. */
    async items(service: Service, pk: string): Promise<Record<string, unknown>[]> {
      const { Items } = await documents.send(
        new QueryCommand({
          TableName: tables[service],
          ConsistentRead: true,
          KeyConditionExpression: "#pk = :pk",
          ExpressionAttributeNames: { "#pk": "pk" },
          ExpressionAttributeValues: { ":pk": pk },
        }),
      );
      return Items ?? [];
    },

    /** The grants that were spent, with the build that spent each. */
    async spentGrants(): Promise<{ request: string; build: string }[]> {
      const items = await lookThrough(buildsTables.provisioner);
      return items.filter(({ sk }) => sk === "grant").map((item) => findGrant(item));
    },

    /** The workspace's item, in the table that builds write too. */
    async workspace(environment: string, name: string): Promise<Record<string, unknown> | undefined> {
      const items = await lookThrough(buildsTables.provisioner);
      return items.find(({ pk }) => pk === `${environment}#workspace#${name}`);
    },

    /** Everything that owners of jobs and their builds keep of an environment. */
    async itemsOf(environment: string): Promise<Record<string, unknown>[]> {
      const owned = [tables.provisioner, tables.compliance, ...Object.values(buildsTables)];
      const items = (await Promise.all(owned.map(lookThrough))).flat();
      return items.filter(({ pk }) => String(pk).startsWith(`${environment}#`));
    },

    /** What all functions have logged, counts too: a line of JSON each. */
    logged: () => readFileSync(cloud.lambda.logFile, "utf8").split("\n"),

    /** Puts an item where a service's sweep finds it. It is none of the service's. */
    putJunk: (service: Service) =>
      documents.send(
        new PutCommand({ TableName: tables[service], Item: { pk: "junk", sk: "junk", dueShard: "all", dueAt: 0 } }),
      ),

    /** What lies in a service's dead-letter queue, with its reasons, oldest first. It stays there. One looks at a time: what one holds no other sees. */
    parked(service: DeadLetters): Promise<Parked[]> {
      const mine = looking.then(() => parkedIn(service));
      looking = mine.catch(() => undefined);
      return mine;
    },

    /** Waits until these services have worked off everything that was sent to them. */
    heardAll: (of: readonly Service[]) =>
      eventually(
        `${of.join(", ")} to have heard all of it`,
        () => Promise.all(of.map(waitingIn)),
        (waiting) => waiting.every((count) => count === 0),
      ),

    stop: () => cloud.stop(),
  };
}

/** Writes of a service's own functions to its table, as a fault or a count wants to know them. */
export const isWriteOf =
  (service: Service) =>
  ({ role, service: called, action }: Call): boolean =>
    called === "dynamodb" &&
    /^(PutItem|UpdateItem|DeleteItem|TransactWriteItems|BatchWriteItem)$/.test(action) &&
    (role ?? "").startsWith(`sluice-local-${service}-`);

export const newRequestId = () => `req_${randomBytes(8).toString("hex")}`;
export const newEventId = () => `evt_${randomBytes(16).toString("hex")}`;

/** A minute and a little: past the next sweep. */
const TO_THE_NEXT_SWEEP_MS = 61_000;
/** Nobody of Sluice has called AWS for this long: what is still to come waits for a sweep. A build computes without calls for longer. */
const STANDS_STILL_AFTER_MS = { idle: 3_000, building: 10_000 };
/** Nothing was published for this long, though somebody still calls: a build that hangs and says that it is there. */
const HANGS_AFTER_MS = 30_000;
const MOVES_EVERY_MS = 5_000;

/** Moves the clock past the next sweep whenever all stands still and something is still waited for. Only the wait is shorter; what happens then is the same. */
export async function hurried<T>(cloud: Cloud, wait: () => Promise<T>): Promise<T> {
  const began = Date.now();
  const last = { call: began, event: began, move: began };
  const since = (...moments: number[]) => Date.now() - Math.max(...moments);
  const endListening = cloud.front.calls.onAnswered(({ role, action }) => {
    if (!role) return; // A test, or the Lambda host that polls.
    last.call = Date.now();
    if (action === "PutEvents") last.event = last.call;
  });
  const isBuilding = () => cloud.codebuild.builds().some(({ status }) => status === "IN_PROGRESS");
  const standsStill = () =>
    since(last.call, last.move) > STANDS_STILL_AFTER_MS[isBuilding() ? "building" : "idle"] ||
    (since(last.event) > HANGS_AFTER_MS && since(last.move) > MOVES_EVERY_MS);
  const looking = setInterval(() => {
    if (!standsStill()) return;
    last.move = Date.now();
    cloud.clock.advance(TO_THE_NEXT_SWEEP_MS);
  }, 500);
  try {
    return await wait();
  } finally {
    endListening();
    clearInterval(looking);
  }
}

/** Moves the clock past the next sweep every few seconds, whatever happens meanwhile. */
export async function withFastClock<T>(cloud: Cloud, wait: () => Promise<T>): Promise<T> {
  const ticking = setInterval(() => cloud.clock.advance(TO_THE_NEXT_SWEEP_MS), MOVES_EVERY_MS);
  try {
    return await wait();
  } finally {
    clearInterval(ticking);
  }
}

/** Polls a fact of the world until it holds. @throws with what was last seen. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T>,
  holds: (seen: T) => boolean,
  deadlineMs = STUCK_AFTER_MS,
): Promise<T> {
  let seen = await look();
  for (const end = Date.now() + deadlineMs; !holds(seen); seen = await look()) {
    if (Date.now() > end)
      throw new Error(
        `${what} did not hold within ${deadlineMs} ms; last seen: ${JSON.stringify(seen)?.slice(0, 2_000)}`,
      );
    await new Promise((again) => setTimeout(again, 100));
  }
  return seen;
}

function findGrant(item: Record<string, unknown>): { request: string; build: string } {
  const holder = (item.spent ?? item.grant ?? item) as Record<string, unknown>;
  return { request: String(holder.request), build: String(holder.build) };
}
