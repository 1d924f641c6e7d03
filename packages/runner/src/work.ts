import type { KMSClient } from "@aws-sdk/client-kms";
import type { STSClient } from "@aws-sdk/client-sts";
import { type ApplyInput, type BuildStore, type JobInput, type JobItem, jobKey, takeStart } from "@sluice/jobs";
import { hostsOverSsh } from "./ansible/ask-hosts.ts";
import { grantKey } from "./aws/grant-key.ts";
import { targetSession } from "./aws/target-session.ts";
import { type Build, ownJobRef } from "./build.ts";
import { expectedByInput, expectedByItem } from "./expectations.ts";
import { applyPlan, type Start } from "./kinds/apply.ts";
import { configure } from "./kinds/configuration.ts";
import type { TaggedResources } from "./kinds/orphans.ts";
import { makePlan } from "./kinds/plan.ts";
import { scan } from "./kinds/scan.ts";
import { openText } from "./masking/words.ts";
import type { Done } from "./run-job.ts";
import type { Account } from "./scan/control.ts";
import type { BuildTimes } from "./terraform/state-lock.ts";

type Parts = Readonly<{
  build: Build;
  store: BuildStore;
  input: JobInput;
  kms: KMSClient;
  sts: STSClient;
  env: Readonly<Record<string, string | undefined>>;
}>;

/** The work of the input's kind. What few jobs need is loaded when one does. */
export function workOf(parts: Parts): (job: JobItem) => Promise<Done> {
  const { build, store, input, kms } = parts;
  switch (input.kind) {
    case "plan":
      return async (job) => ({
        clean: true,
        output: await makePlan(build, { ...input, lastBuild: timesOf(job) }, taggedOf(parts)),
      });
    case "apply":
      return async (job) =>
        applyPlan(
          build,
          {
            ...input,
            lastBuild: timesOf(job),
            plan: input.plan.output,
            expected: [expectedByInput(input), expectedByItem(job)],
          },
          {
            publicKey: await grantKey(kms, build.config.GRANT_KEY_ARN),
            start: startOf(build, store, input),
            tagged: taggedOf(parts),
          },
        );
    case "scan":
      return async () => ({
        clean: true,
        output: await scan(build, input, accountOf(parts), (hosts) => hostsOverSsh(build, input, hosts)),
      });
    case "configuration":
      return async () => ({ clean: true, output: await configure(build, input) });
  }
}

function timesOf({ lastBuild }: JobItem): BuildTimes | undefined {
  return lastBuild && { startedAt: lastBuild.startedAt, endedAt: lastBuild.endedAt };
}

/** Named for people; `takeStart` names them for programs. */
const refusals: Readonly<Record<string, string>> = {
  closed: "The request was closed before the apply began.",
  lease_lost: "Another build has taken over this apply.",
  superseded: "A newer plan has taken the place of the approved one.",
  grant_spent: "This approval has been used already.",
  workspace_not_held: "The request no longer holds its workspace.",
  workspace_blocked: "The workspace is blocked by another request's interrupted apply.",
  workspace_changed: "The workspace was changed after the approval.",
};

/** The start of an apply, by the builds' table. */
export function startOf(build: Build, store: BuildStore, input: ApplyInput): Start {
  const { request, workspace } = input;
  const { epoch } = input.plan.output;
  return async (jti) => {
    const start = { build: build.config.CODEBUILD_BUILD_ID, grant: { jti, plan: { epoch } } };
    const place = { request, workspace, key: jobKey(input) };
    const answer = await takeStart(store, ownJobRef(build.config), place, start, build.now);
    if (answer === "started") return { epoch: epoch + 1 };
    return { refused: answer, sentence: openText(refusals[answer] ?? "The apply may not begin.") };
  };
}

function sessionOf({ sts, build: { config }, input }: Parts) {
  return targetSession(sts, {
    roleArn: config.TARGET_ROLE_ARN,
    externalId: config.TARGET_EXTERNAL_ID,
    request: input.request,
  });
}

function taggedOf(parts: Parts): TaggedResources {
  return ({ environment, workspace }) => tagged(parts, { environment, workspace });
}

async function tagged(parts: Parts, tags: Readonly<Record<string, string>>): Promise<string[]> {
  const { taggedResources } = await import("./aws/tagged-resources.ts");
  return taggedResources(parts.env, await sessionOf(parts), parts.build.config.TARGET_REGION, tags);
}

/** The EC2 client, most of the release, is loaded when a control asks about machines: few profiles do. */
function accountOf(parts: Parts): Account {
  let machines: ReturnType<typeof machinesOf> | undefined;
  const asked = () => {
    machines ??= machinesOf(parts);
    return machines;
  };
  return {
    instances: async (ids) => (await asked()).instances(ids),
    encryption: async (volumes) => (await asked()).encryption(volumes),
    ingress: async (groups) => (await asked()).ingress(groups),
    tagged: (tags) => tagged(parts, tags),
  };
}

async function machinesOf(parts: Parts): Promise<Omit<Account, "tagged">> {
  const [{ EC2Client }, { ec2Machines }] = await Promise.all([
    import("@aws-sdk/client-ec2"),
    import("./aws/account.ts"),
  ]);
  const client = new EC2Client({ region: parts.build.config.TARGET_REGION, credentials: () => sessionOf(parts) });
  return ec2Machines(client);
}
