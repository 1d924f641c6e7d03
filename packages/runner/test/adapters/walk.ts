import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { BuildId, EnvironmentName, EventId, type PlanOutput, RequestId, StepName, WorkspaceName } from "@sluice/events";
import {
  type ApplyInput,
  type ConfigurationInput,
  type JobInput,
  type JobItem,
  type JobRef,
  jobIdOf,
  newJobItem,
  newWorkspace,
  type PlanInput,
  results,
  roleKind,
  type ScanInput,
} from "@sluice/jobs";
import { digestOf, GrantClaims, grantedPlan, sha256Of } from "@sluice/steps";
import type { Kind, TestAccount } from "./account.ts";

export const environment = EnvironmentName.parse("staging");
const cause = EventId.parse(`evt_${"0".repeat(32)}`);

/** One request on its way: what its owner keeps, what its builds are told, and what they do. */
export async function walk(
  account: TestAccount,
  where: { request: string; workspace: string; root: string; variables: PlanInput["variables"] },
) {
  const request = RequestId.parse(where.request);
  const workspace = WorkspaceName.parse(where.workspace);
  const itinerary = digestOf(where);
  const { store } = account;
  const turn = { request, step: StepName.parse("plan"), attempt: 1, cause, since: 0 };
  const before = await store.workspace(environment, workspace);
  const after = { ...(before ?? newWorkspace({ environment, name: workspace })), holder: turn };
  await store.commit([{ is: "workspace", before, after }]);

  const common = (step: string, attempt: number) => ({
    job: jobIdOf({ request, step, attempt }),
    request,
    step: StepName.parse(step),
    attempt,
    environment,
    workspace,
    itinerary,
    release: { key: "releases/x.tar.gz", versionId: "v1", sha256: sha256Of("x") },
    subject: "Something",
  });
  const planInput = (attempt: number, more: Partial<PlanInput> = {}): PlanInput => ({
    ...common("plan", attempt),
    kind: "plan",
    root: where.root,
    variables: where.variables,
    epoch: 0,
    searchOrphans: false,
    ...more,
  });
  const applyInput = (attempt: number, planAttempt: number, output: PlanOutput, grant: string): ApplyInput => ({
    ...common("apply", attempt),
    kind: "apply",
    root: where.root,
    variables: where.variables,
    searchOrphans: false,
    plan: { step: StepName.parse("plan"), attempt: planAttempt, output },
    grant,
  });

  const claim = async (kind: Kind, step: string, attempt: number, grant?: JobItem["grant"]) => {
    const ref = refOf(kind, step, attempt);
    const item = newJobItem(ref, grant && { grant });
    await store.commit([{ is: "job", after: item }]);
    return ref;
  };
  const refOf = (kind: Kind, step: string, attempt: number): JobRef => ({
    environment,
    kind,
    job: jobIdOf({ request, step, attempt }),
  });
  const claimApply = (attempt: number, output: PlanOutput, planAttempt = attempt) => {
    const plan = grantedPlan({ step: StepName.parse("plan"), attempt: planAttempt }, output);
    return claim("apply", "apply", attempt, { request, itinerary, environment, workspace, plan });
  };

  /** Runs the bundle as a build does: in an empty folder, with the release unpacked beside its input. It is stopped when `stopWhen` resolves. */
  const build = async (input: JobInput, stopWhen?: () => Promise<void>) => {
    const id = BuildId.parse(`sluice-test-${roleKind(input.kind)}-staging:${randomUUID()}`);
    const folder = join(account.directory, id.replace(":", "-"));
    await mkdir(folder);
    await writeFile(join(folder, "input.json"), JSON.stringify(input));
    await cp(account.release, join(folder, "release"), { recursive: true });
    const child = spawn("node", ["release/runner.mjs"], {
      cwd: folder,
      env: { ...account.environmentOf(input.kind, id), JOB_ID: input.job },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    const stopping = stopWhen?.().then(() => child.kill("SIGTERM"));
    const [code, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr), stopping]);
    const job = await store.job(refOf(input.kind, input.step, input.attempt));
    const result = job?.report && JSON.parse(await read(account, "jobs", job.report.result.key));
    return { folder, code, out, err, job, result };
  };

  /** A plan that its owner has taken in. */
  const plan = async (attempt: number, more: Partial<PlanInput> = {}): Promise<PlanOutput> => {
    const epoch = (await store.workspace(environment, workspace))?.epoch ?? 0;
    await claim("plan", "plan", attempt);
    const { result, err } = await build(planInput(attempt, { epoch, ...more }));
    if (err) throw new Error(err);
    const parsed = results.plan.parse(result);
    if (parsed.outcome !== "completed") throw new Error(parsed.sentence);
    return parsed.output;
  };

  const grant = (attempt: number, output: PlanOutput): Promise<string> => {
    const now = Math.floor(Date.now() / 1_000);
    return account.sign(
      GrantClaims.parse({
        jti: sha256Of(`${request} approve ${attempt}`),
        request,
        itinerary,
        environment,
        workspace,
        gate: { step: "approve", attempt },
        plan: grantedPlan({ step: "plan", attempt }, output),
        decidedBy: { rule: "automatic" },
        iat: now,
        exp: now + 3_600,
      }),
    );
  };

  const apply = async (attempt: number, output: PlanOutput, stopWhen?: () => Promise<void>) => {
    await claimApply(attempt, output);
    return build(applyInput(attempt, attempt, output, await grant(attempt, output)), stopWhen);
  };

  const configure = async (attempt: number, playbook: string, outputs?: ConfigurationInput["outputs"]) => {
    await claim("configuration", "configure", attempt);
    const input = { ...common("configure", attempt), kind: "configuration", playbook } as const;
    return build({ ...input, variables: where.variables, outputs, hosts: outputs ? "ssh" : "none" });
  };

  const scan = async (attempt: number, profile: string, outputs: ScanInput["outputs"]) => {
    await claim("scan", "check", attempt);
    const { root, variables } = where;
    const input = { ...common("check", attempt), kind: "scan", profile, root, variables, outputs } as const;
    return build({ ...input, hosts: "none" });
  };

  return { claim, claimApply, planInput, applyInput, build, plan, grant, apply, configure, scan };
}

export async function read({ s3 }: TestAccount, Bucket: string, Key: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return (await Body?.transformToString()) ?? "";
}

export async function messages({ sqs, queueUrl }: TestAccount): Promise<object[]> {
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }));
  return (Messages ?? []).map(({ Body }) => JSON.parse(Body ?? "{}"));
}
