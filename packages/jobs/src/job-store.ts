import type { JobItem, JobRef } from "./job-item.ts";
import type { TableKey } from "./keys.ts";
import type { RequestItem } from "./request-item.ts";
import type { SpentGrant, Workspace } from "./workspace.ts";

/** A change of what builds may change too. */
export type BuildChange =
  /** Without `before` it is put whatever lies there: a claim is decided by the request's item. */
  | Readonly<{ is: "job"; before?: JobItem | undefined; after: JobItem }>
  | Readonly<{ is: "workspace"; before?: Workspace | undefined; after: Workspace }>
  /** Put if absent, and never deleted. */
  | Readonly<{ is: "grant"; spent: SpentGrant }>;

/** One part of a change. All parts of a commit happen or none does. */
export type Change =
  | BuildChange
  | Readonly<{ is: "request"; before?: RequestItem | undefined; after: RequestItem }>
  /** Put if absent: something large, written once. */
  | Readonly<{ is: "beside"; key: TableKey; value: object }>;

/**
 * The table in which all lies that builds may write. Reads are strongly consistent. A commit replaces exactly the versions that were read, or says "lost": read
 * and judge again. When the answer of a commit is lost it throws, and the state says what became of it.
 */
export type BuildStore = Readonly<{
  /** A job's item, or nothing when what lies there is none: a build that lies may have written it. */
  job(ref: JobRef): Promise<JobItem | undefined>;
  workspace(environment: string, name: string): Promise<Workspace | undefined>;
  spentGrant(environment: string, jti: string): Promise<SpentGrant | undefined>;
  commit(changes: readonly BuildChange[]): Promise<"done" | "lost">;
}>;

/** Where an owner keeps its requests, and what their builds may write: two tables, changed in one transaction. */
export type JobStore = Omit<BuildStore, "commit"> &
  Readonly<{
    request(environment: string, request: string): Promise<RequestItem | undefined>;
    beside(key: TableKey): Promise<Readonly<Record<string, unknown>> | undefined>;
    commit(changes: readonly Change[]): Promise<"done" | "lost">;
  }>;

/** Each loss is another's progress; so many in a row are none. */
const MAX_LOSSES = 50;

/**
 * Tries a piece of work until its commit is not lost to somebody else's.
 *
 * @throws when it is lost again and again; the message is tried again later.
 */
export async function untilCommitted<T>(work: () => Promise<T | "lost">): Promise<T> {
  for (let losses = 0; losses < MAX_LOSSES; losses += 1) {
    const done = await work();
    if (done !== "lost") return done as T;
  }
  throw new Error(`A change was lost to others ${MAX_LOSSES} times in a row`);
}

/**
 * Changes one request by a pure transition, as one conditional write. The transition may say no, or hand back the same item when there is nothing to do.
 *
 * @throws when the request is unknown.
 */
export function changeRequest<R extends string = never>(
  store: JobStore,
  where: Readonly<{ environment: string; request: string }>,
  transition: (item: RequestItem) => RequestItem | R,
): Promise<RequestItem | R> {
  return untilCommitted(async () => {
    const before = await store.request(where.environment, where.request);
    if (!before) throw new Error(`Nothing is known of ${where.request} in ${where.environment}`);
    const after = transition(before);
    if (typeof after === "string" || after === before) return after;
    const done = (await store.commit([{ is: "request", before, after }])) === "done";
    return done ? { ...after, version: before.version + 1 } : "lost";
  });
}
