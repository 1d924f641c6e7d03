/** Something that goes wrong with calls of `method` ("chat.update", or "*" for all). */
export type SlackFault = Readonly<{
  method: string;
  /** What the app hears: 429 with `retryAfterSeconds`, 500, 503 … Without it the call hangs. */
  status?: number;
  retryAfterSeconds?: number;
  /** Never answers; the connection is cut when the fault ends. */
  hang?: boolean;
  /** The call takes effect first, and only then the answer is lost. */
  commit?: boolean;
  /** How many calls it meets; all of them without it. */
  times?: number;
  /** Ends at this instant of the local cloud's clock. */
  until?: number;
}>;

export interface SlackFaults {
  /** Returns a function that takes it back. */
  add(fault: SlackFault): () => void;
  clear(): void;
}

/** Which fault meets a call, and the end of those that hang. */
export function slackFaults(now: () => number) {
  const active = new Map<SlackFault, { left: number; ended: AbortController }>();
  const end = (fault: SlackFault) => {
    active.get(fault)?.ended.abort();
    active.delete(fault);
  };
  return {
    add(fault: SlackFault) {
      active.set(fault, { left: fault.times ?? Number.POSITIVE_INFINITY, ended: new AbortController() });
      return () => end(fault);
    },
    clear() {
      for (const fault of [...active.keys()]) end(fault);
    },
    /** Takes one of the fault's times. `ended` is told when a hanging call may be cut. */
    meet(method: string): { fault: SlackFault; ended: AbortSignal } | undefined {
      for (const [fault, met] of active) {
        if (fault.until !== undefined && now() >= fault.until) {
          end(fault);
          continue;
        }
        if (met.left <= 0 || (fault.method !== "*" && fault.method !== method)) continue;
        met.left -= 1;
        return { fault, ended: met.ended.signal };
      }
      return undefined;
    },
  };
}
