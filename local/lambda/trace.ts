import { openSync, writeSync } from "node:fs";

/** One line of what the host did. */
export type Trace = (entry: Record<string, unknown>) => void;

/** Appends JSON lines, each written before the call returns: a killed host loses none. `t` is real time in milliseconds since 1970. */
export function openTrace(file: string): Trace {
  const handle = openSync(file, "a");
  return (entry) => void writeSync(handle, `${JSON.stringify({ t: Date.now(), ...entry })}\n`);
}

/** `1.23` rather than `1.2345678` milliseconds. */
export const rounded = (ms: number): number => Math.round(ms * 100) / 100;
