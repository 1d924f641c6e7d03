import type { Call } from "./call.ts";
import type { Refusal } from "./refusal.ts";

/** Something that goes wrong with the calls that match. */
export interface Fault {
  readonly name: string;
  readonly matches: (call: Call) => boolean;
  /** `before`: the emulator never sees the call. `after`: it has committed, and its answer is not yet sent. */
  readonly when: "before" | "after";
  /**
   * `refuse` answers with `refusal`; `drop-answer` closes the connection; `hang` keeps it open without an answer until
   * the caller gives up. A function is awaited and the call then goes on, if anybody is left to hear, unless it gives
   * "drop-answer": of a caller that it has killed, a call must not reach the emulator by being faster than the news.
   */
  readonly do: "refuse" | "drop-answer" | "hang" | ((call: Call) => unknown);
  /** With `refuse`; `AccessDenied` otherwise. */
  readonly refusal?: Refusal;
  /** How many calls it hits; all when absent. */
  readonly times?: number;
  /** How many matching calls pass before the first one is hit; 0 when absent. */
  readonly skip?: number;
}

/** What becomes of a call. */
export type Verdict = "go-on" | "drop-answer" | "hang" | Refusal;

/** The faults that are in force. */
export class Faults {
  readonly #active = new Map<Fault, { skip: number; left: number; isLasting: boolean }>();

  /** Puts a fault in force, and hands back what ends it. */
  add(fault: Fault): () => void {
    return this.#put(fault, false);
  }

  /** The same for parts of the cloud that watch calls by a fault: `clear` does not end it. */
  addLasting(fault: Fault): () => void {
    return this.#put(fault, true);
  }

  /** Ends all faults that tests have put in force. */
  clear(): void {
    for (const [fault, { isLasting }] of this.#active) if (!isLasting) this.#active.delete(fault);
  }

  #put(fault: Fault, isLasting: boolean): () => void {
    this.#active.set(fault, { skip: fault.skip ?? 0, left: fault.times ?? Number.POSITIVE_INFINITY, isLasting });
    return () => void this.#active.delete(fault);
  }

  /** Lets every fault that matches have its turn; the first that ends the call decides. */
  async judge(call: Call, when: Fault["when"]): Promise<Verdict> {
    for (const [fault, counts] of this.#active) {
      if (fault.when !== when || !fault.matches(call)) continue;
      if (counts.skip > 0) {
        counts.skip -= 1;
        continue;
      }
      counts.left -= 1;
      if (counts.left <= 0) this.#active.delete(fault);

      if (typeof fault.do === "function") {
        if ((await fault.do(call)) === "drop-answer") return "drop-answer";
      } else return fault.do === "refuse" ? (fault.refusal ?? refusedBy(fault)) : fault.do;
    }
    return "go-on";
  }
}

function refusedBy({ name }: Fault): Refusal {
  return { code: "AccessDenied", message: `Refused by the fault "${name}"` };
}
