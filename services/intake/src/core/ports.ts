import type { EnvironmentTable } from "@sluice/blueprints";
import type { Directory } from "@sluice/directory";
import type { EventId, ObjectRef, PrincipalId, RequestId } from "@sluice/events";
import type { Owed } from "@sluice/steps";
import type { Fact } from "@sluice/words/facts";
import type { InventoryChange } from "./inventory.ts";
import type { Quotas, Used } from "./quotas.ts";
import type { Instant, RequestRecord } from "./record.ts";

export interface RequestStore {
  /** Read strongly: a door's earlier write is seen. */
  request(request: RequestId): Promise<RequestRecord | undefined>;
  /** Stores a record where there is none, and answers the one that is there then: the caller's or an earlier one. */
  putIfAbsent(record: RequestRecord): Promise<RequestRecord>;
  /** Stores `after` if the record is still `before`. Says false when it is not: somebody else was first. */
  replace(before: RequestRecord, after: RequestRecord): Promise<boolean>;

  /** What somebody has used up, read strongly. */
  used(principal: PrincipalId): Promise<Used>;
  /** Stores `after` if what was used up is still `before`. Says false when it is not: somebody else was first. */
  replaceUsed(before: Used, after: Used): Promise<boolean>;

  /** Keeps what is known. Of two facts of one key the higher rank stays; of equal ones the first. */
  keep(fact: Fact): Promise<void>;
  facts(request: RequestId): Promise<readonly Fact[]>;

  /** Keeps what an apply left in its workspace, unless a later one has been there. */
  keepInventory(change: InventoryChange): Promise<void>;
}

/** What the list of a person's own requests needs. */
export type OwnRequest = Readonly<{ request: RequestId; askedAt: Instant }>;

/** Another system on the allow-list: what its account may propose, and whom it then is. */
export type Partner = Readonly<{
  account: string;
  source: string;
  blueprints: readonly string[];
  principal: PrincipalId;
}>;

export type Ports = Readonly<{
  store: RequestStore;
  /** Read now and uncached. Nothing when it cannot be read: then nobody is anybody. */
  directory(): Promise<Directory | undefined>;
  publish(owed: readonly Owed[]): Promise<void>;
  environments: EnvironmentTable;
  partners: readonly Partner[];
  quotas: Quotas;
  /** The code release that requests accepted now will run. */
  code: ObjectRef;
  now(): Instant;
}>;

/** The id of the event that is being handled: who brings a cause publishes what it owes. */
export type Handled = EventId;
