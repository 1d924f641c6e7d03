import { mkdtemp, readFile, readlink, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nodeOfBuilds } from "../node-of-builds.ts";
import type { SetupEvent } from "../progress.ts";
import { runCommand } from "../run-command.ts";
import { ensureTools } from "../tools.ts";

const root = join(import.meta.dirname, "../../..");

test("brings both emulators, the AWS CLI, Ansible and Terraform, and the second time nothing and says nothing", async () => {
  await ensureTools({ root, want: ["python", "terraform"] });
  const events: SetupEvent[] = [];
  const since = performance.now();

  const tools = await ensureTools({ root, want: ["python", "terraform"], report: (event) => events.push(event) });

  expect(events).toEqual([]);
  expect(performance.now() - since).toBeLessThan(2_000);
  const run = (command: string, ...args: string[]) => runCommand(command, args, { env: { PATH: tools.path } });
  expect(
    await run(tools.python, "-c", "from importlib.metadata import version as v; print(v('ministack'), v('moto'))"),
  ).toBe("1.5.33 5.2.5\n");
  expect(await run("aws", "--version")).toContain("aws-cli/1.46.2");
  expect(await run("ansible-playbook", "--version")).toContain("ansible-playbook [core 2.19.14]");
  expect(await run("terraform", "version", "-json")).toContain('"terraform_version": "1.11.');
  expect(await run("node", "--version")).toBe(await run(nodeOfBuilds, "--version"));
  expect(await readFile(tools.terraformConfig, "utf8")).toContain("disable_checkpoint = true");
  expect(await readlink(join(root, ".sluice/tools/bin/terraform"))).toBe(tools.terraform);
});

test("a copy of the tree that links to the same tools takes them as they are", async () => {
  const copy = await mkdtemp(join(tmpdir(), "sluice-copy-"));
  const tools = await ensureTools({ root, want: ["python", "terraform"] });
  await symlink(join(root, ".sluice"), join(copy, ".sluice"));
  const events: SetupEvent[] = [];

  expect(await ensureTools({ root: copy, want: ["python"], report: (event) => events.push(event) })).toMatchObject({
    python: tools.python,
  });

  expect(events).toEqual([]);
  await rm(copy, { recursive: true });
});
