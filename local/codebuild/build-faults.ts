import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import type { Call } from "../front/front.ts";
import type { Build } from "./build.ts";
import { FaultList } from "./fault-list.ts";

/** A build that dies: killed with all its children and without grace, as when its container is taken away. */
export interface BuildFault {
  readonly name: string;
  readonly matches: (build: Build) => boolean;
  readonly kill:
    | "before-first-command"
    /** A line appears in its log. */
    | { readonly atLine: (line: string) => boolean }
    /** A process of it appears whose command line matches; looked for every 20 ms. */
    | { readonly atProcess: (commandLine: string) => boolean }
    /** It, or a role that it assumed, calls the front; `after` = the call has taken effect. */
    | { readonly atCall: (call: Call) => boolean; readonly when: "before" | "after" };
  /** How many builds it hits; all when absent. */
  readonly times?: number;
}

/** Says when a build has to die, by the faults in force. Each `true` uses a fault once. */
export class BuildFaults extends FaultList<BuildFault> {
  beforeFirstCommand(build: Build): boolean {
    return this.take(({ kill, matches }) => kill === "before-first-command" && matches(build)) !== undefined;
  }

  atLine(build: Build, line: string): boolean {
    const isMeant = ({ kill, matches }: BuildFault) =>
      typeof kill === "object" && "atLine" in kill && matches(build) && kill.atLine(line);
    return this.take(isMeant) !== undefined;
  }

  /** Whether a call would kill the build, without using the fault. */
  isFatal(build: Build, call: Call, when: "before" | "after"): boolean {
    return this.has((fault) => isCallFault(fault, build, call, when));
  }

  atCall(build: Build, call: Call, when: "before" | "after"): boolean {
    return this.take((fault) => isCallFault(fault, build, call, when)) !== undefined;
  }

  /** Calls `found` when a process of the build's group is meant. Returns what ends the watch. */
  watchProcesses(build: Build, group: number, found: () => void): () => void {
    const isMeant = (commandLine: string) => (fault: BuildFault) =>
      isProcessFault(fault, build) && fault.kill.atProcess(commandLine);
    if (!this.has((fault) => isProcessFault(fault, build))) return () => undefined;
    return watchCommandLines(group, (commandLine) => this.take(isMeant(commandLine)) !== undefined, found);
  }
}

function isCallFault({ kill, matches }: BuildFault, build: Build, call: Call, when: "before" | "after"): boolean {
  return typeof kill === "object" && "atCall" in kill && kill.when === when && matches(build) && kill.atCall(call);
}

type ProcessFault = BuildFault & { kill: { atProcess: (commandLine: string) => boolean } };

function isProcessFault(fault: BuildFault, build: Build): fault is ProcessFault {
  return typeof fault.kill === "object" && "atProcess" in fault.kill && fault.matches(build);
}

const LOOK_AGAIN_MS = 20;

function watchCommandLines(group: number, matches: (commandLine: string) => boolean, found: () => void): () => void {
  let over = false;
  const look = async () => {
    const lines = await commandLines(group);
    if (over) return;
    if (lines.some(matches)) return found();
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
