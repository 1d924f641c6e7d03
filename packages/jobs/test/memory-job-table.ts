import {
  type Change,
  grantKey,
  JobItem,
  type JobRef,
  type JobStore,
  jobItemKey,
  requestKey,
  type TableKey,
  workspaceKey,
} from "../src/index.ts";

/** A store as `jobTable` is one, in memory: the same conditions, all or nothing, and no number that DynamoDB does not take. `items` is what lies in both tables. */
export function memoryJobTable(): JobStore & { items: Map<string, Readonly<Record<string, unknown>>> } {
  const items = new Map<string, Readonly<Record<string, unknown>>>();
  const nameOf = ({ pk, sk }: TableKey) => `${pk} ${sk}`;
  const read = async (key: TableKey) => items.get(nameOf(key)) as never;

  const keyOf = (change: Change): TableKey => {
    switch (change.is) {
      case "request":
        return requestKey(change.after.environment, change.after.request);
      case "workspace":
        return workspaceKey(change.after.environment, change.after.name);
      case "job":
        return jobItemKey(change.after);
      case "grant":
        return grantKey(change.spent.environment, change.spent.jti);
      case "beside":
        return change.key;
    }
  };
  const isFree = (change: Change) => {
    const found = items.get(nameOf(keyOf(change)));
    const before = "before" in change ? change.before : undefined;
    if (change.is === "job" && !before) return true;
    return before ? found?.version === before.version : !found;
  };
  const contentOf = (change: Change): Record<string, unknown> => {
    if (change.is === "grant") return { ...change.spent };
    if (change.is === "beside") return { ...change.value };
    return { ...change.after, version: (change.before?.version ?? 0) + 1 };
  };

  return {
    items,
    request: (environment, request) => read(requestKey(environment, request)),
    job: async (ref: JobRef) =>
      JobItem.safeParse({ ...((await read(jobItemKey(ref))) as object | undefined), ...ref }).data,
    workspace: (environment, name) => read(workspaceKey(environment, name)),
    spentGrant: (environment, jti) => read(grantKey(environment, jti)),
    beside: read,
    async commit(changes) {
      if (!changes.every(isFree)) return "lost";
      for (const change of changes) {
        const content = contentOf(change);
        refuseUnwritable(content);
        items.set(nameOf(keyOf(change)), content);
      }
      return "done";
    },
  };
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html; the SDK refuses what is over its own bound before. */
function refuseUnwritable(value: unknown): void {
  if (typeof value === "object" && value !== null) for (const each of Object.values(value)) refuseUnwritable(each);
  if (typeof value !== "number" || value === 0) return;
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER || Math.abs(value) < 1e-130)
    throw new Error(`${value} cannot be written`);
}
