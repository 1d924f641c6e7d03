import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { Cloud } from "../local/cloud/start-cloud.ts";
import type { Call } from "../local/front/front.ts";
import { wholeText } from "../test/story/message-text.ts";
import { STAGE } from "../test/story/stage.ts";
import type { Asked, World } from "../test/story/world.ts";
import { emulatedTables } from "./emulated-tables.ts";
import { meter } from "./meter.ts";
import type { Row } from "./row.ts";

/** Longer than anything that follows an end by itself, such as a job's second wake. */
const QUIET_MS = 2_500;
/** Ends what hangs. A virtual machine on a busy machine takes two minutes. */
const STUCK_AFTER_MS = 300_000;

/**
 * The cheapest of several, by write units: a machine that has something else to do makes builds say more and messages come twice, and never makes a request cheaper.
 *
 * @param bound the most write units that it may cost
 */
export async function leastCostOf(world: World, asked: readonly Asked[], bound: number): Promise<Row[]> {
  const runs: Row[][] = [];
  for (const each of asked) runs.push(await costOf(world, each));
  const least = runs.reduce((one, other) => (written(other) < written(one) ? other : one));
  return least.map((row) => (isWritten(row) ? { ...row, bound } : row));
}

const WRITE_UNITS = "DynamoDB write units";
const isWritten = ({ name }: Row) => name.endsWith(WRITE_UNITS);
const written = (rows: readonly Row[]) => rows.find(isWritten)?.value ?? Number.NaN;

/**
 * What one request from form to end costs in calls, alone on the cloud: asked, approved by Carol, applied, checked. What the sweeps of each minute look at is left
 * out, as it is the same when nobody asks; what they wake is counted.
 */
export async function costOf(world: World, asked: Asked): Promise<Row[]> {
  const { cloud } = world;
  await untilQuiet(cloud); // What went before is not counted.
  const counted = countCalls(cloud);
  const batchesBefore = batches(cloud);
  const buildsBefore = cloud.codebuild.builds().length;
  try {
    await walk(world, asked);
    await untilQuiet(cloud);
    counted.throwIfUncounted();
  } finally {
    counted.end();
  }
  const { counts, units, events } = counted;
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
    row("DynamoDB read units", total(units.read), mostOf(units.read, units.read.size)),
    row(WRITE_UNITS, total(units.write), mostOf(units.write, units.write.size)),
    row("S3 calls", count(counts, "s3"), mostOf(only(counts, "s3"))),
    row("KMS calls", count(counts, "kms"), mostOf(only(counts, "kms"))),
    row("Slack calls", counted.slack()),
    row("builds", cloud.codebuild.builds().length - buildsBefore),
  ];
}

/**
 * Asks and lets Carol approve.
 *
 * @throws when it ends otherwise than well: it would cost less.
 */
export async function walk(world: World, asked: Asked): Promise<{ approvedAt: number; request: string }> {
  const message = await world.ask("ada", asked);
  const request = world.requestIdOf(message);
  const approval = await world.approval(request, true, STUCK_AFTER_MS);
  const approvedAt = Date.now();
  await world.slack.click("carol", approval, "approve");
  const ended = await world.said(message, /is ready in|Failed|Stopped/, STUCK_AFTER_MS);
  if (!/is ready in/.test(wholeText(ended.blocks))) throw new Error(`${request} did not end well`);
  return { approvedAt, request };
}

type Counted = ReturnType<typeof countCalls>;
const http = ({ doors }: Counted) => doors();

/** What roles of Sluice's account call, but for sweeps. What root and owners do is the bench's own work. */
const isOfRequests =
  ({ synth }: Cloud) =>
  ({ account, role, action }: Call): boolean =>
    account === synth.app.account && role !== undefined && !/-sweep(-|$)/.test(role) && action !== "ReceiveMessage";

/** Nobody has called for a while. */
async function untilQuiet(cloud: Cloud): Promise<void> {
  const isOne = isOfRequests(cloud);
  let last = Date.now();
  const end = cloud.front.calls.onAnswered((call) => {
    if (isOne(call)) last = Date.now();
  });
  while (Date.now() - last < QUIET_MS) await wait(200);
  end();
}

function countCalls(cloud: Cloud) {
  const { front, slack, lambda } = cloud;
  const { before, after } = meter(emulatedTables(cloud.asRoot));
  const counts = new Map<string, number>();
  const events = new Map<string, number>();
  const ids: string[] = [];
  const units = { read: new Map<string, number>(), write: new Map<string, number>() };
  const slackBefore = slack.history().length;
  const doorsBefore = doorCalls(lambda.traceFile);
  const isOne = isOfRequests(cloud);
  const uncounted: unknown[] = [];
  /** A call goes its way whether it can be counted or not: who called would try again, and again. */
  const metered = (look: (call: Call) => Promise<void>) => (call: Call) =>
    look(call).catch((cause) => void uncounted.push(cause));

  const ends = [
    front.faults.addLasting({
      name: "the bench looks at items before a call",
      when: "before",
      matches: (call) => isOne(call) && call.service === "dynamodb",
      do: metered(before),
    }),
    front.faults.addLasting({
      name: "the bench counts calls",
      when: "after",
      matches: isOne,
      do: metered(async (call) => {
        add(counts, `${call.service} ${call.action}`);
        if (call.service === "events") for (const { type, id } of entriesOf(call)) add(events, type) && ids.push(id);
        if (call.service !== "dynamodb") return;
        for (const { table, read, write } of await after(call)) {
          add(units.read, shortNameOf(table), read);
          add(units.write, shortNameOf(table), write);
        }
      }),
    }),
  ];
  return {
    counts,
    events,
    units,
    end() {
      for (const end of ends) end();
    },
    /** @throws the first that was not understood: the figures would be too low. */
    throwIfUncounted() {
      if (uncounted.length > 0) throw uncounted[0];
    },
    repeated: () => ids.length - new Set(ids).size,
    slack: () => slack.history().length - slackBefore - (doorCalls(lambda.traceFile) - doorsBefore),
    doors: () => doorCalls(lambda.traceFile) - doorsBefore,
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

/** `provisioner-builds` of `sluice-local-provisioner-builds`. */
const shortNameOf = (table: string) => table.replace(`sluice-${STAGE}-`, "");

const add = (counts: Map<string, number>, name: string, more = 1) => counts.set(name, (counts.get(name) ?? 0) + more);
const total = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((sum, each) => sum + each, 0);
const only = (counts: ReadonlyMap<string, number>, service: string) =>
  new Map(
    [...counts]
      .filter(([name]) => name.startsWith(`${service} `))
      .map(([name, n]) => [name.slice(service.length + 1), n]),
  );
const count = (counts: ReadonlyMap<string, number>, service: string) => total(only(counts, service));

/** The most frequent ones, in words. */
function mostOf(counts: ReadonlyMap<string, number>, at = 4): string {
  const most = [...counts].filter(([, n]) => n > 0).sort(([, a], [, b]) => b - a);
  return most
    .slice(0, at)
    .map(([name, n]) => `${n} ${name}`)
    .join(", ");
}
