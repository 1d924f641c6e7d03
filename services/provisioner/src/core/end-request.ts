import type { EventId, RequestId } from "@sluice/events";
import { earlyEndKey, itemOf, placeOf, type RequestItem, untilCommitted, type Workspace } from "@sluice/jobs";
import { closeEnded, freedBy } from "./closing.ts";
import type { Ports, Wake } from "./ports.ts";

/** A request has ended: it can start nothing any more, and its workspace goes on to the next as soon as its last build is over. */
export async function endRequest(ports: Ports, request: RequestId, cause: EventId): Promise<void> {
  if (!(await placeOf(ports.store, request))) {
    await ports.store.commit([{ is: "beside", key: earlyEndKey(request), value: { cause } }]); // "lost": it was kept already.
    if (!(await placeOf(ports.store, request))) return; // Whoever handles the acceptance finds it.
  }
  await changeWithWorkspace(ports, request, (item) => closeEnded(item, cause, ports.now()));
}

/** Changes a request and, in the same transaction, what that means for its workspace. */
export async function changeWithWorkspace<R extends string = never>(
  ports: Ports,
  request: RequestId,
  transition: (item: RequestItem) => RequestItem | R,
): Promise<RequestItem | R> {
  const { store, now } = ports;
  const done = await untilCommitted(async () => {
    const before = await itemOf(store, request);
    if (!before) throw new Error(`Nothing is known of ${request}`);
    const after = transition(before);
    if (typeof after === "string") return { answer: after };

    const workspace = await store.workspace(before.environment, before.workspace);
    const freed = workspace && freedBy(after, workspace, now());
    if (after === before && freed === workspace) return { answer: after };
    const committed = await store.commit([
      { is: "request", before, after },
      ...(freed && freed !== workspace ? [{ is: "workspace", before: workspace, after: freed } as const] : []),
    ]);
    return committed === "lost" ? "lost" : { answer: after, wakes: wakesOf(workspace, freed) };
  });
  await ports.wake(done.wakes ?? []);
  return done.answer;
}

/** Whom to wake when a workspace went on to another request. */
export function wakesOf(before: Workspace | undefined, after: Workspace | undefined): readonly Wake[] {
  if (!after?.holder || after.holder.request === before?.holder?.request) return [];
  return [{ message: "workspace.due", environment: after.environment, workspace: after.name }];
}
