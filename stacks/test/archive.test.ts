import { cp, mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { archiveOf, filesBelow } from "../archive.ts";

const root = join(import.meta.dirname, "../..");

it("makes the same bytes of the same playbooks, whatever time and tools left on them", async () => {
  const copy = await mkdtemp(join(tmpdir(), "sluice-archive-"));
  onTestFinished(() => rm(copy, { recursive: true, force: true }));
  await cp(join(root, "ansible"), join(copy, "ansible"), { recursive: true });
  const leftovers = join(copy, "ansible/callback_plugins/__pycache__");
  await mkdir(leftovers, { recursive: true });
  await writeFile(join(leftovers, "sluice.cpython-311.pyc"), "compiled");
  await utimes(join(copy, "ansible/ansible.cfg"), 0, 0);

  const [here, there] = await Promise.all([root, copy].map((folder) => filesBelow(folder, "ansible")));

  expect(here?.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      "ansible/ansible.cfg",
      "ansible/callback_plugins/sluice.py",
      "ansible/connect.sh",
      "ansible/playbooks/virtual-machine.yml",
      "ansible/roles/baseline/tasks/main.yml",
    ]),
  );
  expect((await archiveOf(there ?? [])).sha256).toBe((await archiveOf(here ?? [])).sha256);
});
