import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, stop as stopEsbuild } from "esbuild";
import { type Deployed, resolve } from "../account/deployed.ts";
import type { Clock } from "../clock/clock.ts";
import { type RunningProcess, startProcess } from "../process/start-process.ts";
import type { ControlAnswer } from "./control-server.ts";
import { InvocationFailed } from "./execution-environment.ts";
import type { HostSettings } from "./host.ts";
import { readHostPlan, type Synthesized } from "./host-plan.ts";
import type { PoolStats } from "./pool.ts";

/** The app's functions, running in a process of their own. */
export interface LambdaHost {
  /** Base URL of the app's HTTP APIs; another one after a restart. */
  readonly url: string;
  /** The host's process group; another one after a restart. */
  readonly pid: number;
  /** JSON lines: cold starts, batches with waits and receive counts, HTTP calls, failures. */
  readonly traceFile: string;
  /** What the functions wrote to standard output and error. */
  readonly logFile: string;
  /** Calls a function by its name, ARN, resource name or SST name. @throws InvocationFailed as the function failed. */
  invoke(functionName: string, event: unknown): Promise<unknown>;
  /** Runs everything scheduled, now, and resolves when it has ended. @throws InvocationFailed when one failed. */
  tick(): Promise<void>;
  /** Per function, since the host's last start. */
  stats(): Promise<Record<string, PoolStats>>;
  /** SIGKILL, in the middle of whatever it does. */
  kill(): Promise<void>;
  /** Kills it if it still runs, and starts it again on the same port. What was in flight is given back to the queues. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface LambdaHostOptions {
  root: string;
  synth: Synthesized;
  deployed: Pick<Deployed, "real">;
  /** What the functions and the host call as AWS. */
  endpoint: string;
  /** May assume every function's role and use every queue. */
  rootCredentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string | undefined };
  directory: string;
  clock: Clock;
  /** Added to every function's environment: settings of the local deployment. */
  variables?: Record<string, string>;
  /** How long a worker is kept for the next event; one behind a route stays longer. Without it, one that only a schedule invokes goes sooner. */
  idleMs?: number;
}

/** A worker holds some 25 MB. What only a schedule invokes has nothing to do for a minute; who moves the clock on does so every 5 s. */
const IDLE_MS = { queue: 20_000, sweep: 6_000 };

/** Starts the host and resolves when it polls and serves. It ends when this process ends. */
export async function startLambdaHost(options: LambdaHostOptions): Promise<LambdaHost> {
  const { root, synth, deployed, directory, clock } = options;
  mkdirSync(directory, { recursive: true });
  const { hostFile, workerFile } = await bundleHost(directory);
  const plan = readHostPlan(root, synth, (value) => resolve(deployed, value));
  const settings: HostSettings = {
    plan,
    endpoint: options.endpoint,
    variables: options.variables ?? {},
    clockFile: clock.file,
    workerFile,
    compileCache: compileCacheOf(plan),
    traceFile: join(directory, "trace.jsonl"),
    logFile: join(directory, "functions.log"),
    idleMs: options.idleMs ?? IDLE_MS.queue,
    sweepIdleMs: options.idleMs ?? IDLE_MS.sweep,
  };
  const settingsFile = join(directory, "settings.json");
  writeFileSync(settingsFile, JSON.stringify(settings, null, 1));

  let at = { port: "", controlPort: "" };
  let running = await start();
  function start(): Promise<RunningProcess> {
    return startProcess({
      name: "lambda-host",
      command: process.execPath,
      args: [hostFile, settingsFile],
      env: { ...environment(options.rootCredentials), NODE_COMPILE_CACHE: settings.compileCache },
      cwd: directory,
      logFile: join(directory, "host.log"),
      ready(line) {
        const [, port, controlPort] = /^Lambda host is up on (\d+) (\d+)$/.exec(line) ?? [];
        if (port && controlPort) at = { port, controlPort };
        return port !== undefined;
      },
    });
  }

  const call = (what: string, body?: unknown) => control(at.controlPort, what, body);
  const endListening = clock.onAdvance(() => {
    // A killed host hears of the new time when it starts; a function that fails is in the trace.
    call("tick").catch(() => undefined);
  });

  return {
    get url() {
      return `http://127.0.0.1:${at.port}`;
    },
    get pid() {
      return running.pid;
    },
    traceFile: settings.traceFile,
    logFile: settings.logFile,
    invoke: (functionName, event) => call("invoke", { function: functionName, event }),
    tick: async () => void (await call("tick")),
    stats: async () => (await call("stats")) as Record<string, PoolStats>,
    kill: () => running.kill(),
    async restart() {
      await running.kill();
      running = await start();
    },
    async stop() {
      endListening();
      await running.kill();
    },
  };
}

/** Beside the bundles: all clouds that run the same ones compile them once. */
function compileCacheOf({ functions }: HostSettings["plan"]): string {
  return join(dirname(functions[0]?.bundle ?? ""), "../compile-cache");
}

/** Nothing of this process's environment but the path: a developer's own AWS settings must not reach the local cloud. */
function environment(root: LambdaHostOptions["rootCredentials"]): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "",
    MALLOC_ARENA_MAX: "1", // glibc's arena a thread kept a quarter more memory: 680 MB instead of 520 with 20 workers.
    AWS_ACCESS_KEY_ID: root.accessKeyId,
    AWS_SECRET_ACCESS_KEY: root.secretAccessKey,
    ...(root.sessionToken && { AWS_SESSION_TOKEN: root.sessionToken }),
  };
}

/** As JavaScript, because stripping types in every worker costs each of them time and memory. */
async function bundleHost(directory: string): Promise<{ hostFile: string; workerFile: string }> {
  const programs = ["host", "worker"];
  await build({
    entryPoints: programs.map((name) => fileURLToPath(new URL(`${name}.ts`, import.meta.url))),
    outdir: directory,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    mainFields: ["module", "main"],
    banner: { js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);` },
  });
  await stopEsbuild(); // Its process keeps 87 MB, and the next build, if there is one, starts it again.
  const [hostFile = "", workerFile = ""] = programs.map((name) => join(directory, `${name}.mjs`));
  return { hostFile, workerFile };
}

async function control(port: string, what: string, body: unknown): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}/${what}`, {
    method: "POST",
    body: JSON.stringify(body ?? null),
  });
  const answer: ControlAnswer = JSON.parse(await response.text());
  if ("failed" in answer) throw new InvocationFailed(answer.failed);
  if ("broken" in answer) throw new Error(`The Lambda host could not ${what}: ${answer.broken}`);
  return answer.ok;
}
