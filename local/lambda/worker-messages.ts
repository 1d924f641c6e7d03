import type { SharedOffset } from "../clock/shared-offset.ts";

/** What a worker is told when it starts. */
export interface WorkerStart {
  bundle: string;
  handler: string;
  functionName: string;
  functionArn: string;
  memoryMb: number;
  clock: SharedOffset;
  /** A folder where V8 keeps what it compiled of the bundle, for the next start. */
  compileCache: string;
}

/** One event for a worker. `event` is JSON text, because that is all a function ever gets. */
export interface WorkerCall {
  requestId: string;
  event: string;
  timeoutMs: number;
  traceHeader: string;
}

export type WorkerMessage =
  | { kind: "ready"; importMs: number }
  | { kind: "unable"; error: FunctionError }
  | { kind: "answer"; requestId: string; text: string }
  | { kind: "error"; requestId: string; error: FunctionError };

/** What AWS hands back for a failed invocation. */
export interface FunctionError {
  errorType: string;
  errorMessage: string;
  trace?: string[];
}
