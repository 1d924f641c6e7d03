import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type RunningProcess, startProcess } from "../process/start-process.ts";
import { type Build, enterPhase } from "./build.ts";
import { FIRST_LINE, readPhaseLine, scriptOf } from "./buildspec.ts";
import { endStrays } from "./end-strays.ts";

/** What every build here runs with. */
export interface BuildWorld {
  readonly region: string;
  readonly endpoint: string;
  /** The `PATH` of the builds' tools. */
  readonly path: string;
  /** Settings of the local deployment, over everything a project or a caller sets. */
  readonly variables: Readonly<Record<string, string>>;
  /** The file of a movable clock, and the module that makes Node follow it. */
  readonly clock?: { readonly file: string; readonly preload: string };
  /** Takes over what a build that has ended leaves on the disk: `keepNewest` or another. */
  readonly leave: (container: string) => Promise<void>;
}

export interface RunningBuild {
  readonly pid: number;
  /** Whether all commands succeeded. Resolves when nothing of the build runs any more. */
  readonly ended: Promise<boolean>;
  /** SIGKILL to everything, without grace, as when a container is taken away. */
  kill(): Promise<void>;
}

/**
 * Runs a build's commands in an empty folder, in a process group and an environment of their own, with credentials of the
 * service role from a loopback endpoint. The log stays; of the folder `world.leave` decides. `onLine` hears each line of the log.
 */
export async function runBuild(
  build: Build,
  world: BuildWorld,
  credentials: { uri: string; token: string },
  onLine: (line: string) => void,
): Promise<RunningBuild> {
  const folder = join(dirname(build.logFile), "container");
  const [source, home] = [join(folder, "src"), join(folder, "home")];
  await Promise.all([source, home].map((each) => mkdir(each, { recursive: true })));
  // Short, wherever the project lies: Terraform's providers put a Unix socket there, whose whole path may have 107 characters.
  const temporary = await mkdtemp(join(tmpdir(), "build-"));
  const script = join(folder, "buildspec.sh");
  await writeFile(script, scriptOf(build.request.buildspecOverride ?? build.project.source.buildspec));

  const running = await startProcess({
    name: build.id,
    command: "/bin/sh",
    args: [script],
    env: environmentOf(build, world, credentials, { source, home, temporary }),
    cwd: source,
    logFile: build.logFile,
    ready(line) {
      const phase = readPhaseLine(line);
      if (phase?.says === "entered") enterPhase(build, phase.phase, Date.now());
      else if (phase) Object.assign(build.phases.at(-1) ?? {}, { endedAt: Date.now(), status: phase.says });
      onLine(line);
      return line === FIRST_LINE;
    },
  });
  return {
    pid: running.pid,
    ended: ended(running, { folder, temporary, leave: world.leave }),
    kill: () => running.kill(),
  };
}

async function ended(
  running: RunningProcess,
  { folder, temporary, leave }: { folder: string; temporary: string; leave: BuildWorld["leave"] },
): Promise<boolean> {
  const code = await running.exited;
  endGroup(running.pid);
  await endStrays(temporary);
  await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
  await leave(folder);
  return code === 0;
}

/**
 * Removes the folders of ended builds but for the newest ones. A file system looks long for room beside files that were just removed: where many builds follow each
 * other, removing what each had made unpacking the next one's release nine times as much work (ext4, `perf`).
 */
export function keepNewest(count: number): BuildWorld["leave"] {
  const kept: string[] = [];
  return async (container) => {
    kept.push(container);
    for (const each of kept.splice(0, kept.length - count))
      await rm(each, { recursive: true, force: true, maxRetries: 5 });
  };
}

/** When a container's first process ends, so does everything that it left behind. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "ESRCH")) throw cause; // Nothing was left behind.
  }
}

function environmentOf(
  build: Build,
  world: BuildWorld,
  credentials: { uri: string; token: string },
  folder: { source: string; home: string; temporary: string },
): Record<string, string> {
  const own = Object.fromEntries(build.variables.map(({ name, value }) => [name, value]));
  return {
    ...own,
    PATH: world.path,
    HOME: folder.home,
    TMPDIR: folder.temporary,
    LC_ALL: "C.UTF-8",
    AWS_REGION: world.region,
    AWS_DEFAULT_REGION: world.region,
    AWS_ENDPOINT_URL: world.endpoint,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: credentials.uri,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: credentials.token,
    AWS_EC2_METADATA_DISABLED: "true",
    CODEBUILD_BUILD_ID: build.id,
    CODEBUILD_BUILD_ARN: build.arn,
    CODEBUILD_BUILD_NUMBER: String(build.number),
    CODEBUILD_BUILD_IMAGE: build.project.environment.image,
    CODEBUILD_INITIATOR: build.initiator,
    CODEBUILD_SRC_DIR: folder.source,
    CODEBUILD_START_TIME: String(build.startedAt),
    CODEBUILD_CI: "true",
    ...(world.clock && {
      LOCAL_CLOCK_FILE: world.clock.file,
      NODE_OPTIONS: `--import=${pathToFileURL(world.clock.preload).href}`,
    }),
    ...world.variables,
  };
}
