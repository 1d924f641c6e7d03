import { randomUUID } from "node:crypto";
import { type ExecutionEnvironment, InvocationFailed } from "./execution-environment.ts";
import type { HostedFunction } from "./host-plan.ts";
import { rounded, type Trace } from "./trace.ts";
import { traceHeader } from "./trace-header.ts";

/** The execution environments of one function. */
export interface Pool {
  /** JSON text of the answer. Waits while all workers are busy, where AWS would throttle. @throws InvocationFailed */
  invoke(event: unknown, givenTraceHeader?: string): Promise<string>;
  readonly stats: Readonly<PoolStats>;
}
export interface PoolStats {
  invocations: number;
  failures: number;
  coldStarts: number;
}

type Timer = ReturnType<typeof setTimeout>;

interface Waiting {
  run(environment: ExecutionEnvironment): Promise<void>;
  fail(cause: unknown): void;
}

/** Eight workers starting at once on two cores made single calls take 2.5 s. */
const QUEUE_BEFORE_GROWING_MS = 50;

/** A worker beside an idle one was there for a burst: it goes after this part of the time. */
const SPARE_IDLE_PART = 0.3;

/** A pool that starts with the first event, grows one worker at a time, and shrinks to nothing when nobody calls. */
export function startPool(
  fn: HostedFunction,
  start: () => Promise<ExecutionEnvironment>,
  { trace, idleMs }: { trace: Trace; idleMs: number },
): Pool {
  const waiting: Waiting[] = [];
  const idle: { environment: ExecutionEnvironment; reap: Timer }[] = [];
  const stats: PoolStats = { invocations: 0, failures: 0, coldStarts: 0 };
  let live = 0;
  let growing: Timer | "started" | undefined;
  let lastStartMs = 0;

  function dispatch(): void {
    for (let next = takeUsable(); waiting.length && next; next = takeUsable()) void serve(waiting.shift(), next);
    if (!waiting.length || growing || live >= fn.maxWorkers) return;
    // Most calls are over sooner than a start is: another worker is for who has waited as long as one takes.
    growing = setTimeout(grow, live === 0 ? 0 : Math.max(QUEUE_BEFORE_GROWING_MS, lastStartMs));
  }

  /** Only when somebody waits, so that a worker is not taken for nobody. */
  function takeUsable(): ExecutionEnvironment | undefined {
    while (waiting.length) {
      const next = idle.pop();
      if (!next) return undefined;
      clearTimeout(next.reap);
      if (next.environment.usable) return next.environment;
      live--; // It crashed while it was idle.
    }
    return undefined;
  }

  async function serve(call: Waiting | undefined, environment: ExecutionEnvironment): Promise<void> {
    await call?.run(environment);
    release(environment);
  }

  function release(environment: ExecutionEnvironment): void {
    if (environment.usable) {
      const idleFor = idleMs * (idle.length > 0 ? SPARE_IDLE_PART : 1);
      const reap = setTimeout(() => {
        idle.splice(
          idle.findIndex((entry) => entry.reap === reap),
          1,
        );
        live--;
        trace({ reaped: fn.resource, workers: live });
        void environment.end();
      }, idleFor);
      idle.push({ environment, reap });
    } else live--;
    dispatch();
  }

  async function grow(): Promise<void> {
    if (!waiting.length) {
      growing = undefined;
      return;
    }
    growing = "started";
    live++;
    try {
      const environment = await start();
      stats.coldStarts++;
      lastStartMs = environment.coldStartMs;
      trace({ coldStart: fn.resource, workers: live, ms: rounded(environment.coldStartMs) });
      growing = undefined;
      release(environment);
    } catch (cause) {
      live--;
      growing = undefined;
      waiting.shift()?.fail(cause); // As on AWS, an event pays for the start that it caused.
      dispatch();
    }
  }

  return {
    stats,
    async invoke(event, givenTraceHeader) {
      const call = {
        requestId: randomUUID(),
        event: JSON.stringify(event ?? null),
        traceHeader: traceHeader(givenTraceHeader),
      };
      stats.invocations++;
      try {
        return await new Promise<string>((resolve, reject) => {
          waiting.push({ fail: reject, run: (environment) => environment.handle(call).then(resolve, reject) });
          dispatch();
        });
      } catch (cause) {
        stats.failures++;
        const why = cause instanceof InvocationFailed ? cause.detail : { cause: String(cause) };
        trace({ failed: fn.resource, requestId: call.requestId, ...why });
        throw cause;
      }
    },
  };
}
