/** The Lambda host's own process: `node host.ts <settings file>`. Root's key comes by the environment. It knows no event of the app. */
import { once } from "node:events";
import { openSync, readFileSync, writeSync } from "node:fs";
import type { Server } from "node:http";
import { flushCompileCache } from "node:module";
import type { AddressInfo } from "node:net";
import { SQSClient } from "@aws-sdk/client-sqs";
import { STSClient } from "@aws-sdk/client-sts";
import { readOffset } from "../clock/offset-file.ts";
import { setOffset, sharedOffset } from "../clock/shared-offset.ts";
import { controlServer } from "./control-server.ts";
import { runMapping } from "./event-source-mapping.ts";
import { startEnvironment } from "./execution-environment.ts";
import { functionEnvironment } from "./function-environment.ts";
import { giveBackInFlight } from "./give-back.ts";
import { functionNamed, type HostedFunction, type HostPlan } from "./host-plan.ts";
import { httpApi } from "./http-api.ts";
import { type Pool, startPool } from "./pool.ts";
import { roleSessions } from "./role-session.ts";
import { runSchedules } from "./schedules.ts";
import { openTrace } from "./trace.ts";

/** What `startLambdaHost` hands over in a file. */
export interface HostSettings {
  plan: HostPlan;
  endpoint: string;
  variables: Record<string, string>;
  clockFile: string;
  workerFile: string;
  compileCache: string;
  traceFile: string;
  logFile: string;
  idleMs: number;
  sweepIdleMs: number;
}

const [settingsFile = ""] = process.argv.slice(2);
const settings: HostSettings = JSON.parse(readFileSync(settingsFile, "utf8"));
const { plan, endpoint } = settings;
const { region, account } = plan;

const trace = openTrace(settings.traceFile);
const functionsLog = openSync(settings.logFile, "a");
const client = { endpoint, region, requestHandler: { httpAgent: { keepAlive: true, maxSockets: 500 } } };
const sqs = new SQSClient(client);
const credentialsOf = roleSessions(new STSClient(client));

const clock = sharedOffset();
const readClock = () => setOffset(clock, readOffset(settings.clockFile));
const nowMs = () => Date.now() + readOffset(settings.clockFile);

/** Who waits at a door is a person, to whom Slack gives three seconds: a start beside other starts took more. Lambda, too, keeps what was called for minutes. */
const DOOR_IDLE_MS = 600_000;
const pools = new Map<string, Pool>(plan.functions.map((fn) => [fn.arn, poolOf(fn)]));

function poolOf(fn: HostedFunction): Pool {
  const start = async () =>
    startEnvironment(fn, {
      file: settings.workerFile,
      env: functionEnvironment(fn, {
        region,
        endpoint,
        variables: settings.variables,
        credentials: await credentialsOf(fn),
      }),
      clock,
      compileCache: settings.compileCache,
      print: (chunk) => void writeSync(functionsLog, chunk),
    });
  return startPool(fn, start, { trace, idleMs: idleMsOf(fn) });
}

function idleMsOf({ arn }: HostedFunction): number {
  const isCalledBy = (those: readonly { functionArn: string }[]) =>
    those.some(({ functionArn }) => functionArn === arn);
  if (isCalledBy(plan.routes)) return Math.max(settings.idleMs, DOOR_IDLE_MS);
  return isCalledBy(plan.mappings) ? settings.idleMs : settings.sweepIdleMs;
}

async function invoke(functionArn: string, event: unknown, traceHeader?: string): Promise<string> {
  const pool = pools.get(functionArn);
  if (!pool) throw new Error(`No function ${functionArn}`);
  readClock();
  return pool.invoke(event, traceHeader);
}

/** On a port that is free now: one that was chosen earlier may be somebody else's by the time that a killed host comes back. */
async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const queues = plan.mappings.map((mapping) => mapping.queueArn);
const rootKeyId = process.env.AWS_ACCESS_KEY_ID ?? "";
trace({ givenBack: await giveBackInFlight(queues, { endpoint, region, rootKeyId }) });
readClock();

const schedules = runSchedules(plan.schedules, { region, account, nowMs, invoke });
const controlPort = await listen(
  controlServer({
    invoke: async (request) =>
      JSON.parse(await invoke(functionNamed(plan.functions, request.function).arn, request.event)),
    tick: () => {
      readClock(); // For workers that are in the middle of something.
      return schedules.tick();
    },
    stats: () => Object.fromEntries(plan.functions.map((fn) => [fn.resource, pools.get(fn.arn)?.stats])),
  }),
);
const port = await listen(httpApi({ routes: plan.routes, account, nowMs, trace, invoke }));

for (const mapping of plan.mappings)
  void runMapping(mapping, {
    sqs,
    queueUrl: `${endpoint}/${account}/${mapping.queueArn.split(":").at(-1)}`,
    region,
    trace,
    concurrency: plan.functions.find((fn) => fn.arn === mapping.functionArn)?.maxWorkers ?? 1,
    invoke: (event, traceHeader) => invoke(mapping.functionArn, event, traceHeader),
  });

flushCompileCache(); // Before it is killed.
trace({ up: process.pid, ms: Math.round(performance.now()) });
console.log(`Lambda host is up on ${port} ${controlPort}`); // Read by `startLambdaHost`.
