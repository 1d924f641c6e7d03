import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ContainerCredentials, Session } from "../front/front.ts";
import {
  type Build,
  type BuildStatus,
  endPhase,
  enterPhase,
  newBuild,
  queuedTimeoutInMinutes,
  serviceRoleOf,
  timeoutInMinutes,
} from "./build.ts";
import type { BuildFaults } from "./build-faults.ts";
import type { Project, StartBuild } from "./project.ts";
import { type BuildWorld, type RunningBuild, runBuild } from "./run-build.ts";

/** All builds of one cloud: those that wait, those that run, and those that have ended. */
export class Builds {
  readonly #byId = new Map<string, Build>();
  readonly #queue: Build[] = [];
  readonly #running = new Map<Build, RunningBuild>();
  readonly #ending = new Set<Build>();
  readonly #timers = new Map<Build, NodeJS.Timeout>();
  readonly #listeners = new Set<(build: Build) => void>();
  readonly #unfinished = new Set<Promise<void>>();
  readonly #wentWrong: unknown[] = [];
  readonly #deps;
  #stopped = false;

  constructor(deps: {
    /** Holds a folder a build. */
    directory: string;
    /** How many run at once; others wait. */
    concurrent: number;
    world: BuildWorld;
    credentials: Pick<ContainerCredentials, "register" | "unregister">;
    faults: BuildFaults;
    announce: (build: Build) => Promise<void>;
  }) {
    this.#deps = deps;
  }

  /** Oldest first. */
  all(): readonly Build[] {
    return [...this.#byId.values()];
  }

  /** By id or ARN. */
  find(idOrArn: string): Build | undefined {
    return this.#byId.get(idOf(idOrArn));
  }

  /** Puts a new build into the queue. */
  begin(project: Project, request: StartBuild, caller: Session): Build {
    const uuid = randomUUID();
    const logFile = join(this.#deps.directory, uuid, "build.log");
    const number = this.#byId.size + 1;
    const build = newBuild({ project, request, caller, uuid, number, now: Date.now(), logFile });
    this.#byId.set(build.id, build);
    this.#changed(build);
    this.#queue.push(build);
    this.#endAfter(build, queuedTimeoutInMinutes(build));
    this.#startQueued();
    return build;
  }

  /** The one end of every build, whoever causes it first. It shows once nothing of the build runs any more. */
  async finish(build: Build, status: Exclude<BuildStatus, "IN_PROGRESS">): Promise<void> {
    if (this.#ending.has(build)) return;
    this.#ending.add(build);
    clearTimeout(this.#timers.get(build));
    await this.#running.get(build)?.kill();
    build.endedAt = Date.now();
    build.status = status;
    endPhase(build, build.endedAt, status);
    build.phases.push({ name: "COMPLETED", startedAt: build.endedAt });
    this.#changed(build);
    this.#startQueued();
  }

  onChange(listener: (build: Build) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The first build that satisfies this, now or within the deadline. @throws when there is none by then. */
  waitFor(matches: (build: Build) => boolean, deadlineMs: number): Promise<Build> {
    const already = this.all().find(matches);
    if (already) return Promise.resolve(already);
    return new Promise((resolve, reject) => {
      const end = this.onChange((build) => {
        if (!matches(build)) return;
        clearTimeout(timer);
        end();
        resolve(build);
      });
      const timer = setTimeout(() => {
        end();
        const seen = this.all().map(({ id, status }) => `${id} ${status}`);
        reject(new Error(`Waited ${deadlineMs} ms for a build; there are: ${seen.join(", ") || "none"}`));
      }, deadlineMs);
    });
  }

  /** Kills what runs; what waits never starts. @throws what went wrong with events or builds behind the scenes. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.all([...this.#running.values()].map((each) => each.kill()));
    while (this.#unfinished.size) await Promise.all(this.#unfinished);
    if (this.#wentWrong.length)
      throw new AggregateError(this.#wentWrong, "Something went wrong behind the local CodeBuild");
  }

  #startQueued(): void {
    if (this.#stopped) return;
    const occupied = this.all().filter((build) => build.endedAt === undefined && !this.#queue.includes(build)).length;
    const free = Math.max(0, this.#deps.concurrent - occupied);
    const waiting = this.#queue.filter((build) => !this.#ending.has(build));
    this.#queue.splice(0, this.#queue.length, ...waiting.slice(free));
    for (const build of waiting.slice(0, free)) this.#behind(this.#run(build));
  }

  async #run(build: Build): Promise<void> {
    const { world, credentials, faults } = this.#deps;
    enterPhase(build, "PROVISIONING", Date.now());
    this.#endAfter(build, timeoutInMinutes(build));
    if (faults.beforeFirstCommand(build)) return this.finish(build, "FAILED");

    await mkdir(join(build.logFile, ".."), { recursive: true });
    const keys = credentials.register(build.id, serviceRoleOf(build));
    const die = () => this.#behind(this.finish(build, "FAILED"));
    let endWatch = () => {};
    try {
      const started = await runBuild(build, world, keys, (line) => faults.atLine(build, line) && die());
      this.#running.set(build, started);
      if (this.#ending.has(build) || this.#stopped) await started.kill(); // Ended while it was starting.
      endWatch = faults.watchProcesses(build, started.pid, die);
      const succeeded = await started.ended;
      const hasFailedPhase = build.phases.some(({ status }) => status === "FAILED");
      await this.finish(build, succeeded && !hasFailedPhase ? "SUCCEEDED" : "FAILED");
    } catch (cause) {
      await this.finish(build, "FAILED");
      if (!this.#stopped) throw cause;
    } finally {
      endWatch();
      this.#running.delete(build);
      credentials.unregister(build.id);
    }
  }

  #endAfter(build: Build, minutes: number): void {
    clearTimeout(this.#timers.get(build));
    const timer = setTimeout(() => this.#behind(this.finish(build, "TIMED_OUT")), minutes * 60_000);
    this.#timers.set(build, timer);
  }

  #changed(build: Build): void {
    for (const listener of [...this.#listeners]) listener(build);
    if (!this.#stopped) this.#behind(this.#deps.announce(build));
  }

  /** Work that nobody waits for; `stop` does, and tells what failed. */
  #behind(work: Promise<void>): void {
    const watched = work
      .catch((cause) => void this.#wentWrong.push(cause))
      .finally(() => this.#unfinished.delete(watched));
    this.#unfinished.add(watched);
  }
}

/** `<project>:<uuid>` of an id or an ARN. */
export function idOf(idOrArn: string): string {
  return idOrArn.replace(/^arn:.*:build\//, "");
}
