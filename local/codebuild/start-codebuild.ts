import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { IAMClient } from "@aws-sdk/client-iam";
import { z } from "zod";
import type { Answer } from "../front/answer.ts";
import { buildSessionName } from "../front/container-credentials.ts";
import type { Call, Front, HandledCall, Refusal, Session } from "../front/front.ts";
import {
  asAnswered,
  type Build,
  type BuildStatus,
  endPhase,
  enterPhase,
  newBuild,
  queuedTimeoutInMinutes,
  serviceRoleOf,
  timeoutInMinutes,
} from "./build.ts";
import { type BuildFault, type EventFault, FaultList, watchProcesses } from "./build-faults.ts";
import { refusedByPolicy, refusedBySignature } from "./caller.ts";
import { conditionKeysOf } from "./condition-keys.ts";
import { IdempotencyTokens } from "./idempotency.ts";
import { type Project, projectsOf, StartBuild } from "./project.ts";
import { type BuildWorld, type RunningBuild, runBuild } from "./run-build.ts";
import { stateChange } from "./state-change.ts";

export type { Build, BuildStatus } from "./build.ts";
export type { BuildFault, EventFault } from "./build-faults.ts";

/** The local CodeBuild: what a person sees and does in its console, and what a test does to it. */
export interface CodeBuild {
  /** Oldest first. They change as they go. */
  builds(): readonly Build[];
  /** Told at every change of a build's status, its beginning included. Returns what ends the listening. */
  onChange(listener: (build: Build) => void): () => void;
  /** The first build that satisfies this, now or within the deadline. @throws when there is none by then. */
  waitFor(matches: (build: Build) => boolean, deadlineMs: number): Promise<Build>;
  /** What the console's *Retry build* does: the same again, as a new build. */
  retry(buildId: string): Build;
  /** The container is gone, without a word; the build has failed. */
  kill(buildId: string): Promise<void>;
  readonly buildFaults: FaultList<BuildFault>;
  readonly eventFaults: FaultList<EventFault>;
  /** The next calls of StartBuild are refused, as when many come or the account is new. */
  refuseStart(how: "throttle" | "account-limit", times: number): void;
  /** The next calls of StartBuild start their build, and the connection closes without an answer. */
  loseStartAnswer(times: number): void;
  /** The next calls of StartBuild start two builds and name the first. */
  startTwice(times: number): void;
  /** Kills what runs. @throws what went wrong with events or builds behind the scenes, if anything did. */
  stop(): Promise<void>;
}

const REFUSED_STARTS: Readonly<Record<"throttle" | "account-limit", Refusal>> = {
  throttle: { code: "ThrottlingException", message: "Rate exceeded", status: 400 },
  "account-limit": {
    code: "AccountLimitExceededException",
    message: "Cannot have more than 1 builds in queue for the account",
    status: 400,
  },
};

