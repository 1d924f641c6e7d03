import type { EnvironmentTable } from "@sluice/blueprints";
import type { Directory } from "@sluice/directory";
import type { ObjectRef, PrincipalId, RequestId, Sha256, SlackIdentity } from "@sluice/events";
import type { BlockActions, SlackClient } from "@sluice/slack";
import type { Owed } from "@sluice/steps";
import type { Entry } from "../core/inventory.ts";
import type { OwnRequest, RequestStore } from "../core/ports.ts";
import type { Quotas } from "../core/quotas.ts";
import type { Instant } from "../core/record.ts";

/** What the door may look at; it never writes a request. */
export type Requests = Pick<RequestStore, "request" | "facts" | "used"> &
  Readonly<{
    /** A person's own requests, the newest first. */
    own(requester: PrincipalId, most: number): Promise<readonly OwnRequest[]>;
    /** What stands in an environment, by workspace. */
    inventory(environment: string): Promise<readonly Entry[]>;
  }>;

export type DoorPorts = Readonly<{
  requests: Requests;
  /** Read now and uncached. Nothing when it cannot be read: then nobody is anybody. */
  directory(): Promise<Directory | undefined>;
  /** A job's result object, if it is still the one that was named: same version, same SHA-256. */
  result(ref: ObjectRef): Promise<string | undefined>;
  slack: Pick<SlackClient, "openView" | "updateView">;
  /** Answers a click privately; nobody waits for it. */
  tell(responseUrl: string, message: PrivateMessage): Promise<void>;
  publish(owed: readonly Owed[]): Promise<void>;
  newRequest(): RequestId;
  /** The page with a build's log, for whoever may read logs there. */
  logUrl(build: string): string;
  environments: EnvironmentTable;
  quotas: Quotas;
  now(): Instant;
}>;

export type PrivateMessage = Readonly<{ text: string; blocks?: readonly object[] }>;

/** Who is at the door, by a signature that was verified, and when Slack signed it. */
export type Caller = Readonly<{
  who: SlackIdentity;
  signedAt: string;
  /** SHA-256 of the signature: the cause of everything that follows from it. */
  signature: Sha256;
}>;

/** One click, with what a button may need to answer it. */
export type Click = Readonly<{ ports: DoorPorts; caller: Caller; value: string; clicked: BlockActions }>;

/** What Slack is answered with: nothing, or a body that it acts on. */
export type DoorAnswer = object | undefined;

/** A private answer to a slash command. */
export function privately(text: string, blocks?: readonly object[]): DoorAnswer {
  return { response_type: "ephemeral", text, ...(blocks && { blocks }) };
}
