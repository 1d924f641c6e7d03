import type { RequestId, SlackIdentity } from "@sluice/events";
import type { MessageContent } from "@sluice/slack";
import type { People } from "@sluice/words";
import type { Fact } from "@sluice/words/facts";

/** Where a message of ours stands in Slack. */
export type Place = Readonly<{ channel: string; ts: string }>;

/** What has been shown of a request, and how far. */
export type Shown = Readonly<{
  /** Grows with every event that was heard. */
  changed: number;
  /** The `changed` that the messages show. */
  rendered: number;
  /** When it is looked at again, in milliseconds since 1970: soon where messages are behind, else at the next reminder. */
  dueAt?: number;
  /** By name: `request`, `approval#<step>#<attempt>`, `reminder#<step>#<attempt>#<which>`, `thread#<key>`. */
  places: Readonly<Record<string, Place>>;
}>;

export interface PictureStore {
  /** Keeps a fact unless one that stays before it is there (`staysBefore`). */
  keep(fact: Fact): Promise<void>;
  facts(request: RequestId): Promise<readonly Fact[]>;
  /**
   * Notes that something was heard, so that it is shown soon whoever dies now, and takes the lease as `takeLease` does. Where somebody else has it nothing is lost:
   * they find out when they release it.
   */
  noteHeard(request: RequestId, holder: string, now: number): Promise<Shown | undefined>;
  /** What is shown, once nobody else renders this request until it is released or its time is over; nothing while somebody else does. */
  takeLease(request: RequestId, holder: string, now: number): Promise<Shown | undefined>;
  /** Notes where a message stands, at once after it was posted, while the lease is ours. */
  notePlace(request: RequestId, name: string, place: Place): Promise<void>;
  /**
   * Notes how far the messages are and when to look again, and gives the lease back. Says false when something newer has been heard: then it is not shown yet,
   * and is due soon.
   */
  release(request: RequestId, holder: string, rendered: number, againAt?: number): Promise<boolean>;
  /** Gives the lease back with nothing shown, and is due again at this time. */
  postpone(request: RequestId, holder: string, againAt: number): Promise<void>;
  /** Whether this answer was sent, as far as is remembered. */
  wasTold(answer: Told): Promise<boolean>;
  noteTold(answer: Told): Promise<void>;
}

/** A private answer to an event. The last one of a person and a kind is remembered: pressing a button a hundred times leaves one item. */
export type Told = Readonly<{ request: RequestId; event: string; to: SlackIdentity; kind: string }>;

/** Slack says when to come back, or that it never will. */
export type Posted<T> = Readonly<{ done: T }> | Readonly<{ laterAtMs: number }> | Readonly<{ never: string }>;

export interface Messenger {
  post(channel: string, message: MessageContent, threadTs?: string): Promise<Posted<Place>>;
  update(place: Place, message: MessageContent): Promise<Posted<void>>;
  whisper(channel: string, user: string, text: string): Promise<Posted<void>>;
}

export type Ports = Readonly<{
  store: PictureStore;
  messenger: Messenger;
  people(): Promise<People>;
  /** A channel's id by an environment's name or `approvers`. */
  channel(place: string): string | undefined;
  /** A name for one run of ours, so that a lease can be told from another's. */
  holder(): string;
  now(): number;
}>;
