import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EC2Client, StartInstancesCommand, StopInstancesCommand } from "@aws-sdk/client-ec2";
import {
  DescribeInstanceInformationCommand,
  SSMClient,
  StartSessionCommand,
  TerminateSessionCommand,
} from "@aws-sdk/client-ssm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { as, refusalOf } from "../../front/test/roles.ts";
import { SANDBOX, STAGING } from "../../front/test/start-emulators.ts";
import type { RunningHosts } from "../start-hosts.ts";
import {
  buildEnvironment,
  isGone,
  leftOf,
  pushKey,
  run,
  runInstance,
  sessionOf,
  skipReason,
  ssh,
  startTheHosts,
  startWorld,
  terminateInstance,
  type World,
} from "./world.ts";

let world: World;
let running: RunningHosts | undefined;

async function start(settings: Parameters<typeof startTheHosts>[2] = {}) {
  running = await startTheHosts(world.front, join(world.folder, "hosts"), settings);
  return running;
}
async function onlineHost(hosts: RunningHosts, account = STAGING): Promise<string> {
  const id = await runInstance(world.front, account);
  await hosts.waitFor((all) => all.some(({ instanceId, state }) => instanceId === id && state === "online"), 20_000);
  return id;
}
async function ssm(account = STAGING, role = "sluice-apply") {
  return new SSMClient(as(world.front, await sessionOf(world.front, account, role)));
}
function session(id: string) {
  const Parameters = { portNumber: ["22"] };
  return new StartSessionCommand({ Target: id, DocumentName: "AWS-StartSSHSession", Parameters });
}

