import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Emulator, startEmulator } from "../account/account.ts";
import { deploy } from "../account/deploy.ts";
import { type Deployed, resolve } from "../account/deployed.ts";
import { type Clock, startClock } from "../clock/clock.ts";
import { startAwsCli } from "../codebuild/aws-cli/start-aws-cli.ts";
import { type CodeBuild, startCodeBuild } from "../codebuild/start-codebuild.ts";
import { type Credentials, type Front, startFront } from "../front/front.ts";
import { type RunningHosts, startHosts } from "../hosts/start-hosts.ts";
import { type LambdaHost, startLambdaHost } from "../lambda/start-lambda-host.ts";
import type { Hosts } from "../setup/hosts/ensure-hosts.ts";
import type { Tools } from "../setup/tools.ts";
import { type Slack, startSlack } from "../slack/start-slack.ts";
import { PLACE, type Synth, synthesize } from "../synth/synth.ts";
import { startTargets } from "../targets/start-targets.ts";

/** The whole local cloud, running. */
export interface Cloud {
  readonly synth: Synth;
  readonly front: Front;
  readonly clock: Clock;
  readonly lambda: LambdaHost;
  readonly codebuild: CodeBuild;
  readonly slack: Slack;
  /** What gives instances their hosts, or why there is none. */
  readonly hosts: RunningHosts | NoHosts;
  /** A `PATH` that finds what builds find. */
  readonly path: string;
  readonly directory: string;
  /** Resolves when the target accounts are prepared. */
  readonly targetsAreReady: Promise<void>;
  /** What the stacks returned, with real ids. */
  outputs(): Readonly<Record<string, unknown>>;
  /** Configuration of an AWS client in Sluice's account, as root. */
  readonly asRoot: ClientConfig;
  /** The same in a target account, as its owner. */
  asOwner(account: string): ClientConfig;
  /** Deploys the stacks again, as they are now, beside what runs. Functions run the new code from then on. */
  redeploy(): Promise<void>;
  stop(): Promise<void>;
}

type NoHosts = Extract<Hosts, { kind: "none" }>;
export type ClientConfig = Readonly<{ region: string; endpoint: string; credentials: Credentials }>;

export interface CloudOptions {
  root: string;
  /** Emptied first; everything of this cloud lies in it. */
  directory: string;
  tools: Tools;
  stage: string;
  /** Target accounts. */
  targets: readonly string[];
  /** What `ensureHosts` found: instances get hosts, and builds a way in. */
  hosts?: Hosts;
  /** How long a host takes, at least, until it can be reached. */
  bootSeconds?: number;
  slack: Omit<Parameters<typeof startSlack>[0], "directory" | "clock" | "app">;
  /** Settings of a local deployment, added to every function's environment. */
  variables(so: {
    slack: Slack;
    codebuild: CodeBuild;
    outputs: Readonly<Record<string, unknown>>;
  }): Record<string, string>;
  /** What the target accounts hold before anything runs: their owners' work. Goes on beside everything else. */
  prepareTargets?(so: Pick<Cloud, "front" | "directory">): Promise<void>;
  /** What the app needs before its functions start: secrets, objects. The account is there and deployed. */
  prepare(so: Pick<Cloud, "front" | "slack" | "clock" | "asRoot" | "outputs">): Promise<void>;
  report?: (what: string) => void;
  /** How long functions' workers are kept for the next event; see `startLambdaHost`. */
  idleMs?: number;
  /** See `startCodeBuild`. */
  keptContainers?: number;
  /** A synth that was made before of the same tree, to save its time. */
  synth?: Synth;
}

