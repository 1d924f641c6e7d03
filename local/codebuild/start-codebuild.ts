import { mkdir } from "node:fs/promises";
import { IAMClient } from "@aws-sdk/client-iam";
import { bundlePreload } from "../clock/bundle-preload.ts";
import { buildSessionName } from "../front/container-credentials.ts";
import type { Call, Front, Refusal } from "../front/front.ts";
import { announcer, type EventFault } from "./announce.ts";
import { codeBuildApi } from "./api.ts";
import type { Build } from "./build.ts";
import { type BuildFault, BuildFaults } from "./build-faults.ts";
import { Builds } from "./builds.ts";
import { startConsole } from "./console.ts";
import type { FaultList } from "./fault-list.ts";
import { projectsOf } from "./project.ts";
import { keepNewest } from "./run-build.ts";

export type { EventFault } from "./announce.ts";
export type { Build, BuildStatus } from "./build.ts";
export type { BuildFault } from "./build-faults.ts";

/** The local CodeBuild: what a person sees and does in its console, and what a test does to it. */
export interface CodeBuild {
  /** The console's page of all projects; a build's page lies at `/<project>/build/<id>` below it. */
  readonly projectsUrl: string;
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

/** Answers CodeBuild at the front, and runs builds as processes of this machine, two at a time unless said otherwise. */
export async function startCodeBuild(options: {
  synth: {
    app: { region: string; account: string };
    resources: readonly { type: string; inputs: Readonly<Record<string, unknown>> }[];
  };
  deployed: { real: Readonly<Record<string, string>> };
  front: Front;
  /** Holds a folder a build with its log. */
  directory: string;
  /** `path` is the builds' `PATH`. */
  tools: { path: string };
  /** Node in builds follows it, by the preload module. */
  clock?: { readonly file: string; now(): number };
  /** Settings of the local deployment: in every build's environment, over what projects and callers set. */
  variables?: Readonly<Record<string, string>>;
  concurrentBuilds?: number;
  /** How many ended builds keep their folder until the cloud's own is emptied; without it, none. */
  keptContainers?: number;
}): Promise<CodeBuild> {
  const { front, synth, clock } = options;
  const { region, account } = synth.app;
  await mkdir(options.directory, { recursive: true });
  const iam = new IAMClient({ region, endpoint: front.url, credentials: front.rootCredentials });
  const buildFaults = new BuildFaults();
  const { announce, faults: eventFaults } = announcer(front);
  const builds = new Builds({
    directory: options.directory,
    concurrent: options.concurrentBuilds ?? 2,
    world: {
      region,
      endpoint: front.url,
      path: options.tools.path,
      variables: options.variables ?? {},
      ...(clock && { clock: { file: clock.file, preload: bundlePreload(options.directory) } }),
      leave: keepNewest(options.keptContainers ?? 0),
    },
    credentials: front.containerCredentials,
    faults: buildFaults,
    announce,
  });
  let twice = 0;

  const projects = projectsOf(synth, options.deployed.real);
  const now = () => clock?.now() ?? Date.now();
  const howMany = () => (twice-- > 0 ? 2 : 1);
  front.handleService("codebuild", codeBuildApi({ region, account, projects, builds, iam, now, howMany }));
  const endCallFaults = watchCalls(front, builds, buildFaults);
  const { projectsUrl, close } = await startConsole(account, (id) => builds.find(id)?.logFile);

  return {
    projectsUrl,
    builds: () => builds.all(),
    onChange: (listener) => builds.onChange(listener),
    waitFor: (matches, deadlineMs) => builds.waitFor(matches, deadlineMs),
    retry(buildId) {
      const { project, request } = known(buildId);
      return builds.begin(project, request, { account, kind: "root", expiresAt: Number.POSITIVE_INFINITY });
    },
    kill: (buildId) => builds.finish(known(buildId), "FAILED"),
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
      endCallFaults();
      try {
        await Promise.all([builds.stop(), close()]);
      } finally {
        iam.destroy();
      }
    },
  };

  function known(buildId: string): Build {
    const build = builds.find(buildId);
    if (!build) throw new Error(`There is no build ${buildId}`);
    return build;
  }
}

/** Kills builds at calls that they, or roles that they assumed, make. Returns what ends that. */
function watchCalls(front: Front, builds: Builds, faults: BuildFaults): () => void {
  const callerOf = (call: Call) => builds.all().find(({ id }) => call.origin === buildSessionName(id));
  const ends = (["before", "after"] as const).map((when) =>
    front.faults.addLasting({
      name: `a build is killed ${when} its call`,
      when,
      matches(call) {
        const build = callerOf(call);
        return build !== undefined && faults.isFatal(build, call, when);
      },
      async do(call) {
        const build = callerOf(call);
        if (!build || !faults.atCall(build, call, when)) return undefined;
        await builds.finish(build, "FAILED");
        return "drop-answer";
      },
    }),
  );
  return () => {
    for (const end of ends) end();
  };
}

function isStart({ service, action }: Call): boolean {
  return service === "codebuild" && action === "StartBuild";
}
