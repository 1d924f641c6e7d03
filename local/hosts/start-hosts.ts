import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { EC2Client, paginateDescribeInstances } from "@aws-sdk/client-ec2";
import type { Call, Front } from "../front/front.ts";
import type { Hosts } from "../setup/hosts/ensure-hosts.ts";
import { Fleet, type Host, type HostInfo, type Instance } from "./fleet.ts";
import { instanceConnect } from "./instance-connect.ts";
import { makePlace, removePlace } from "./place.ts";
import { sessionManager } from "./session-manager.ts";
import { startTunnels } from "./tunnels.ts";

export type { HostInfo } from "./fleet.ts";

/** The hosts of the target accounts' instances, and their way in by Session Manager and Instance Connect at the front. */
export interface RunningHosts {
  readonly kind: "running";
  /** Has `session-manager-plugin`, which the AWS CLI looks for: to put before the `PATH` of who connects. */
  readonly path: string;
  list(): readonly HostInfo[];
  /** Told at every change of a host. Returns what ends the listening. */
  onChange(listener: () => void): () => void;
  /** Resolves when this holds of all hosts. @throws when it does not within the deadline, with what they are then. */
  waitFor(holds: (hosts: readonly HostInfo[]) => boolean, deadlineMs: number): Promise<void>;
  /** Looks at all accounts again: what calls at the front change is looked at by itself. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

const PLUGIN = join(import.meta.dirname, "bin");

/**
 * Gives every instance of the target accounts a host, from the call that makes it to the one that terminates it; a stopped one
 * keeps its disk. A host is reachable `bootSeconds` after it was made, a pushed key works for `keySeconds`.
 */
export async function startHosts(options: {
  hosts: Extract<Hosts, { kind: "runc" }>;
  front: Front;
  region: string;
  accounts: readonly string[];
  /** Holds a log a host. */
  directory: string;
  bootSeconds?: number;
  keySeconds?: number;
  now?: () => number;
}): Promise<RunningHosts> {
  const { front, region, accounts, directory } = options;
  await mkdir(directory, { recursive: true });
  const place = await makePlace(options.hosts);
  const tunnels = await startTunnels();
  const fleet = new Fleet({
    place,
    directory,
    bootMs: (options.bootSeconds ?? 5) * 1000,
    keyMs: (options.keySeconds ?? 60) * 1000,
    now: options.now ?? Date.now,
  });
  const followers = new Map(
    accounts.map((account) => {
      const ec2 = new EC2Client({ region, endpoint: front.url, credentials: front.ownerCredentials(account) });
      return [account, { look: oneByOne(async () => fleet.follow(account, await instancesOf(ec2, account))), ec2 }];
    }),
  );
  const look = async (account: string) => followers.get(account)?.look();

  const find = async (account: string, instanceId: string): Promise<Host | undefined> => {
    const known = fleet.find(account, instanceId);
    if (known) return known;
    await look(account); // A caller who hung up too early may have made it.
    return fleet.find(account, instanceId);
  };
  front.answerInTargets("ssm", sessionManager({ find, all: () => fleet.all(), tunnels }));
  front.answerInTargets("ec2-instance-connect", instanceConnect({ find }));
  const endWatch = front.calls.onAnswered((call) => {
    if (changesInstances(call)) void look(call.account).catch(() => undefined); // The next call looks again.
  });

  return {
    kind: "running",
    path: PLUGIN,
    list: () => fleet.all().map(({ keys: _keys, connect: _connect, ...info }) => info),
    onChange: (listener) => fleet.onChange(listener),
    waitFor: (holds, deadlineMs) => waitFor(fleet, holds, deadlineMs),
    async look() {
      await Promise.all(accounts.map(look));
    },
    async stop() {
      endWatch();
      await tunnels.stop();
      for (const { ec2, look } of followers.values()) {
        await look.stop();
        ec2.destroy();
      }
      await fleet.stop();
      await removePlace(place.folder);
    },
  };
}

/** Whatever came of the call: a lost answer has its effect too. */
function changesInstances({ service, action }: Call): boolean {
  return service === "ec2" && /^(Run|Start|Stop|Terminate)Instances$/.test(action);
}

async function instancesOf(client: EC2Client, account: string): Promise<Instance[]> {
  const instances: Instance[] = [];
  for await (const { Reservations = [] } of paginateDescribeInstances({ client }, {}))
    for (const { InstanceId: id, State } of Reservations.flatMap(({ Instances = [] }) => Instances)) {
      const name = State?.Name;
      if (!id || !name) continue;
      if (name === "pending" || name === "running") instances.push({ account, id, state: "running" });
      if (name === "stopping" || name === "stopped") instances.push({ account, id, state: "stopped" });
    }
  return instances;
}

/** One run at a time; who asks during a run gets one that begins after it. */
function oneByOne(work: () => Promise<void>): (() => Promise<void>) & { stop(): Promise<void> } {
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  let stopped = false;
  const ask = () => {
    if (stopped) return Promise.resolve();
    next ??= last
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        last = work();
        return last;
      });
    return next;
  };
  return Object.assign(ask, {
    async stop() {
      stopped = true;
      await next?.catch(() => undefined);
      await last.catch(() => undefined);
    },
  });
}

function waitFor(fleet: Fleet, holds: (hosts: readonly HostInfo[]) => boolean, deadlineMs: number): Promise<void> {
  if (holds(fleet.all())) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const end = fleet.onChange(() => {
      if (!holds(fleet.all())) return;
      clearTimeout(timer);
      end();
      resolve();
    });
    const timer = setTimeout(() => {
      end();
      const are = fleet.all().map(({ instanceId, state, reason }) => `${instanceId} ${state} ${reason ?? ""}`);
      reject(new Error(`Waited ${deadlineMs} ms for hosts; they are: ${are.join(", ") || "none"}`));
    }, deadlineMs);
  });
}
