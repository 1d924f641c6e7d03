import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { BuildId, type PlanOutput, RequestId, StepName, WorkspaceName } from "@sluice/events";
import {
  type ApplyInput,
  changeRequest,
  type Job,
  type JobInput,
  type JobKind,
  jobIdOf,
  jobKey,
  newRequestItem,
  newWorkspace,
  outcomeKey,
  results,
  withJob,
} from "@sluice/jobs";
import { digestOf, type GrantClaims, sha256Of } from "@sluice/steps";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundleRunner } from "../../bundle.ts";
import { PlanPage } from "../../src/index.ts";
import { ROOT, startAccount, type TestAccount } from "./account.ts";

const request = RequestId.parse("req_7k3m9qx2");
const environment = "staging" as never;
const workspace = WorkspaceName.parse("probe-smoke");
const itinerary = digestOf("the itinerary");
const cause = `evt_${"0".repeat(32)}` as never;

let account: TestAccount;

beforeAll(async () => {
  account = await startAccount();
  await bundleRunner(join(account.directory, "release/runner.mjs"));
  await cp(join(ROOT, "terraform"), join(account.directory, "release/terraform"), {
    recursive: true,
    filter: (path) => !path.includes(".terraform/"),
  });
  const item = { ...newRequestItem({ request, environment, workspace }), digest: itinerary };
  const turn = { request, step: StepName.parse("plan"), attempt: 1, cause, since: 0 };
  await account.store.commit([
    { is: "request", after: item },
    { is: "workspace", after: { ...newWorkspace({ environment, name: workspace }), holder: turn } },
  ]);
});
afterAll(() => account?.stop());

const common = (step: string, attempt: number) => ({
  job: jobIdOf({ request, step, attempt }),
  request,
  step: StepName.parse(step),
  attempt,
  environment,
  workspace,
  itinerary,
  item: { pk: `staging#${request}`, sk: "request" },
  release: { key: "releases/x.tar.gz", versionId: "v1", sha256: sha256Of("x") },
  subject: "Probe smoke",
});
// biome-ignore lint/suspicious/noTemplateCurlyInString: it must reach Terraform as these characters.
const variables = { name: "smoke", note: '$(id) ${file("/etc/passwd")} "quoted"\n{{ 1 }}', seconds: [0, 0, 0] };

async function claim(kind: JobKind, step: string, attempt: number, more: Partial<Job> = {}) {
  const job: Job = { kind, cause, claimedAt: 0, state: { is: "claimed" }, starts: [], ...more };
  await changeRequest<never>(account.store, { environment, request }, (item) =>
    withJob({ ...item, attempts: { ...item.attempts, [step]: attempt } }, jobKey({ step, attempt }), job, 0),
  );
}

/** Runs the bundle as a build does: in an empty folder, with the release unpacked beside its input. It is stopped when `stopWhen` resolves. */
async function build(input: JobInput, stopWhen?: () => Promise<void>) {
  const id = BuildId.parse(`sluice-test-${input.kind}-staging:${randomUUID()}`);
  const folder = join(account.directory, id.replace(":", "-"));
  await mkdir(folder);
  await writeFile(join(folder, "input.json"), JSON.stringify(input));
  await cp(join(account.directory, "release"), join(folder, "release"), { recursive: true });
  const child = spawn(process.execPath, ["release/runner.mjs"], {
    cwd: folder,
    env: { ...account.environment, KIND: input.kind, JOB_ID: input.job, CODEBUILD_BUILD_ID: id },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const stopping = stopWhen?.().then(() => child.kill("SIGTERM"));
  const [code, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr), stopping]);
  const item = await account.store.request(environment, request);
  const job = item?.jobs[jobKey(input)];
  const result = job?.report && JSON.parse(await read("jobs", job.report.result.key));
  return { id, folder, code, out, err, job, result };
}

async function read(Bucket: string, Key: string): Promise<string> {
  const { Body } = await account.s3.send(new GetObjectCommand({ Bucket, Key }));
  return (await Body?.transformToString()) ?? "";
}

async function messages(): Promise<object[]> {
  const { Messages } = await account.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: account.queueUrl, MaxNumberOfMessages: 10 }),
  );
  return (Messages ?? []).map(({ Body }) => JSON.parse(Body ?? "{}"));
}

async function planned(attempt: number): Promise<PlanOutput> {
  await claim("plan", "plan", attempt);
  const epoch = (await account.store.workspace(environment, workspace))?.epoch ?? 0;
  const { result, err } = await build({
    ...common("plan", attempt),
    kind: "plan",
    root: "probe",
    variables,
    epoch,
    searchOrphans: false,
  });
  expect(err).toBe("");
  const parsed = results.plan.parse(result);
  if (parsed.outcome !== "completed") throw new Error(parsed.sentence);
  const key = outcomeKey(environment, request, jobKey({ step: "plan", attempt }));
  await account.store.commit([
    { is: "beside", key, value: { outcome: { ended: "completed", output: parsed.output, seconds: 1 } } },
  ]);
  return parsed.output;
}

async function granted(attempt: number, output: PlanOutput, changed: Partial<GrantClaims> = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  return account.sign({
    jti: sha256Of(`approve ${attempt}`),
    request,
    itinerary,
    environment,
    workspace,
    gate: { step: StepName.parse("approve"), attempt },
    plan: {
      step: StepName.parse("plan"),
      attempt,
      fileSha256: output.file.sha256,
      contentDigest: output.contentDigest,
      pageSha256: output.page.sha256,
      epoch: output.epoch,
    },
    decidedBy: { rule: "automatic" },
    iat: now,
    exp: now + 3_600,
    ...changed,
  });
}

