import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import type { Call } from "../front/front.ts";
import type { Build } from "./build.ts";

/** A build that dies, or an event that goes astray. */
export interface BuildFault {
  readonly name: string;
  readonly matches: (build: Build) => boolean;
  /** When it is killed, with all its children and without grace. */
  readonly kill:
    | "before-first-command"
    /** A line appears in its log. */
    | { readonly atLine: (line: string) => boolean }
    /** A process of it appears whose command line matches; looked for every 20 ms. */
    | { readonly atProcess: (commandLine: string) => boolean }
    /** It (or a role that it assumed, by the session's name) calls the front; `after` = the call has taken effect. */
    | { readonly atCall: (call: Call) => boolean; readonly when: "before" | "after" };
  /** How many builds it hits; all when absent. */
  readonly times?: number;
}

/** What happens to an event of a build instead of being sent once. A function sends it when it likes, or never. */
export interface EventFault {
  readonly name: string;
  readonly matches: (build: Build) => boolean;
  readonly do: "lose" | "double" | ((send: () => Promise<void>) => void | Promise<void>);
  readonly times?: number;
}

/** Faults with a limited number of hits, in the order they came. */
export class FaultList<F extends { readonly times?: number }> {
  readonly #left = new Map<F, number>();

  /** Puts a fault in force, and hands back what ends it. */
  add(fault: F): () => void {
    this.#left.set(fault, fault.times ?? Number.POSITIVE_INFINITY);
    return () => void this.#left.delete(fault);
  }

  clear(): void {
    this.#left.clear();
  }

  /** The first fault that is meant, which this uses once. */
  take(isMeant: (fault: F) => boolean): F | undefined {
    for (const [fault, left] of this.#left) {
      if (!isMeant(fault)) continue;
      if (left <= 1) this.#left.delete(fault);
      else this.#left.set(fault, left - 1);
      return fault;
    }
    return undefined;
  }

  has(isMeant: (fault: F) => boolean): boolean {
    return [...this.#left.keys()].some(isMeant);
  }
}

const LOOK_AGAIN_MS = 20;

/** Calls `found` when a process of the group has a command line that matches. Returns what ends the watch. */
export function watchProcesses(
  group: number,
  matches: (commandLine: string) => boolean,
  found: () => void,
): () => void {
  let over = false;
  const look = async () => {
    if (over) return;
    const lines = await commandLines(group);
    if (over) return;
    if (lines.some(matches)) {
      over = true;
      return found();
    }
    setTimeout(look, LOOK_AGAIN_MS);
  };
  void look();
  return () => {
    over = true;
  };
}

async function commandLines(group: number): Promise<string[]> {
  const ps = spawn("ps", ["-A", "-o", "pgid=,args="], { stdio: ["ignore", "pipe", "ignore"] });
  const lines = (await text(ps.stdout)).split("\n").map((line) => line.trim());
  return lines.filter((line) => line.startsWith(`${group} `)).map((line) => line.slice(String(group).length + 1));
}