/** Answers CodeBuild at the front, and runs builds as processes of this machine, `concurrentBuilds` at a time. */
export async function startCodeBuild(options: {
  synth: {
    app: { region: string; account: string };
    resources: readonly { type: string; inputs: Readonly<Record<string, unknown>> }[];
  };
  deployed: { real: Readonly<Record<string, string>> };
  front: Front;
  /** Holds a folder a build with its log. */
  directory: string;
  tools: { path: string };
  clock?: { readonly file: string; now(): number };
  clockPreload?: string;
  variables?: Readonly<Record<string, string>>;
  concurrentBuilds?: number;
}): Promise<CodeBuild> {
  const { front, synth, clock, concurrentBuilds = 2 } = options;
  const { region } = synth.app;
  await mkdir(options.directory, { recursive: true });
  const projects = projectsOf(synth, options.deployed.real);
  const preload = options.clockPreload ?? join(import.meta.dirname, "../clock/preload.ts");
  const world: BuildWorld = {
    region,
    endpoint: front.url,
    path: options.tools.path,
    variables: options.variables ?? {},
    ...(clock && { clock: { file: clock.file, preload } }),
  };
  const iam = new IAMClient({ region, endpoint: front.url, credentials: front.rootCredentials });
  const builds = new Map<string, Build>();
  const running = new Map<string, RunningBuild>();
  const ending = new Set<Build>();
  const queue: Build[] = [];
  const timers = new Map<string, NodeJS.Timeout>();
  const tokens = new IdempotencyTokens<Build>();
  const buildFaults = new FaultList<BuildFault>();
  const eventFaults = new FaultList<EventFault>();
  const listeners = new Set<(build: Build) => void>();
  const under = new Set<Promise<void>>();
  const wentWrong: unknown[] = [];
  let twice = 0;
  let stopped = false;

  front.handleService("codebuild", answerCall);
  const endCallFaults = (["before", "after"] as const).map((when) =>
    front.faults.add({
      name: `kill a build ${when} a call`,
      when,
      matches: (call) => isFatal(call, when),
      do: killCaller,
    }),
  );

  return {
    builds: () => [...builds.values()],
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    waitFor,
    retry: (buildId) => begin(known(buildId), known(buildId).request, rootOf(synth.app.account)),
    kill: (buildId) => finish(known(buildId), "FAILED"),
    buildFaults,
    eventFaults,
    refuseStart: (how, times) =>
      void front.faults.add({
        name: `StartBuild is refused (${how})`,
        matches: isStart,
        when: "before",
        do: "refuse",
        refusal: REFUSED_STARTS[how],
        times,
      }),
    loseStartAnswer: (times) =>
      void front.faults.add({
        name: "the answer of StartBuild is lost",
        matches: isStart,
        when: "after",
        do: "drop-answer",
        times,
      }),
    startTwice(times) {
      twice = times;
    },
    async stop() {
      stopped = true;
      for (const end of endCallFaults) end();
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.all([...running.values()].map((each) => each.kill()));
      while (under.size) await Promise.all(under);
      iam.destroy();
      if (wentWrong.length) throw new AggregateError(wentWrong, "Something went wrong behind the local CodeBuild");
    },
  };

  async function answerCall(call: HandledCall): Promise<Answer | Refusal> {
    const answers = { StartBuild: startBuild, RetryBuild: retryBuild, StopBuild: stopBuild, BatchGetBuilds: getBuilds };
    const answer = answers[call.action as keyof typeof answers];
    if (!answer) return call.askMiniStack(); // Projects are MiniStack's.
    return (await refusedBySignature(call)) ?? answer(call);
  }

  async function startBuild({ body, caller }: HandledCall): Promise<Answer | Refusal> {
    const named = z.looseObject({ projectName: z.string() }).safeParse(body);
    if (!named.success) return invalidInput("projectName is missing");
    const project = [...projects.values()].find(({ name, arn }) => [name, arn].includes(named.data.projectName));
    const arn = project?.arn ?? `arn:aws:codebuild:${region}:${synth.app.account}:project/${named.data.projectName}`;
    const context = conditionKeysOf(named.data);
    const refused = await refusedByPolicy(iam, caller, { action: "codebuild:StartBuild", resources: [arn], context });
    if (refused) return refused;
    if (!project) return { code: "ResourceNotFoundException", message: `Project cannot be found: ${arn}`, status: 400 };

    const request = StartBuild.safeParse(body);
    if (!request.success) return invalidInput(z.prettifyError(request.error));
    const { idempotencyToken, ...asked } = request.data;
    const earlier = tokens.find(idempotencyToken, asked, clockNow());
    if (earlier === "mismatch") return invalidInput("The idempotency token was used with other parameters");
    if (earlier) return said({ build: asAnswered(earlier) });

    if (project.concurrentBuildLimit !== undefined && openBuilds(project) >= project.concurrentBuildLimit)
      return {
        code: "AccountLimitExceededException",
        message: `Cannot have more than ${project.concurrentBuildLimit} active builds for the project ${project.name}`,
        status: 400,
      };
    const build = begin({ project }, request.data, caller);
    if (twice > 0) {
      twice -= 1;
      begin({ project }, request.data, caller);
    }
    tokens.remember(idempotencyToken, asked, build, clockNow());
    return said({ build: asAnswered(build) });
  }

  async function retryBuild({ body, caller }: HandledCall): Promise<Answer | Refusal> {
    const { id = "" } = z.object({ id: z.string().optional() }).parse(body);
    const build = builds.get(idOf(id));
    const refused = await refusedOnBuilds(caller, "codebuild:RetryBuild", [id]);
    if (refused) return refused;
    if (!build) return { code: "ResourceNotFoundException", message: `Build cannot be found: ${id}`, status: 400 };
    return said({ build: asAnswered(begin(build, build.request, caller)) });
  }

  async function stopBuild({ body, caller }: HandledCall): Promise<Answer | Refusal> {
    const { id = "" } = z.object({ id: z.string().optional() }).parse(body);
    const build = builds.get(idOf(id));
    const refused = await refusedOnBuilds(caller, "codebuild:StopBuild", [id]);
    if (refused) return refused;
    if (!build) return { code: "ResourceNotFoundException", message: `Build cannot be found: ${id}`, status: 400 };
    await finish(build, "STOPPED");
    return said({ build: asAnswered(build) });
  }

  async function getBuilds({ body, caller }: HandledCall): Promise<Answer | Refusal> {
    const { ids } = z.object({ ids: z.array(z.string()).min(1).max(100) }).parse(body);
    const refused = await refusedOnBuilds(caller, "codebuild:BatchGetBuilds", ids);
    if (refused) return refused;
    return said({
      builds: ids.flatMap((id) => builds.get(idOf(id)) ?? []).map(asAnswered),
      buildsNotFound: ids.filter((id) => !builds.has(idOf(id))),
    });
  }

  /** Rights on builds are rights on their projects, found or not. */
  function refusedOnBuilds(caller: Session, action: string, ids: readonly string[]): Promise<Refusal | undefined> {
    const names = new Set(ids.map((id) => idOf(id).split(":")[0] ?? ""));
    const resources = [...names].map((name) => `arn:aws:codebuild:${region}:${synth.app.account}:project/${name}`);
    return refusedByPolicy(iam, caller, { action, resources, context: new Map() });
  }

  function begin({ project }: { project: Project }, request: StartBuild, caller: Session): Build {
    const uuid = randomUUID();
    const build = newBuild({
      project,
      request,
      caller,
      uuid,
      number: builds.size + 1,
      now: Date.now(),
      logFile: join(options.directory, uuid, "build.log"),
    });
    builds.set(build.id, build);
    changed(build);
    queue.push(build);
    endAfter(build, queuedTimeoutInMinutes(build));
    startQueued();
    return build;
  }

  function startQueued(): void {
    if (stopped) return;
    const free = concurrentBuilds - [...builds.values()].filter(isOccupying).length;
    for (const build of queue.splice(0, Math.max(0, free))) if (!ending.has(build)) behind(run(build));
  }

  /** Queued builds occupy nothing; whoever has left the queue does until its end. */
  function isOccupying(build: Build): boolean {
    return build.endedAt === undefined && !queue.includes(build);
  }

  async function run(build: Build): Promise<void> {
    enterPhase(build, "PROVISIONING", Date.now());
    endAfter(build, timeoutInMinutes(build));
    if (buildFaults.take((fault) => fault.kill === "before-first-command" && fault.matches(build)))
      return finish(build, "FAILED");

    await mkdir(join(options.directory, buildUuid(build)), { recursive: true });
    const credentials = front.containerCredentials.register(build.id, serviceRoleOf(build));
    const endWatches: (() => void)[] = [];
    try {
      const started = await runBuild(build, world, credentials, (line) => onLine(build, line));
      running.set(build.id, started);
      if (ending.has(build) || stopped) await started.kill(); // Stopped while it was starting.
      endWatches.push(...watchForProcess(build, started));
      const succeeded = await started.ended;
      const failedPhase = build.phases.some(({ status }) => status === "FAILED");
      await finish(build, succeeded && !failedPhase ? "SUCCEEDED" : "FAILED");
    } catch (cause) {
      await finish(build, "FAILED");
      if (!stopped) throw cause;
    } finally {
      for (const end of endWatches) end();
      running.delete(build.id);
      front.containerCredentials.unregister(build.id);
    }
  }

  /** The one end of every build, whoever causes it first. It shows once nothing of the build runs any more. */
  async function finish(build: Build, status: Exclude<BuildStatus, "IN_PROGRESS">): Promise<void> {
    if (ending.has(build)) return;
    ending.add(build);
    clearTimeout(timers.get(build.id));
    await running.get(build.id)?.kill();
    build.endedAt = Date.now();
    build.status = status;
    endPhase(build, build.endedAt, status);
    build.phases.push({ name: "COMPLETED", startedAt: build.endedAt });
    changed(build);
    startQueued();
  }

  function endAfter(build: Build, minutes: number): void {
    clearTimeout(timers.get(build.id));
    timers.set(
      build.id,
      setTimeout(() => behind(finish(build, "TIMED_OUT")), minutes * 60_000),
    );
  }

  function changed(build: Build): void {
    for (const listener of [...listeners]) listener(build);
    if (stopped) return;
    const event = stateChange(build);
    const send = () => front.publishAsService([event]);
    const fate = eventFaults.take((each) => each.matches(build))?.do ?? "send";
    if (fate === "send") behind(send());
    else if (fate === "double") behind(send().then(send));
    else if (fate !== "lose") behind(Promise.resolve(fate(send)));
  }

  function onLine(build: Build, line: string): void {
    const fault = buildFaults.take(
      ({ kill, matches }) => typeof kill === "object" && "atLine" in kill && matches(build) && kill.atLine(line),
    );
    if (fault) behind(finish(build, "FAILED"));
  }

  function watchForProcess(build: Build, { pid }: RunningBuild): (() => void)[] {
    const isMeant = (commandLine: string) => (fault: BuildFault) =>
      typeof fault.kill === "object" &&
      "atProcess" in fault.kill &&
      fault.matches(build) &&
      fault.kill.atProcess(commandLine);
    const isWatched = buildFaults.has(
      ({ kill, matches }) => typeof kill === "object" && "atProcess" in kill && matches(build),
    );
    if (!isWatched) return [];
    const matches = (commandLine: string) => buildFaults.take(isMeant(commandLine)) !== undefined;
    return [watchProcesses(pid, matches, () => behind(finish(build, "FAILED")))];
  }

  function callerOf(call: Call): Build | undefined {
    return [...builds.values()].find(({ id }) => call.origin === buildSessionName(id));
  }

  function isFatal(call: Call, when: "before" | "after"): boolean {
    const build = callerOf(call);
    return build !== undefined && buildFaults.has((fault) => isCallFault(fault, build, call, when));
  }

  async function killCaller(call: Call): Promise<void> {
    const build = callerOf(call);
    const when = call.status === undefined ? "before" : "after";
    if (build && buildFaults.take((fault) => isCallFault(fault, build, call, when))) await finish(build, "FAILED");
  }

  function isCallFault({ kill, matches }: BuildFault, build: Build, call: Call, when: "before" | "after"): boolean {
    return typeof kill === "object" && "atCall" in kill && kill.when === when && matches(build) && kill.atCall(call);
  }

  function waitFor(matches: (build: Build) => boolean, deadlineMs: number): Promise<Build> {
    const already = [...builds.values()].find(matches);
    if (already) return Promise.resolve(already);
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        listeners.delete(listener);
      };
      const listener = (build: Build) => {
        if (!matches(build)) return;
        end();
        resolve(build);
      };
      const timer = setTimeout(() => {
        end();
        const seen = [...builds.values()].map(({ id, status }) => `${id} ${status}`).join(", ") || "none";
        reject(new Error(`Waited ${deadlineMs} ms for a build; there are: ${seen}`));
      }, deadlineMs);
      listeners.add(listener);
    });
  }

  function known(buildId: string): Build {
    const build = builds.get(idOf(buildId));
    if (!build) throw new Error(`There is no build ${buildId}`);
    return build;
  }

  function openBuilds(project: Project): number {
    return [...builds.values()].filter((build) => build.project === project && build.endedAt === undefined).length;
  }

  function clockNow(): number {
    return clock?.now() ?? Date.now();
  }

  /** Work that nobody waits for; `stop` does, and tells what failed. */
  function behind(work: Promise<void>): void {
    const watched = work.catch((cause) => void wentWrong.push(cause)).finally(() => under.delete(watched));
    under.add(watched);
  }
}

function isStart({ service, action }: Call): boolean {
  return service === "codebuild" && action === "StartBuild";
}

/** Ids and ARNs are both taken. */
function idOf(idOrArn: string): string {
  return idOrArn.replace(/^arn:.*:build\//, "");
}

function buildUuid({ id }: Build): string {
  return id.slice(id.indexOf(":") + 1);
}

function rootOf(account: string): Session {
  return { account, kind: "root", expiresAt: Number.POSITIVE_INFINITY };
}

function said(value: unknown): Answer {
  return { status: 200, headers: { "content-type": "application/x-amz-json-1.1" }, body: JSON.stringify(value) };
}

function invalidInput(message: string): Refusal {
  return { code: "InvalidInputException", message, status: 400 };
}
