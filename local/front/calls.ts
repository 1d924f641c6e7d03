import { createWriteStream } from "node:fs";
import type { Call } from "./call.ts";

const KEPT = 10_000;
const KEPT_WITH_BODY = 500;

/**
 * What was called and answered, oldest first: the last 5,000 to 10,000, of which the last 500 have their bodies. Every call
 * is also a line of JSON in the log file, without its body.
 */
export class Calls {
  #finished: Call[] = [];
  readonly #listeners = new Set<(call: Call) => void>();
  readonly #file;

  constructor(logFile: string) {
    this.#file = createWriteStream(logFile, { flags: "a" });
  }

  /** All that are kept, or those that match. */
  all(matches: (call: Call) => boolean = () => true): Call[] {
    return this.#finished.filter(matches);
  }

  add(call: Call): void {
    this.#finished.push(call);
    if (this.#finished.length > KEPT) this.#finished = this.#finished.slice(-KEPT / 2);
    const old = this.#finished.at(-KEPT_WITH_BODY - 1);
    if (old) this.#finished.splice(-KEPT_WITH_BODY - 1, 1, withoutBody(old));
    this.#file.write(`${JSON.stringify(withoutBody(call))}\n`);
    for (const listener of [...this.#listeners]) listener(call);
  }

  /** Told of every call when its answer is known. Returns what ends the listening. */
  onAnswered(listener: (call: Call) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * The `nth` answered call that matches, among those with a number above `after` (0 = all): the provisioner's third
   * write is `waitFor(isWriteOf("provisioner"), 5_000, { nth: 3 })`.
   *
   * @throws when there are fewer after `deadlineMs`, saying how many were seen.
   */
  waitFor(
    matches: (call: Call) => boolean,
    deadlineMs: number,
    { nth = 1, after = 0 }: { nth?: number; after?: number } = {},
  ): Promise<Call> {
    const isOne = (call: Call) => call.number > after && matches(call);
    const found = this.all(isOne);
    const already = found[nth - 1];
    if (already) return Promise.resolve(already);

    return new Promise((resolve, reject) => {
      let seen = found.length;
      const end = () => {
        clearTimeout(timer);
        this.#listeners.delete(listener);
      };
      const listener = (call: Call) => {
        if (!isOne(call) || ++seen < nth) return;
        end();
        resolve(call);
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`Waited ${deadlineMs} ms for call ${nth} of a kind; ${seen} came`));
      }, deadlineMs);
      this.#listeners.add(listener);
    });
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.#file.end(resolve));
  }
}

function withoutBody({ body: _body, ...call }: Call): Call {
  return call;
}
