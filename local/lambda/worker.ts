/** One execution environment: imports the real bundle, then handles one event at a time. Runs in a worker thread of the host. */
import { randomBytes } from "node:crypto";
import { enableCompileCache, flushCompileCache } from "node:module";
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { offsetReader } from "../clock/shared-offset.ts";
import { shiftDate } from "../clock/shift-date.ts";
import type { FunctionError, WorkerCall, WorkerMessage, WorkerStart } from "./worker-messages.ts";

type Handler = (event: unknown, context: object) => unknown;

/** Lambda's limit for the answer of a synchronous invocation. */
const LARGEST_ANSWER_BYTES = 6 * 1024 * 1024;

/** The first event is over by then, and what it had compiled is kept too. A thread that is killed, as most are, keeps nothing at its end. */
const KEEP_COMPILED_AFTER_MS = 1_000;

const start: WorkerStart = workerData;
const say = (message: WorkerMessage) => parentPort?.postMessage(message);

const importedFrom = performance.now();
enableCompileCache(start.compileCache);
shiftDate(offsetReader(start.clock)); // Before the bundle, which may keep a reference to `Date`.
const logStreamName = `${new Date().toISOString().slice(0, 10).replaceAll("-", "/")}/[$LATEST]${randomBytes(16).toString("hex")}`;

try {
  const handler = await loadHandler();
  parentPort?.on("message", (call: WorkerCall) => void handle(handler, call));
  parentPort?.once("message", () => void setTimeout(flushCompileCache, KEEP_COMPILED_AFTER_MS).unref());
  say({ kind: "ready", importMs: performance.now() - importedFrom });
} catch (cause) {
  say({ kind: "unable", error: described(cause) });
}

async function loadHandler(): Promise<Handler> {
  const name = start.handler.slice(start.handler.lastIndexOf(".") + 1);
  const handler: unknown = (await import(pathToFileURL(start.bundle).href))[name];
  if (typeof handler === "function") return handler as Handler;
  throw Object.assign(new Error(`${start.handler} is undefined or not exported`), { name: "Runtime.HandlerNotFound" });
}

async function handle(handler: Handler, { requestId, event, timeoutMs, traceHeader }: WorkerCall): Promise<void> {
  process.env._X_AMZN_TRACE_ID = traceHeader;
  try {
    const text = JSON.stringify((await handler(JSON.parse(event), contextOf(requestId, timeoutMs))) ?? null);
    if (Buffer.byteLength(text) > LARGEST_ANSWER_BYTES)
      throw Object.assign(new Error(`Response payload size exceeded ${LARGEST_ANSWER_BYTES} bytes`), {
        name: "Function.ResponseSizeTooLarge",
      });
    say({ kind: "answer", requestId, text });
  } catch (cause) {
    say({ kind: "error", requestId, error: described(cause) });
  }
}

/** The remaining time is counted on a clock that nobody shifts. */
function contextOf(awsRequestId: string, timeoutMs: number): object {
  const deadline = performance.now() + timeoutMs;
  return {
    awsRequestId,
    functionName: start.functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: start.functionArn,
    memoryLimitInMB: String(start.memoryMb),
    logGroupName: `/aws/lambda/${start.functionName}`,
    logStreamName,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(deadline - performance.now())),
  };
}

function described(cause: unknown): FunctionError {
  if (!(cause instanceof Error)) return { errorType: typeof cause, errorMessage: String(cause) };
  return { errorType: cause.name, errorMessage: cause.message, trace: (cause.stack ?? "").split("\n") };
}
