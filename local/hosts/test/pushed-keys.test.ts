import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { PushedKeys } from "../pushed-keys.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-keys-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("writes a key with the second at which it expires", async () => {
  const keys = new PushedKeys(folder, { validMs: 60_000, now: () => Date.UTC(2026, 0, 2, 23, 59, 30) });

  await keys.push("ubuntu", "ssh-ed25519 AAAA me\n");
  await keys.push("ubuntu", "ssh-ed25519 BBBB me");
  keys.stop();

  expect(readFileSync(join(folder, "ubuntu"), "utf8")).toBe(
    'expiry-time="20260103000030Z" ssh-ed25519 AAAA me\nexpiry-time="20260103000030Z" ssh-ed25519 BBBB me\n',
  );
});

it("removes a key when its time is over", async () => {
  const keys = new PushedKeys(folder, { validMs: 50, now: Date.now });

  await keys.push("ubuntu", "ssh-ed25519 AAAA me");
  expect(existsSync(join(folder, "ubuntu"))).toBe(true);
  await expect.poll(() => existsSync(join(folder, "ubuntu"))).toBe(false);
});
