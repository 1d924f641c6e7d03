import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fetchMirror, findMirror, writeTerraformConfig } from "../terraform-mirror.ts";
import { ensureTools } from "../tools.ts";

const repository = join(import.meta.dirname, "../../..");
const virtualMachine = join(repository, "terraform/live/virtual_machine");

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sluice-mirror-"));
});

afterEach(() => rm(root, { recursive: true, force: true }));

const platform = "linux_amd64";
const provider = (mirror: string) =>
  mkdir(join(mirror, "registry.terraform.io/hashicorp/aws/5.100.0", platform), { recursive: true });

test("the named folder comes first", async () => {
  await provider(join(root, "named"));
  await provider(join(root, "shared/mirror"));

  const found = await findMirror(
    { SLUICE_TERRAFORM_MIRROR: join(root, "named") },
    { platform, sharedRoots: [join(root, "shared")] },
  );

  expect(found).toBe(join(root, "named"));
});

test("a named folder without our provider is refused, never passed over", async () => {
  await provider(join(root, "shared/mirror"));

  const search = findMirror({ SLUICE_TERRAFORM_MIRROR: root }, { platform, sharedRoots: [join(root, "shared")] });

  await expect(search).rejects.toThrow(/SLUICE_TERRAFORM_MIRROR is .* does not hold hashicorp\/aws 5\.100\.0/);
});

test("Terraform's own folders come before the shared roots", async () => {
  await provider(join(root, ".terraform.d/plugins"));
  await provider(join(root, "shared/mirror"));

  expect(await findMirror({ HOME: root }, { platform, sharedRoots: [join(root, "shared")] })).toBe(
    join(root, ".terraform.d/plugins"),
  );
});

test("a shared root is searched two levels deep and no further", async () => {
  await provider(join(root, "near/mirror"));
  await provider(join(root, "far/away/mirror"));

  expect(await findMirror({}, { platform, sharedRoots: [join(root, "near")] })).toBe(join(root, "near/mirror"));
  expect(await findMirror({}, { platform, sharedRoots: [join(root, "far")] })).toBeUndefined();
});

test("a mirror of another platform does not serve", async () => {
  await provider(join(root, "mirror"));

  expect(await findMirror({}, { platform: "darwin_arm64", sharedRoots: [root] })).toBeUndefined();
});

test("what comes from a mirror is never asked of the network", async () => {
  const file = join(root, "terraform.rc");

  await writeTerraformConfig(file, "/opt/some mirror");

  const config = await readFile(file, "utf8");
  expect(config).toContain('path    = "/opt/some mirror"');
  expect(config).toMatch(/direct \{\s+exclude = \["registry\.terraform\.io\/hashicorp\/aws"\]/);
});

test("a machine without a mirror gets one by Terraform itself, once", async () => {
  const { terraform, terraformConfig } = await ensureTools({ root: repository, want: ["terraform"] });
  const options = { terraform, root: virtualMachine, env: { TF_CLI_CONFIG_FILE: terraformConfig } };

  const mirror = await fetchMirror(join(root, "made"), options);

  expect(await fetchMirror(join(root, "made"), options)).toBe(mirror);
  expect(await findMirror({ SLUICE_TERRAFORM_MIRROR: mirror })).toBe(mirror);
});

test("a provider that cannot be fetched is named with the way out", async () => {
  const fetched = fetchMirror(join(root, "made"), { terraform: "/bin/false", root: virtualMachine, env: {} });

  await expect(fetched).rejects.toThrow(/could not be fetched.*SLUICE_TERRAFORM_MIRROR/);
});
