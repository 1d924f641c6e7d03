import { type Change, grantKey, type JobStore, requestKey, type TableKey, workspaceKey } from "../src/index.ts";

/** A store as `jobTable` is one, in memory: the same conditions, all or nothing. `items` is what lies in it. */
export function memoryJobTable(): JobStore & { items: Map<string, Readonly<Record<string, unknown>>> } {
  const items = new Map<string, Readonly<Record<string, unknown>>>();
  const nameOf = ({ pk, sk }: TableKey) => `${pk} ${sk}`;
  const read = async (key: TableKey) => items.get(nameOf(key)) as never;

  const keyOf = (change: Change): TableKey => {
    if (change.is === "request") return requestKey(change.after.environment, change.after.request);
    if (change.is === "workspace") return workspaceKey(change.after.environment, change.after.name);
    return change.is === "grant" ? grantKey(change.spent.environment, change.spent.jti) : change.key;
  };
  const isFree = (change: Change) => {
    const found = items.get(nameOf(keyOf(change)));
    const before = "before" in change ? change.before : undefined;
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
    workspace: (environment, name) => read(workspaceKey(environment, name)),
    spentGrant: (environment, jti) => read(grantKey(environment, jti)),
    beside: read,
    async commit(changes) {
      if (!changes.every(isFree)) return "lost";
      for (const change of changes) items.set(nameOf(keyOf(change)), contentOf(change));
      return "done";
    },
  };
}
