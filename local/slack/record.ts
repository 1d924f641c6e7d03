import type { Json } from "./json.ts";

/** Milliseconds since 1970, by the local cloud's clock. */
type Instant = number;

/** What people see in a channel. `earlier` holds the blocks that it had before its updates, oldest first. */
export interface Message {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs?: string;
  readonly at: Instant;
  text: string;
  blocks: readonly Json[];
  editedAt?: Instant;
  readonly earlier: (readonly Json[])[];
}

/** A private answer: only `user` sees it. `from` is absent for our app, else Slack itself. */
export interface Ephemeral {
  readonly channel: string;
  readonly user: string;
  readonly ts: string;
  readonly threadTs?: string;
  readonly at: Instant;
  readonly from?: "Slack";
  text: string;
  blocks: readonly Json[];
}

/** A modal that a person has open. `state` is what stands in its inputs, by block id and action id. */
export interface OpenView {
  readonly id: string;
  readonly user: string;
  readonly rootId: string;
  readonly previousId?: string;
  hash: string;
  content: Json;
  state: Record<string, Record<string, Json>>;
  errors: Readonly<Record<string, string>>;
  /** Slack's own sentence when the app did not answer. */
  trouble?: string;
}

/** One call that our app made, or one request that Slack made to it. Never holds a token or a signature. */
export interface Exchange {
  readonly at: Instant;
  readonly direction: "to Slack" | "to the app";
  readonly what: string;
  /** 0 where there was no answer. */
  readonly status: number;
  readonly ok: boolean;
  readonly error?: string;
  readonly details?: readonly string[];
  readonly body: Json;
}

/** Everything that was said, and who waits for it to change. */
export class SlackRecord {
  readonly messages: Message[] = [];
  ephemerals: Ephemeral[] = [];
  views: OpenView[] = [];
  readonly exchanges: Exchange[] = [];
  readonly #listeners = new Set<() => void>();

  message(channel: string, ts: string): Message | undefined {
    return this.messages.find((message) => message.channel === channel && message.ts === ts);
  }

  view(id: string): OpenView | undefined {
    return this.views.find((view) => view.id === id);
  }

  changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves as soon as `look` finds something, asked at each change. @throws after the deadline, naming what was waited for. */
  waitFor<T>(what: string, look: () => T | undefined | null | false, deadlineMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const tryOnce = () => {
        try {
          const found = look();
          if (found === undefined || found === null || found === false) return;
          finish(() => resolve(found));
        } catch (cause) {
          finish(() => reject(cause));
        }
      };
      const timer = setTimeout(
        () => finish(() => reject(new Error(`Not seen within ${deadlineMs} ms: ${what}\n${this.#lastWords()}`))),
        deadlineMs,
      );
      const stop = this.onChange(tryOnce);
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        stop();
        settle();
      };
      tryOnce();
    });
  }

  #lastWords(): string {
    const lines = this.exchanges
      .slice(-8)
      .map((one) => `  ${one.direction}: ${one.what} ${one.status} ${one.error ?? ""}`);
    const texts = this.messages.slice(-4).map((message) => `  ${message.ts} ${message.text.slice(0, 160)}`);
    return ["Last exchanges:", ...lines, "Last messages:", ...texts].join("\n");
  }
}
