import type { BuildId, EventId } from "@sluice/events";
import type { JobRef } from "./job-item.ts";

/** A key of one of an owner's two tables. The environment comes first, so that a build's role can be held to its own (`dynamodb:LeadingKeys`). */
export type TableKey = Readonly<{ pk: string; sk: string }>;

/** In the owner's own table, where no build has any right. */
export function requestKey(environment: string, request: string): TableKey {
  return { pk: `${environment}#${request}`, sk: "request" };
}

/** In the builds' table. A project is one kind in one environment, so its role can be held to this kind's jobs in this environment. */
export function jobItemKey({ environment, kind, job }: JobRef): TableKey {
  return { pk: `${environment}#job#${kind}#${job}`, sk: "job" };
}

/** In the builds' table: an apply's start moves its epoch. */
export function workspaceKey(environment: string, workspace: string): TableKey {
  return { pk: `${environment}#workspace#${workspace}`, sk: "workspace" };
}

/** In the builds' table. Never deleted: while it is there, the grant is spent. No attempt is in it. */
export function grantKey(environment: string, jti: string): TableKey {
  return { pk: `${environment}#grant#${jti}`, sk: "grant" };
}

/** Beside the request's item: the message with this cause was refused, and is refused for ever. */
export function refusedMessageKey(environment: string, request: string, cause: EventId): TableKey {
  return { pk: `${environment}#${request}`, sk: `refused#${cause}` };
}

/** Beside the request's item: the slip as it came with an attempt, written once. */
export function slipKey(environment: string, request: string, job: string): TableKey {
  return { pk: `${environment}#${request}`, sk: `slip#${job}` };
}

/** Beside the request's item: how an attempt ended, written once, in the transaction that ended it. */
export function outcomeKey(environment: string, request: string, job: string): TableKey {
  return { pk: `${environment}#${request}`, sk: `outcome#${job}` };
}

/** In the jobs bucket; only functions put there. */
export function inputKey({ environment, kind, job }: JobRef): string {
  return `inputs/${environment}/${kind}/${job}.json`;
}

/** Files of a build's results. */
export type ResultFile = "result.json" | "page.json" | "outputs.json" | "evidence.json";

/** In the jobs bucket: a file in the folder of one build's results. */
export function resultKey({ environment, kind, job }: JobRef, build: BuildId, file: ResultFile): string {
  return `results/${environment}/${kind}/${job}/${uuidOf(build)}/${file}`;
}

/** In the jobs bucket: what the buildspec's own shell writes when a download or a checksum fails. */
export function refusedKey({ environment, kind, job }: JobRef): string {
  return `results/${environment}/${kind}/${job}/refused.json`;
}

/** In the jobs bucket, apart from what functions read: the key of a plan's change digest. Only builds that plan put there, and only those that apply read it. */
export function digestKeyKey({ environment, job }: Pick<JobRef, "environment" | "job">, build: BuildId): string {
  return `digest-keys/${environment}/${job}/${uuidOf(build)}.json`;
}

/** In the states bucket. */
export function stateKey(environment: string, workspace: string): string {
  return `${environment}/${workspace}`;
}

function uuidOf(build: BuildId): string {
  return build.slice(build.indexOf(":") + 1);
}
