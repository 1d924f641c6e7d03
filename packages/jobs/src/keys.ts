import type { BuildId, JobId } from "@sluice/events";
import type { JobKind } from "./job-kind.ts";

/** A table's key. The environment comes first, so that a build's role can be held to its own (`dynamodb:LeadingKeys`). */
export type TableKey = Readonly<{ pk: string; sk: string }>;

export function requestKey(environment: string, request: string): TableKey {
  return { pk: `${environment}#${request}`, sk: "request" };
}

export function workspaceKey(environment: string, workspace: string): TableKey {
  return { pk: `${environment}#workspace#${workspace}`, sk: "workspace" };
}

/** Never deleted: while it is there, the grant is spent. No attempt is in it. */
export function grantKey(environment: string, jti: string): TableKey {
  return { pk: `${environment}#grant#${jti}`, sk: "grant" };
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
export function inputKey(environment: string, kind: JobKind, job: JobId): string {
  return `inputs/${environment}/${kind}/${job}.json`;
}

/** In the jobs bucket: the folder of one build's results, without a slash at its end. */
export function resultFolder(environment: string, kind: JobKind, job: JobId, build: BuildId): string {
  return `results/${environment}/${kind}/${job}/${uuidOf(build)}`;
}

/** In the jobs bucket: what the buildspec's own shell writes when a download or a checksum fails. */
export function refusedKey(environment: string, kind: JobKind, job: JobId): string {
  return `results/${environment}/${kind}/${job}/refused.json`;
}

/** In the jobs bucket, apart from what functions read: the key of a plan's change digest. Only builds that plan put there, and only those that apply read it. */
export function digestKeyKey(environment: string, job: JobId, build: BuildId): string {
  return `digest-keys/${environment}/${job}/${uuidOf(build)}.json`;
}

/** In the states bucket. */
export function stateKey(environment: string, workspace: string): string {
  return `${environment}/${workspace}`;
}

function uuidOf(build: BuildId): string {
  return build.slice(build.indexOf(":") + 1);
}
