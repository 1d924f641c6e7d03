import { randomUUID } from "node:crypto";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { BuildId } from "@sluice/events";
import { results, takeLease } from "@sluice/jobs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PlanPage } from "../../src/index.ts";
import { startAccount, type TestAccount } from "./account.ts";
import { messages, read, walk } from "./walk.ts";

// biome-ignore lint/suspicious/noTemplateCurlyInString: it must reach Terraform as these characters.
const note = '$(id) ${file("/etc/passwd")} "quoted"\n{{ 1 }}';
const probe = (name: string, seconds = [0, 0, 0]) => ({
  request: `req_0000${name}`,
  workspace: `probe-${name}`,
  root: "probe",
  variables: { name, note, seconds },
});

let account: TestAccount;

beforeAll(async () => {
  account = await startAccount();
});
afterAll(() => account?.stop());

it("plans, applies exactly the approved plan once, and finds nothing to change after it", async () => {
  const request = await walk(account, probe("whole"));

  const output = await request.plan(1);
  expect(output).toMatchObject({ summary: { empty: false, counts: { add: 3, change: 0, destroy: 0 } }, epoch: 0 });
  const page = PlanPage.parse(JSON.parse(await read(account, "jobs", output.page.key)));
  expect(page.change.resources.map(({ address, action }) => [action, address])).toEqual([
    ["create", "terraform_data.first"],
    ["create", "terraform_data.second"],
    ["create", "terraform_data.third"],
  ]);
  expect(JSON.stringify(page.change.outputs)).toContain(JSON.stringify(note).slice(1, -1));
  expect(await messages(account)).toContainEqual(expect.objectContaining({ message: "job.ended" }));

  const applied = await request.apply(1, output);
  expect(applied.err).toBe("");
  expect(applied.job?.report).toMatchObject({ outcome: "completed", clean: true });
  expect(results.apply.parse(applied.result)).toMatchObject({
    output: { hosts: 0, resources: { added: 3, changed: 0, destroyed: 0 }, epoch: 1 },
  });

  await request.claimApply(2, output, 1);
  const again = await request.build(request.applyInput(2, 1, output, await request.grant(1, output)));
  expect(again.result).toMatchObject({
    outcome: "failed",
    code: "plan_changed", // Its own plan finds nothing left to do, before the start could refuse the spent grant.
    sentence: expect.stringMatching(/^Something moved since the plan was approved: .* Nothing was changed\.$/),
    clean: true,
  });

  const configured = await request.configure(1, "probe");
  expect(configured.err).toBe("");
  expect(results.configuration.parse(configured.result)).toMatchObject({
    outcome: "completed",
    output: { ran: true, hosts: 1, ok: 1, changed: 1 },
  });
  // What Ansible kept is what was asked for: no template in it was one.
  const kept = await readFile(join(configured.folder, "work/ansible/probe.json"), "utf8");
  expect(JSON.parse(kept)).toMatchObject({ note });

  const checked = await request.scan(1, "probe", applied.result.output.outputs);
  expect(results.scan.parse(checked.result)).toMatchObject({ output: { passed: 2, skipped: 0 } });

  expect(await request.plan(2)).toMatchObject({
    summary: { empty: true },
    epoch: 1,
    state: { serial: expect.any(Number) },
  });
});

it("prints superseded and leaves everything when another build has the lease", async () => {
  const request = await walk(account, probe("leased"));
  const other = BuildId.parse(`sluice-test-plan-staging:${randomUUID()}`);
  await takeLease(account.store, await request.claim("plan", "plan", 1), other, () => 0);

  const { code, out, job, folder } = await request.build(request.planInput(1));

  expect([code, out]).toEqual([0, "superseded: leased_by_another\n"]);
  expect(job).toMatchObject({ state: { is: "running", build: other } });
  await expect(access(join(folder, "work/terraform"))).rejects.toThrow("ENOENT");
});

it("names Terraform's own words when a plan fails", async () => {
  const request = await walk(account, probe("failing", [0, 0, 121]));
  await request.claim("plan", "plan", 1);

  const { result } = await request.build(request.planInput(1));

  expect(result).toMatchObject({ outcome: "failed", code: "terraform_failed", repeatable: true, clean: true });
  expect(result.sentence).toMatch(
    /^Invalid value for variable\. Use exactly three whole numbers .* at variables\.tf:\d+,.*Nothing was changed\.$/,
  );
});

it("stops Terraform in time and says that it did not end as it should", async () => {
  const request = await walk(account, probe("stopped", [0, 60, 0]));

  const { result, job } = await request.apply(1, await request.plan(1), saidCreatingSecond);

  expect(job?.report).toMatchObject({ outcome: "failed", clean: false });
  expect(result).toMatchObject({ code: "apply_interrupted" });
  expect(result.sentence).toMatch(/^After 1 of 3 resources: it was interrupted\./);
});

async function saidCreatingSecond(): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    if (JSON.stringify(await messages(account)).includes("Creating terraform_data.second")) return;
    await new Promise((again) => setTimeout(again, 100));
  }
  throw new Error("Nobody said that the second resource is being created");
}
