import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Keys that Instance Connect has pushed to one host: a file a user, which sshd asks for at every login. */
export class PushedKeys {
  readonly #folder: string;
  readonly #validMs: number;
  readonly #now: () => number;
  readonly #byUser = new Map<string, { line: string; timer: NodeJS.Timeout }[]>();
  #writing: Promise<void> = Promise.resolve();

  constructor(folder: string, options: { validMs: number; now: () => number }) {
    this.#folder = folder;
    this.#validMs = options.validMs;
    this.#now = options.now;
  }

  /** Lets a key log in as this user and nobody else. The line itself expires; the timer removes what would pile up. */
  async push(user: string, publicKey: string): Promise<void> {
    const key = {
      line: `expiry-time="${inUtc(this.#now() + this.#validMs)}" ${publicKey.trim()}`,
      timer: setTimeout(() => void this.#remove(user, key), this.#validMs).unref(),
    };
    this.#byUser.set(user, [...(this.#byUser.get(user) ?? []), key]);
    await this.#write(user);
  }

  stop(): void {
    for (const keys of this.#byUser.values()) for (const { timer } of keys) clearTimeout(timer);
  }

  async #remove(user: string, key: { line: string }): Promise<void> {
    this.#byUser.set(user, this.#byUser.get(user)?.filter((each) => each !== key) ?? []);
    await this.#write(user).catch(() => undefined); // The host has gone meanwhile, and the file with it.
  }

  /** In one step, so that a login never reads half a file; one after the other, so that the newest is the last. */
  #write(user: string): Promise<void> {
    this.#writing = this.#writing
      .catch(() => undefined)
      .then(async () => {
        const file = join(this.#folder, user);
        const lines = (this.#byUser.get(user) ?? []).map(({ line }) => `${line}\n`);
        if (lines.length === 0) return rm(file, { force: true });
        await mkdir(this.#folder, { recursive: true, mode: 0o755 }); // A key may come before the host has begun.
        await writeFile(`${file}.new`, lines.join(""), { mode: 0o644 });
        await rename(`${file}.new`, file);
      });
    return this.#writing;
  }
}

/** sshd(8): `YYYYMMDDHHMMSSZ`, where Z has been understood since OpenSSH 9.1. */
function inUtc(time: number): string {
  return `${new Date(time).toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`;
}
