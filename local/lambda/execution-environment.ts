import { Worker } from "node:worker_threads";
import type { SharedOffset } from "../clock/shared-offset.ts";
import type { HostedFunction } from "./host-plan.ts";
import type { FunctionError, WorkerCall, WorkerMessage, WorkerStart } from "./worker-messages.ts";

/** Thrown for an invocation that did not succeed. `errorType` is AWS's word for it. */
export class InvocationFailed extends Error {
  override readonly name = "InvocationFailed";
  readonly detail: FunctionError;

  constructor(detail: FunctionError) {
    super(`${detail.errorType}: ${detail.errorMessage}`);
    this.detail = detail;
  }
}

/** A started function: one thread that handles one event at a time. */
export interface ExecutionEnvironment {
  /** JSON text of the answer. @throws InvocationFailed */
  handle(call: Omit<WorkerCall, "timeoutMs">): Promise<string>;
  /** False once it has crashed, timed out or been ended: such a one gets no further event. */
  readonly usable: boolean;
  readonly coldStartMs: number;
  end(): Promise<void>;
}

/**
 * Lambda gives the start 10 s. On a busy two-core machine several starts at once took 0.4 s; this leaves room for worse and
 * still ends a bundle that never finishes its import.
 */
const START_WITHIN_MS = 30_000;

/**
 * V8's default for new objects is 48 MB. With 2 a worker spent a quarter of its time collecting garbage, with 16 half of that. A running cloud took 946 MB with 16,
 * 909 with 8 and 898 with 4; `bench:story` bounds it at 900.
 */
const YOUNG_GENERATION_MB = 4;

/** Starts a worker with exactly this environment. @throws InvocationFailed when its bundle cannot be imported. */
export async function startEnvironment(
  fn: HostedFunction,
  thread: {
    file: string;
    env: Record<string, string>;
    clock: SharedOffset;
    compileCache: string;
    print: (chunk: Buffer) => void;
  },
): Promise<ExecutionEnvironment> {
  const began = performance.now();
  const start: WorkerStart = {
    bundle: fn.bundle,
    handler: fn.handler,
    functionName: fn.name,
    functionArn: fn.arn,
    memoryMb: fn.memoryMb,
    clock: thread.clock,
    compileCache: thread.compileCache,
  };
  const worker = new Worker(thread.file, {
    name: fn.resource,
    workerData: start,
    env: thread.env,
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: fn.memoryMb, maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  worker.stdout.on("data", thread.print);
  worker.stderr.on("data", thread.print);
  worker.unref();

  let usable = true;
  let hear: ((outcome: WorkerMessage | InvocationFailed) => void) | undefined;
  const fail = (detail: FunctionError) => {
    usable = false;
    hear?.(new InvocationFailed(detail));
  };
  worker.on("message", (message: WorkerMessage) => hear?.(message));
  worker.on("error", (cause) => {
    thread.print(Buffer.from(`${cause instanceof Error ? cause.stack : cause}\n`));
    fail(crashed(cause));
  });
  worker.on("exit", (code) =>
    fail({ errorType: "Runtime.ExitError", errorMessage: `Runtime exited with error: exit status ${code}` }),
  );

  /** The next thing that matters, whichever comes first: a message, the thread's end, the time. */
  const next = async (withinMs: number, tooLate: FunctionError): Promise<WorkerMessage> => {
    const timer = setTimeout(() => fail(tooLate), withinMs);
    try {
      const outcome = await new Promise<WorkerMessage | InvocationFailed>((resolve) => {
        hear = resolve;
      });
      if (outcome instanceof InvocationFailed) throw outcome;
      return outcome;
    } finally {
      clearTimeout(timer);
      hear = undefined;
    }
  };

  const end = async () => {
    usable = false;
    await worker.terminate(); // Stops a busy loop too.
  };

  try {
    const first = await next(START_WITHIN_MS, timedOut("Init", START_WITHIN_MS));
    if (first.kind === "unable") throw new InvocationFailed(first.error);
  } catch (cause) {
    await end();
    throw cause;
  }

  return {
    coldStartMs: performance.now() - began,
    get usable() {
      return usable;
    },
    end,
    async handle(call) {
      const answer = next(fn.timeoutMs, timedOut(`RequestId: ${call.requestId} Error: Task`, fn.timeoutMs));
      worker.postMessage({ ...call, timeoutMs: fn.timeoutMs } satisfies WorkerCall);
      try {
        const outcome = await answer;
        if (outcome.kind === "answer") return outcome.text;
        if (outcome.kind === "error") throw new InvocationFailed(outcome.error);
        throw new Error(`A worker of ${fn.name} said ${outcome.kind} while it handled an event`);
      } finally {
        if (!usable) await end();
      }
    },
  };
}

function timedOut(what: string, ms: number): FunctionError {
  return { errorType: "Sandbox.Timedout", errorMessage: `${what} timed out after ${(ms / 1_000).toFixed(2)} seconds` };
}

function crashed(cause: unknown): FunctionError {
  const outOfMemory = cause instanceof Error && "code" in cause && cause.code === "ERR_WORKER_OUT_OF_MEMORY";
  return {
    errorType: outOfMemory ? "Runtime.OutOfMemory" : "Runtime.ExitError",
    errorMessage: cause instanceof Error ? cause.message : String(cause),
  };
}
