import { renameSync, writeFileSync } from "node:fs";
import { readOffset } from "./offset-file.ts";

/** The local cloud's time: real time plus one offset, kept in a file so that every process of the cloud sees the same. */
export interface Clock {
  /** Milliseconds since 1970, shifted. */
  now(): number;
  /** Moves the clock, backwards too, then tells the listeners in the order they came. */
  advance(ms: number): void;
  /** Returns a function that ends the listening. */
  onAdvance(listener: () => void): () => void;
  /** Holds the offset in milliseconds, as a decimal number. */
  readonly file: string;
}

/** Starts at the offset that the file holds, so a restarted cloud goes on in the time it was in; without a file, at real time. */
export function startClock(file: string): Clock {
  const listeners = new Set<() => void>();
  writeOffset(file, readOffset(file));

  return {
    file,
    now: () => Date.now() + readOffset(file),
    advance(ms) {
      writeOffset(file, readOffset(file) + ms);
      for (const listener of [...listeners]) listener();
    },
    onAdvance(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** By rename, so that no reader ever sees half a number. */
function writeOffset(file: string, ms: number): void {
  const written = `${file}.${process.pid}.new`;
  writeFileSync(written, String(ms));
  renameSync(written, file);
}
