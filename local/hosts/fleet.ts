import type { ChildProcess } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Machine, startMachine } from "./machine.ts";
import type { Place } from "./place.ts";
import { PushedKeys } from "./pushed-keys.ts";

/** An instance as EC2 describes it: `running` has a host, `stopped` keeps its disk, anything else is gone. */
export interface Instance {
  readonly account: string;
  readonly id: string;
  readonly state: "running" | "stopped";
}

/** A host as people and tests see it. */
export interface HostInfo {
  readonly account: string;
  readonly instanceId: string;
  /** `online` once it is reachable; `failed` never is, and `reason` says why. */
  readonly state: "booting" | "online" | "stopped" | "failed";
  readonly reason?: string;
}

export interface Host extends HostInfo {
  readonly keys: PushedKeys;
  /** One SSH connection into it. @throws when it is not online. */
  connect(): ChildProcess;
}

interface Entry {
  readonly account: string;
  readonly instanceId: string;
  readonly folder: string;
  readonly keys: PushedKeys;
  state: HostInfo["state"];
  reason?: string;
  machine?: Machine;
  timer?: NodeJS.Timeout;
}

/** All hosts of one cloud, made to be what the instances are. */
export class Fleet {
  readonly #byName = new Map<string, Entry>();
  readonly #listeners = new Set<() => void>();
  readonly #options;

  constructor(options: {
    place: Place;
    /** Holds a log a host. */
    directory: string;
    /** How long an instance takes, at least, until it can be reached. */
    bootMs: number;
    keyMs: number;
    now: () => number;
  }) {
    this.#options = options;
  }

  all(): readonly Host[] {
    return [...this.#byName.values()].map(asHost);
  }

  find(account: string, instanceId: string): Host | undefined {
    const entry = this.#byName.get(nameOf(account, instanceId));
    return entry && asHost(entry);
  }

  /** Told at every change of a host. Returns what ends the listening. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Makes the hosts of an account what its instances are: the same instances again change nothing. Not to be called twice at once. */
  async follow(account: string, instances: readonly Instance[]): Promise<void> {
    const wanted = new Map(instances.map((each) => [nameOf(account, each.id), each]));
    const gone = [...this.#byName].filter(([name, entry]) => entry.account === account && !wanted.has(name));
    await Promise.all([
      ...gone.map(([, entry]) => this.#remove(entry)),
      ...[...wanted.values()].map((instance) =>
        instance.state === "running" ? this.#start(instance) : this.#halt(instance),
      ),
    ]);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#byName.values()].map((entry) => this.#remove(entry)));
  }

  async #start({ account, id }: Instance): Promise<void> {
    const known = this.#byName.get(nameOf(account, id));
    if (known && known.state !== "stopped") return;
    const { place, directory, bootMs } = this.#options;
    const entry = known ?? this.#add(account, id);
    const since = Date.now();
    this.#become(entry, "booting");
    try {
      const machine = await startMachine(place, {
        id: `${place.prefix}-${nameOf(account, id)}`,
        hostname: id,
        folder: entry.folder,
        logFile: join(directory, `${nameOf(account, id)}.log`),
      });
      entry.machine = machine;
      void machine.ended.then(() => {
        if (entry.machine === machine && this.#byName.get(nameOf(account, id)) === entry && entry.state !== "stopped")
          this.#become(entry, "failed", "Its first process ended");
      });
    } catch (cause) {
      return this.#become(entry, "failed", cause instanceof Error ? cause.message : String(cause));
    }
    entry.timer = setTimeout(() => this.#become(entry, "online"), Math.max(0, since + bootMs - Date.now()));
  }

  async #halt({ account, id }: Instance): Promise<void> {
    const entry = this.#byName.get(nameOf(account, id)) ?? this.#add(account, id);
    if (entry.state === "stopped" && !entry.machine) return;
    clearTimeout(entry.timer);
    this.#become(entry, "stopped");
    await entry.machine?.stop();
    delete entry.machine;
  }

  async #remove(entry: Entry): Promise<void> {
    clearTimeout(entry.timer);
    this.#byName.delete(nameOf(entry.account, entry.instanceId));
    entry.keys.stop();
    await entry.machine?.stop();
    await rm(entry.folder, { recursive: true, force: true, maxRetries: 5 });
    this.#tell();
  }

  #add(account: string, instanceId: string): Entry {
    const { place, keyMs, now } = this.#options;
    const folder = join(place.folder, nameOf(account, instanceId));
    const keys = new PushedKeys(join(folder, "keys"), { validMs: keyMs, now });
    const entry: Entry = { account, instanceId, folder, keys, state: "stopped" };
    this.#byName.set(nameOf(account, instanceId), entry);
    return entry;
  }

  #become(entry: Entry, state: Entry["state"], reason?: string): void {
    entry.state = state;
    if (reason) entry.reason = reason;
    else delete entry.reason;
    this.#tell();
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

function nameOf(account: string, instanceId: string): string {
  return `${account}-${instanceId}`;
}

function asHost({ account, instanceId, state, reason, keys, machine }: Entry): Host {
  return {
    account,
    instanceId,
    state,
    ...(reason && { reason }),
    keys,
    connect() {
      if (!machine || state !== "online") throw new Error(`${instanceId} is not online`);
      return machine.connect();
    },
  };
}
