import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type Cloud, startCloud } from "../../local/cloud/start-cloud.ts";
import type { Hosts } from "../../local/setup/hosts/ensure-hosts.ts";
import type { Tools } from "../../local/setup/tools.ts";
import type { Synth } from "../../local/synth/synth.ts";
import { environments } from "../../stacks/environments.ts";
import { applyEnvironmentRoot } from "./environment-root.ts";
import { channels, directoryOf, people } from "./people.ts";
import { STAGE } from "./stage.ts";

export { STAGE } from "./stage.ts";

/** How long flows keep functions' workers: past the next sweep of a clock that nobody moves. A start takes as much work as twenty events. */
export const KEPT_FOR_MS = 90_000;

/** Sluice on the local cloud: the stacks deployed, Slack's app installed, the directory written. */
export async function startSluice(options: {
  root: string;
  /** A name for its folder, so that several can run side by side. */
  name: string;
  tools: Tools;
  report?: (what: string) => void;
  synth?: Synth;
  /** Environments whose accounts their owners have prepared: what a virtual machine needs. A probe needs none. */
  prepared?: readonly string[];
  /** Whether instances get hosts; without it nothing is configured but builds. */
  hosts?: Hosts;
  /** How long functions' workers are kept for the next event; a person's machine gives them back sooner. */
  idleMs?: number;
  /** How many ended builds keep their folder; see `startCodeBuild`. */
  keptContainers?: number;
}): Promise<Cloud> {
  const signingSecret = randomBytes(16).toString("hex");
  const botToken = `xoxb-${randomBytes(16).toString("hex")}`;
  return startCloud({
    root: options.root,
    directory: join(options.root, ".sluice/clouds", options.name),
    tools: options.tools,
    stage: STAGE,
    targets: Object.values(environments).map(({ account }) => account),
    ...(options.report && { report: options.report }),
    ...(options.synth && { synth: options.synth }),
    ...(options.hosts && { hosts: options.hosts }),
    ...(options.idleMs !== undefined && { idleMs: options.idleMs }),
    ...(options.keptContainers !== undefined && { keptContainers: options.keptContainers }),
    async prepareTargets(so) {
      await Promise.all(
        (options.prepared ?? []).map((name) => applyEnvironmentRoot(so, options.root, options.tools, name)),
      );
    },
    slack: {
      signingSecret,
      botToken,
      paths: { commands: "/api/slack/commands", interactions: "/api/slack/interactions" },
      world: { team: "Acme", people, channels },
    },
    variables: ({ slack, codebuild }) => ({
      SLACK_API_URL: slack.apiUrl,
      SLACK_HOOKS_URL: slack.hooksUrl,
      BUILD_PROJECTS_URL: codebuild.projectsUrl,
      // One person stands for a whole company here.
      QUOTAS: JSON.stringify({ openRequests: 1_000, plansAnHour: 10_000, proposalsAnHour: 10_000 }),
      HOSTS: options.hosts?.kind === "runc" ? "ssh" : "none",
      CHANNELS: JSON.stringify({
        ...Object.fromEntries(Object.keys(environments).map((name) => [name, slack.channelId(name)])),
        approvers: slack.channelId("approvals"),
      }),
      POWERTOOLS_LOG_LEVEL: "INFO",
      POWERTOOLS_TRACE_ENABLED: "false",
    }),
    async prepare({ slack, asRoot, outputs }) {
      const { slackSigningSecret, slackBotSecret, directoryBucket } = outputs();
      const team = slack.team.id;
      const secrets = new SecretsManagerClient(asRoot);
      const put = (secret: unknown, value: object) =>
        secrets.send(new PutSecretValueCommand({ SecretId: String(secret), SecretString: JSON.stringify(value) }));
      await Promise.all([
        put(slackSigningSecret, { signingSecret }),
        put(slackBotSecret, { botToken, team }),
        new S3Client(asRoot).send(
          new PutObjectCommand({
            Bucket: String(directoryBucket),
            Key: "directory.json",
            Body: JSON.stringify(directoryOf(team, (person) => slack.userId(person))),
            ContentType: "application/json",
          }),
        ),
      ]);
    },
  });
}