/**
 * Starts every part, in parallel where they do not wait for each other. When one cannot start, what had started is stopped.
 * Everything ends with this process, however it ends.
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const running: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const end of running.splice(0).reverse()) await end();
  };
  try {
    return await start(options, running, stop);
  } catch (cause) {
    await stop();
    throw cause;
  }
}

async function start(
  { root, directory, tools, stage, targets, report = () => undefined, ...options }: CloudOptions,
  running: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<Cloud> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const started = <T extends { stop(): Promise<unknown> }>(part: T): T => {
    running.push(() => part.stop());
    return part;
  };

  const clock = startClock(join(directory, "clock"));
  let app = () => "";
  report("Starting the accounts, Slack, and the synth of the stacks");
  const synthesizing = Promise.resolve(
    options.synth ?? synthesize({ root, stage, out: join(directory, "synth.json") }),
  );
  synthesizing.catch(() => undefined); // Told where it is awaited.
  const [emulator, motoServer, slack, cli] = await Promise.all([
    startEmulator({ directory, tools }).then(started<Emulator>),
    startTargets({ directory, tools }).then(started),
    startSlack({ ...options.slack, directory, clock, app: () => app() }).then(started<Slack>),
    startAwsCli({ directory, tools }).then(started),
  ]);
  const front = started(
    await startFront({
      region: PLACE.region,
      sluice: { account: PLACE.account, url: emulator.url, emitterToken: emulator.emitterToken },
      targets: { accounts: targets, url: motoServer.url },
      logFile: join(directory, "calls.jsonl"),
    }),
  );

  const { hosts: found = { kind: "none", reason: "This cloud was started without hosts." } } = options;
  const hosts =
    found.kind === "none"
      ? found
      : started(
          await startHosts({
            hosts: found,
            front,
            region: PLACE.region,
            accounts: targets,
            directory: join(directory, "hosts"),
            ...(options.bootSeconds !== undefined && { bootSeconds: options.bootSeconds }),
          }),
        );

  const path = hosts.kind === "running" ? `${hosts.path}:${tools.path}` : tools.path;
  const targetsAreReady = Promise.resolve(options.prepareTargets?.({ front, directory }));
  targetsAreReady.catch(() => undefined); // Told to whoever awaits it.

  const synth = await synthesizing;
  let current = synth;
  let deployed = await deployTo(current);
  const outputs = () => resolve(deployed, current.outputs);
  const client = (credentials: Credentials) => ({ region: PLACE.region, endpoint: front.url, credentials });
  const asRoot = client(front.rootCredentials);

  report("Starting functions and builds");
  const codebuild = await startCodeBuild({
    synth,
    deployed,
    front,
    directory: join(directory, "builds"),
    tools: { path: `${cli.bin}:${path}` },
    clock,
    variables: { TF_CLI_CONFIG_FILE: tools.terraformConfig },
    ...(options.keptContainers !== undefined && { keptContainers: options.keptContainers }),
  });
  started(codebuild);
  const variables = options.variables({ slack, codebuild, outputs: outputs() });
  const [, lambda] = await Promise.all([
    options.prepare({ front, slack, clock, asRoot, outputs }),
    startLambdaHost({
      root,
      synth,
      deployed,
      endpoint: front.url,
      rootCredentials: front.rootCredentials,
      directory: join(directory, "lambda"),
      clock,
      variables,
      ...(options.idleMs !== undefined && { idleMs: options.idleMs }),
    }).then(started<LambdaHost>),
  ]);
  app = () => lambda.url; // A restarted host has another port.

  return {
    get synth() {
      return current;
    },
    front,
    clock,
    lambda,
    codebuild,
    slack,
    hosts,
    path,
    directory,
    targetsAreReady,
    outputs,
    asRoot,
    asOwner: (account) => client(front.ownerCredentials(account)),
    async redeploy() {
      current = await synthesize({ root, stage, out: join(directory, "synth.json") });
      deployed = await deployTo(current);
    },
    stop,
  };

  function deployTo(to: Synth): Promise<Deployed> {
    report("Deploying the stacks to Sluice's account");
    return deploy({
      root,
      synth: to,
      endpoint: front.url,
      rootCredentials: front.rootCredentials,
      out: join(directory, "deployed.json"),
    });
  }
}