describe.skipIf(skipReason)(`hosts${skipReason && ` (skipped: ${skipReason})`}`, () => {
  beforeAll(async () => {
    world = await startWorld();
  });
  afterEach(async () => {
    for (const { account, instanceId } of running?.list() ?? [])
      await terminateInstance(world.front, account, instanceId);
    await running?.stop();
    running = undefined;
  });
  afterAll(() => world?.stop());

  it("lets a session of the account log in as on AWS, and become root", async () => {
    const hosts = await start();
    const id = await onlineHost(hosts);
    const env = await buildEnvironment(world, hosts.path, STAGING);

    const pushed = await pushKey(env, id);
    const answer = await ssh(env, id, "whoami; sudo id -u; hostname; ls /sys/class/net");

    expect(pushed).toMatchObject({ code: 0 });
    expect(answer.printed).toContain(`ubuntu\n0\n${id}\nlo\n`);
    expect(answer.code).toBe(0);
  });

  it("refuses a login without a pushed key", async () => {
    const hosts = await start();
    const id = await onlineHost(hosts);

    const answer = await ssh(await buildEnvironment(world, hosts.path, STAGING), id, "id");

    expect(answer.printed).toContain("Permission denied (publickey)");
  });

  it("refuses a key 61 s after it was pushed", async () => {
    const hosts = await start({ now: () => Date.now() - 61_000 });
    const id = await onlineHost(hosts);
    const env = await buildEnvironment(world, hosts.path, STAGING);

    await pushKey(env, id);

    expect((await ssh(env, id, "id")).printed).toContain("Permission denied (publickey)");
  });

  it("lets a key in for the user alone that it was pushed for", async () => {
    const hosts = await start();
    const id = await onlineHost(hosts);
    const env = await buildEnvironment(world, hosts.path, STAGING);

    await pushKey(env, id, "root");

    expect((await ssh(env, id, "id")).printed).toContain("Permission denied (publickey)");
  });

  it("is not connected before it has booted, and registered after", async () => {
    const hosts = await start({ bootSeconds: 4 });
    const client = await ssm();
    const id = await runInstance(world.front, STAGING);
    await hosts.waitFor((all) => all.some(({ state }) => state === "booting"), 5_000);

    const early = await refusalOf(client.send(session(id)));
    const before = await client.send(new DescribeInstanceInformationCommand({}));
    await hosts.waitFor((all) => all.some(({ state }) => state === "online"), 20_000);
    const after = await client.send(
      new DescribeInstanceInformationCommand({ Filters: [{ Key: "InstanceIds", Values: [id] }] }),
    );

    expect(early).toBe(`TargetNotConnected: ${id} is not connected.`);
    expect(before.InstanceInformationList).toEqual([]);
    expect(after.InstanceInformationList).toMatchObject([{ InstanceId: id, PingStatus: "Online" }]);
  });

  it("knows no instance of another account, no other document and no other port", async () => {
    const hosts = await start();
    const id = await onlineHost(hosts, SANDBOX);
    const [ours, theirs] = await Promise.all([ssm(STAGING), ssm(SANDBOX)]);
    const command = { Target: id, DocumentName: "AWS-StartSSHSession" };

    expect(await refusalOf(ours.send(session(id)))).toContain("TargetNotConnected");
    expect(await refusalOf(theirs.send(new StartSessionCommand({ Target: id })))).toContain("InvalidDocument");
    const other = new StartSessionCommand({ ...command, Parameters: { portNumber: ["80"] } });
    expect(await refusalOf(theirs.send(other))).toContain("ValidationException");
    expect(await ours.send(new DescribeInstanceInformationCommand({}))).toMatchObject({ InstanceInformationList: [] });
    const pushed = await pushKey(await buildEnvironment(world, hosts.path, STAGING), id);
    expect(pushed.printed).toContain("EC2InstanceNotFoundException");
  });

  it("refuses a session for plans, which may only read", async () => {
    const hosts = await start();
    const id = await onlineHost(hosts);

    const pushed = await pushKey(await buildEnvironment(world, hosts.path, STAGING, "sluice-plan"), id);

    expect(await refusalOf((await ssm(STAGING, "sluice-plan")).send(session(id)))).toContain("AccessDeniedException");
    expect(pushed.printed).toContain("AccessDeniedException");
  });

  it("opens one tunnel with a token, and none once its session is terminated", async () => {
    const hosts = await start();
    const id = await onlineHost(hosts);
    const env = await buildEnvironment(world, hosts.path, STAGING);
    const client = await ssm();
    const plugin = (response: object) =>
      run("session-manager-plugin", [JSON.stringify(response), "eu-west-1", "StartSession"], env);
    const { $metadata: _a, ...used } = await client.send(session(id));
    const { $metadata: _b, ...ended } = await client.send(session(id));
    await client.send(new TerminateSessionCommand({ SessionId: ended.SessionId }));

    expect((await plugin(used)).printed).toContain("SSH-2.0-OpenSSH");
    expect((await plugin(used)).printed).toContain("the token opens no session");
    expect((await plugin(ended)).printed).toContain("the token opens no session");
  });

  it("refuses keys that are more than one key, and users that are paths", async () => {
    const hosts = await start();
    const id = await onlineHost(hosts);
    const env = await buildEnvironment(world, hosts.path, STAGING);

    const key = await readFile(join(world.folder, "key.pub"), "utf8");
    await writeFile(join(world.folder, "two.pub"), key + key);

    expect((await pushKey(env, id, "../ubuntu")).printed).toContain("InvalidArgsException");
    expect((await pushKey(env, id, "ubuntu", "two.pub")).printed).toContain("InvalidArgsException");
  });

  it("is gone with its instance, with its processes, mounts and cgroups", async () => {
    const hosts = await start();
    const id = await onlineHost(hosts);
    expect(await leftOf(id)).not.toEqual([]);

    await terminateInstance(world.front, STAGING, id);
    await hosts.waitFor((all) => all.length === 0, 10_000);

    expect(await isGone(id)).toEqual([]);
  });

  it("keeps the disk of a stopped instance, which nobody reaches", async () => {
    const hosts = await start();
    const id = await onlineHost(hosts);
    const env = await buildEnvironment(world, hosts.path, STAGING);
    const ec2 = new EC2Client(as(world.front, await sessionOf(world.front, STAGING, "sluice-apply")));
    await pushKey(env, id);
    await ssh(env, id, "echo kept > note");

    await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
    await hosts.waitFor((all) => all.some(({ state }) => state === "stopped"), 10_000);
    expect(await isGone(id)).toEqual([]);
    expect(await refusalOf((await ssm()).send(session(id)))).toContain("TargetNotConnected");
    await ec2.send(new StartInstancesCommand({ InstanceIds: [id] }));
    await hosts.waitFor((all) => all.some(({ state }) => state === "online"), 20_000);
    await pushKey(env, id);

    expect((await ssh(env, id, "cat note")).printed).toContain("kept");
  });
});
