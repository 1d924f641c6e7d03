import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { debianMirror } from "../hosts/debian-mirror.ts";

let etc: string;
beforeEach(async () => {
  etc = await mkdtemp(join(tmpdir(), "sluice-apt-"));
  await mkdir(join(etc, "sources.list.d"));
});
afterEach(() => rm(etc, { recursive: true, force: true }));

test("without any configuration everybody's mirror is taken", async () => {
  expect(await debianMirror("bookworm", join(etc, "absent"))).toBe("http://deb.debian.org/debian");
});

test("the machine's own mirror of the suite is taken, in both of apt's notations", async () => {
  await writeFile(join(etc, "sources.list"), "deb [arch=amd64] http://near.example/debian/ trixie main\n");
  expect(await debianMirror("bookworm", etc)).toBe("http://near.example/debian");

  const stanzas =
    "Types: deb\nURIs: http://sec.example/debian-security\nSuites: bookworm-security\n\n" +
    "Types: deb\nURIs: http://own.example/debian\nSuites: bookworm bookworm-updates\nComponents: main\n";
  await writeFile(join(etc, "sources.list.d/debian.sources"), stanzas);
  expect(await debianMirror("bookworm", etc)).toBe("http://own.example/debian");
});
