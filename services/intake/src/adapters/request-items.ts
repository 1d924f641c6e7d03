import type { Fact } from "@sluice/words/facts";
import type { RequestRecord } from "../core/record.ts";

/** The sparse index of what is due; see packages/doors. Written here again so that the Slack door does not load what only queues need. */
const DUE_SHARD = "all";

export const recordKey = (request: string) => ({ pk: request, sk: "request" });
export const FACT_PREFIX = "fact#";
export const factKey = ({ request, key }: Pick<Fact, "request" | "key">) => ({
  pk: request,
  sk: `${FACT_PREFIX}${key}`,
});

/** What stands in an environment, one item a workspace. */
export const inventoryKey = (environment: string, workspace: string) => ({
  pk: inventoryPk(environment),
  sk: workspace,
});
export const inventoryPk = (environment: string) => `inventory#${environment}`;

/** A person's own requests, newest last. */
export const ownPk = (principal: string) => `by#${principal}`;

/** What a person or other system has used up, one item each. */
export const quotaKey = (principal: string) => ({ pk: `quota#${principal}`, sk: "quota" });

/** A record as an item. It is in the index of what is due only while it is open. */
export function toItem(record: RequestRecord): Record<string, unknown> {
  return {
    ...recordKey(record.request),
    record,
    version: record.version,
    ...(record.dueAt !== undefined && !record.end && { dueShard: DUE_SHARD, dueAt: record.dueAt }),
  };
}

export function toRecord(item: Record<string, unknown> | undefined): RequestRecord | undefined {
  return item?.record as RequestRecord | undefined;
}
