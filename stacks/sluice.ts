import { api } from "./api.ts";
import { approvals } from "./approvals.ts";
import { bus, busPolicy } from "./bus.ts";
import { compliance } from "./compliance.ts";
import { intake } from "./intake.ts";
import { grantKey } from "./keys.ts";
import { notifier } from "./notifier.ts";
import { provisioner } from "./provisioner.ts";
import { codeRelease } from "./release.ts";
import { slackBotSecret, slackSigningSecret } from "./slack.ts";
import { directory, jobs, releases, states } from "./storage.ts";
import { buildsTables, tables } from "./tables.ts";

/** All of Sluice. What it returns is what an operator, or the local cloud, needs to know of it. */
export async function sluice() {
  const release = await codeRelease();
  intake(release);
  provisioner(release);
  approvals();
  compliance(release);
  notifier();
  return {
    api: api.url,
    bus: bus.name,
    busPolicy: busPolicy.id,
    grantKey: grantKey.arn,
    slackSigningSecret: slackSigningSecret.name,
    slackBotSecret: slackBotSecret.name,
    directoryBucket: directory.name,
    jobsBucket: jobs.name,
    releasesBucket: releases.name,
    statesBucket: states.name,
    tables: Object.fromEntries(Object.entries(tables).map(([service, table]) => [service, table.name])),
    buildsTables: Object.fromEntries(Object.entries(buildsTables).map(([service, table]) => [service, table.name])),
    release: release.key,
  };
}
