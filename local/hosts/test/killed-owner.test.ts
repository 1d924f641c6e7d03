import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makePlace, removePlace } from "../place.ts";
import { childrenOf, hosts, isGone, leftOf, skipReason } from "./world.ts";

const ID = "111111111111-i-0123456789abcdef0";
let directory: string;

/** A process that runs one host in `directory`, and the folder of that host's place. */
async function startOwner() {
  const { base } = hosts.kind === "runc" ? hosts : { base: "" };
  const source = `
    import { makePlace } from ${JSON.stringify(new URL("../place.ts", import.meta.url).href)};
    import { Fleet } from ${JSON.stringify(new URL("../fleet.ts", import.meta.url).href)};
    const place = await makePlace({ base: ${JSON.stringify(base)}, directory: ${JSON.stringify(directory)} });
    const fleet = new Fleet({ place, directory: place.folder, bootMs: 0, keyMs: 60_000, now: Date.now });
    const [account, ...id] = "${ID}".split("-");
    fleet.onChange(() => fleet.all()[0]?.state === "online" && console.log(place.folder));
    await fleet.follow(account, [{ account, id: id.join("-"), state: "running" }]);
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ["--input-type=module", "-e", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(owner.stdout, "data");
  return { owner, folder: String(line).trim() };
}

describe.skipIf(skipReason)(`hosts whose owner is killed${skipReason && ` (skipped: ${skipReason})`}`, () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "sluice-hosts-killed-"));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it("end by themselves, and their files go with the next start", async () => {
    const { owner, folder } = await startOwner();
    expect(await leftOf(ID)).not.toEqual([]);

    owner.kill("SIGKILL");

    expect(await isGone(ID)).toEqual([]);
    expect(existsSync(folder)).toBe(true);
    await removePlace((await makePlace({ base: "", directory })).folder);
    expect(existsSync(folder)).toBe(false);
  });

  it("leave nothing after the next start when the runtime was killed with it", async () => {
    const { owner, folder } = await startOwner();
    const runtimes = await childrenOf(owner.pid ?? 0);
    for (const pid of runtimes) process.kill(pid, "SIGKILL");
    owner.kill("SIGKILL");
    await once(owner, "exit");

    await removePlace((await makePlace({ base: "", directory })).folder);

    expect(await isGone(ID)).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  });

  it("are left alone while it lives", async () => {
    const { owner, folder } = await startOwner();

    await removePlace((await makePlace({ base: "", directory })).folder);

    expect(existsSync(folder)).toBe(true);
    owner.kill("SIGKILL");
    expect(await isGone(ID)).toEqual([]);
  });

  it("does not take a process for the owner that has its pid by chance", async () => {
    await mkdir(join(directory, "running", `${process.pid}-1-abcdef`), { recursive: true });

    const place = await makePlace({ base: "", directory });

    expect(await readdir(join(directory, "running"))).toEqual([place.folder.split("/").at(-1)]);
    await removePlace(place.folder);
  });
});