function applyInput(attempt: number, planAttempt: number, output: PlanOutput, grant: string): ApplyInput {
  const plan = { step: StepName.parse("plan"), attempt: planAttempt, output };
  return { ...common("apply", attempt), kind: "apply", root: "probe", plan, grant };
}

const applying = (planAttempt: number) => ({ plan: { step: StepName.parse("plan"), attempt: planAttempt } });

it("plans, applies exactly the approved plan once, and finds nothing to change after it", async () => {
  const output = await planned(1);
  expect(output).toMatchObject({ empty: false, counts: { add: 3, change: 0, destroy: 0 }, epoch: 0 });
  const page = PlanPage.parse(JSON.parse(await read("jobs", output.page.key)));
  expect(page.resources.map(({ address, action }) => [action, address])).toEqual([
    ["create", "terraform_data.first"],
    ["create", "terraform_data.second"],
    ["create", "terraform_data.third"],
  ]);
  expect(JSON.stringify(page.outputs)).toContain(JSON.stringify(variables.note).slice(1, -1));
  expect(await messages()).toContainEqual(expect.objectContaining({ message: "job.ended" }));

  const grant = await granted(1, output);
  await claim("apply", "apply", 1, applying(1));
  const applied = await build(applyInput(1, 1, output, grant));
  expect(applied.err).toBe("");
  expect(applied.job?.report).toMatchObject({ outcome: "completed", clean: true });
  expect(results.apply.parse(applied.result)).toMatchObject({
    output: { hosts: 0, resources: { added: 3, changed: 0, destroyed: 0 }, epoch: 1 },
  });

  await claim("apply", "apply", 2, applying(1));
  const again = await build(applyInput(2, 1, output, grant));
  expect(again.result).toMatchObject({
    outcome: "failed",
    code: "grant_spent",
    sentence: "This approval has been used already. Nothing was changed.",
    clean: true,
  });

  await claim("scan", "check", 1);
  const checked = await build({
    ...common("check", 1),
    kind: "scan",
    profile: "probe",
    root: "probe",
    variables,
    outputs: results.apply.parse(applied.result).outcome === "completed" ? applied.result.output.outputs : undefined,
    hosts: "none",
  });
  expect(results.scan.parse(checked.result)).toMatchObject({ output: { passed: 1, skipped: 0 } });

  expect(await planned(2)).toMatchObject({ empty: true, epoch: 1, state: { serial: expect.any(Number) } });
});

it("prints superseded and leaves everything when another build has the lease", async () => {
  const other = BuildId.parse(`sluice-test-plan-staging:${randomUUID()}`);
  await claim("plan", "plan", 3, { state: { is: "running", build: other, since: 0 } });

  const { code, out, job, folder } = await build({
    ...common("plan", 3),
    kind: "plan",
    root: "probe",
    variables,
    epoch: 1,
    searchOrphans: false,
  });

  expect([code, out]).toEqual([0, "superseded: leased_by_another\n"]);
  expect(job).toMatchObject({ state: { is: "running", build: other } });
  await expect(readFile(join(folder, "work/terraform"))).rejects.toThrow("ENOENT");
});

it("names file, line and Terraform's own words when a plan fails", async () => {
  await claim("plan", "plan", 4);

  const { result } = await build({
    ...common("plan", 4),
    kind: "plan",
    root: "probe",
    variables: { ...variables, seconds: [0, 0, 121] },
    epoch: 1,
    searchOrphans: false,
  });

  expect(result).toMatchObject({ outcome: "failed", code: "terraform_failed", repeatable: true, clean: true });
  expect(result.sentence).toMatch(
    /^Invalid value for variable\. Use exactly three whole numbers .* at variables\.tf:\d+,.*Nothing was changed\.$/,
  );
});

it("stops Terraform in time and says that it did not end as it should", async () => {
  const slow = { ...variables, seconds: [0, 60, 0] };
  await claim("plan", "plan", 5);
  const epoch = 1;
  const plannedSlowly = await build({
    ...common("plan", 5),
    kind: "plan",
    root: "probe",
    variables: slow,
    epoch,
    searchOrphans: false,
  });
  const { output } = results.plan.parse(plannedSlowly.result) as { output: PlanOutput };
  await account.store.commit([
    {
      is: "beside",
      key: outcomeKey(environment, request, "plan#5"),
      value: { outcome: { ended: "completed", output, seconds: 1 } },
    },
  ]);
  await claim("apply", "apply", 5, applying(5));

  const { result, job } = await build(applyInput(5, 5, output, await granted(5, output)), saidCreatingSecond);

  expect(job?.report).toMatchObject({ outcome: "failed", clean: false });
  expect(result).toMatchObject({ code: "apply_interrupted" });
  expect(result.sentence).toMatch(/^Apply stopped after 1 of 3 resources: it was interrupted\./);
});

async function saidCreatingSecond(): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const said = await messages();
    if (JSON.stringify(said).includes("Creating terraform_data.second")) return;
    await new Promise((again) => setTimeout(again, 100));
  }
  throw new Error("Nobody said that the second resource is being created");
}
