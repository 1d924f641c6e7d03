import { readFileSync } from "node:fs";
import type { Cloud } from "../local/cloud/start-cloud.ts";
import type { Call } from "../local/front/front.ts";
import type { Asked, World } from "../test/story/world.ts";
import { capacityOf } from "./capacity.ts";
import type { Row } from "./row.ts";

/** Longer than anything that follows an end by itself, such as a job's second wake. */
const QUIET_MS = 2_500;

/** What one request from form to end costs in calls, alone on the cloud: asked, approved by Carol, applied, checked. */
export async function costOf(world: World, asked: Asked): Promise<Row[]> {
  const { cloud } = world;
  const counted = countCalls(cloud);
  const batchesBefore = batches(cloud);
  const buildsBefore = cloud.codebuild.builds().length;
  try {
    await walk(world, asked);
    await counted.quiet();
  } finally {
    counted.end();
  }
  const { counts, capacity, events } = counted;
  const queued = batches(cloud).slice(batchesBefore.length);
  const row = (what: string, value: number, how?: string): Row => ({
    name: `${asked.blueprint}: ${what}`,
    value,
    unit: "",
    ...(how && { how }),
  });
  return [
    row("events", total(events), mostOf(events)),
    row("events that repeat", counted.repeated(), "the same id, published again"),
    row("Lambda invocations", queued.length + http(counted), `${queued.length} by queues, ${http(counted)} by Slack`),
    row("SQS calls", count(counts, "sqs") + queued.length, "sends, deletes, and receives that brought something"),
    row("DynamoDB calls", count(counts, "dynamodb")),
    row("DynamoDB read units", capacity.read, "estimate"),
    row("DynamoDB write units", capacity.write, "estimate, with the index"),
    row("S3 calls", count(counts, "s3"), mostOf(only(counts, "s3"))),
    row("KMS calls", count(counts, "kms"), mostOf(only(counts, "kms"))),
    row("Slack calls", counted.slack()),
    row("builds", cloud.codebuild.builds().length - buildsBefore),
  ];
}

/** Asks and lets Carol approve. Gives the message, which tells the end. */
export async function walk(world: World, asked: Asked): Promise<{ approvedAt: number; request: string }> {
  const message = await world.ask("ada", asked);
  const request = world.requestIdOf(message);
  const approval = await world.approval(request, true, 120_000);
  const approvedAt = Date.now();
  await world.slack.click("carol", approval, "approve");
  await world.said(message, /is ready in|Failed|Stopped/, 120_000);
  return { approvedAt, request };
}

type Counted = ReturnType<typeof countCalls>;
const http = ({ doors }: Counted) => doors();

/** Counts what roles of Sluice's account call. What root and owners do is the bench's own work. */
function countCalls(cloud: Cloud) {
  const { front, slack, lambda } = cloud;
  const capacityOfCall = capacityOf(cloud.asRoot);
  const counts = new Map<string, number>();
  const events = new Map<string, number>();
  const ids: string[] = [];
  const capacity = { read: 0, write: 0 };
  const slackBefore = slack.history().length;
  const doorsBefore = doorCalls(lambda.traceFile);
  let last = Date.now();

  const end = front.faults.addLasting({
    name: "the bench counts calls",
    when: "after",
    matches: ({ account, role, action }) =>
      account === cloud.synth.app.account && role !== undefined && action !== "ReceiveMessage",
    async do(call) {
      last = Date.now();
      add(counts, `${call.service} ${call.action}`);
      if (call.service === "events") for (const { type, id } of entriesOf(call)) add(events, type) && ids.push(id);
      if (call.service !== "dynamodb") return;
      const { read, write } = await capacityOfCall(call);
      capacity.read += read;
      capacity.write += write;
    },
  });
  return {
    counts,
    events,
    capacity,
    end,
    repeated: () => ids.length - new Set(ids).size,
    slack: () => slack.history().length - slackBefore - (doorCalls(lambda.traceFile) - doorsBefore),
    doors: () => doorCalls(lambda.traceFile) - doorsBefore,
    async quiet() {
      while (Date.now() - last < QUIET_MS) await new Promise((resolve) => setTimeout(resolve, 200));
    },
  };
}

function entriesOf({ body }: Call): { type: string; id: string }[] {
  const { Entries = [] } = (body ?? {}) as { Entries?: { DetailType?: string; Detail?: string }[] };
  return Entries.map(({ DetailType = "", Detail = "{}" }) => ({
    type: DetailType,
    id: String(JSON.parse(Detail).metadata?.id),
  }));
}

/** Batches that the functions got, from the host's trace. */
function batches({ lambda }: Cloud): string[] {
  return lines(lambda.traceFile).filter((line) => line.includes('"batch":'));
}

const doorCalls = (file: string) => lines(file).filter((line) => line.includes('"http":"POST')).length;
const lines = (file: string) => readFileSync(file, "utf8").split("\n");

const add = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
const total = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((sum, each) => sum + each, 0);
const only = (counts: ReadonlyMap<string, number>, service: string) =>
  new Map(
    [...counts]
      .filter(([name]) => name.startsWith(`${service} `))
      .map(([name, n]) => [name.slice(service.length + 1), n]),
  );
const count = (counts: ReadonlyMap<string, number>, service: string) => total(only(counts, service));

/** The most frequent ones, in words. */
function mostOf(counts: ReadonlyMap<string, number>): string {
  const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, 4);
  return most.map(([name, n]) => `${n} ${name}`).join(", ");
}
