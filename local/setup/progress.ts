/**
 * One thing that happened while setting up. `why` says what the part is for, `usualSeconds` what it takes on a small machine
 * with a good network; `seconds` count from the part's start.
 */
export interface SetupEvent {
  readonly part: string;
  readonly why: string;
  readonly usualSeconds: number;
  readonly state: "started" | "installed" | "failed";
  readonly seconds: number;
}

export type Report = (event: SetupEvent) => void;

/** Reports a part's start only when it is not over at once: what is there already needs no word. */
export async function watched<T>(
  report: Report,
  part: Pick<SetupEvent, "part" | "why" | "usualSeconds">,
  work: () => Promise<T>,
): Promise<T> {
  const since = performance.now();
  const seconds = () => (performance.now() - since) / 1000;
  let reported = false;
  const timer = setTimeout(() => {
    reported = true;
    report({ ...part, state: "started", seconds: 0 });
  }, 250);
  try {
    const result = await work();
    if (reported) report({ ...part, state: "installed", seconds: seconds() });
    return result;
  } catch (cause) {
    report({ ...part, state: "failed", seconds: seconds() });
    throw cause;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Prints set-up as it goes. On a terminal each running part is a line that counts its seconds; without one, or with `NO_COLOR`,
 * the same words stand once per line. Call `end` when set-up is over.
 */
export function printSetup(
  stream: { isTTY?: boolean; write(text: string): boolean },
  {
    now = Date.now,
    plain = !stream.isTTY || Boolean(process.env.NO_COLOR),
  }: { now?: () => number; plain?: boolean } = {},
): { report: Report; end: () => void } {
  const running = new Map<string, { usualSeconds: number; since: number }>();
  let shown = false;
  const clear = () => {
    if (shown) stream.write("\r\u001b[2K");
    shown = false;
  };
  const draw = () => {
    clear();
    if (running.size === 0) return;
    const parts = [...running].map(
      ([part, { since, usualSeconds }]) => `${part} ${Math.round((now() - since) / 1000)} of about ${usualSeconds} s`,
    );
    stream.write(`◐ ${parts.join(", ")}`.slice(0, 100));
    shown = true;
  };
  const timer = plain ? undefined : setInterval(draw, 1000);
  timer?.unref();

  return {
    report: (event) => {
      clear();
      stream.write(`${lineOf(event)}\n`);
      if (event.state === "started") running.set(event.part, { usualSeconds: event.usualSeconds, since: now() });
      else running.delete(event.part);
      if (!plain) draw();
    },
    end: () => {
      clearInterval(timer);
      clear();
    },
  };
}

function lineOf({ part, why, usualSeconds, state, seconds }: SetupEvent): string {
  if (state === "started") return `◐ Setting up ${part}: ${why}, usually ${usualSeconds} s`;
  return `${state === "installed" ? "✓" : "✗"} ${part} ${state}, ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}
