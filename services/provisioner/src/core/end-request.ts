import type { EventId, RequestId } from "@sluice/events";
import { earlyEndKey, itemOf, placeOf, type RequestItem, refusedMessageKey, untilCommitted } from "@sluice/jobs";
import * as z from "zod";
import { ClosingRefusal, closeEnded } from "./closing.ts";
import { handOver } from "./hand-over.ts";
import { type OpenApplies, openAppliesOf } from "./open-applies.ts";
import type { Ports } from "./ports.ts";
import { settleOpen } from "./settle.ts";
import { closed, refused, workspaceOfClosed } from "./transactions.ts";

/** A request has ended: it can start nothing any more, and its workspace goes on to the next as soon as its last build is over. */
export async function endRequest(ports: Ports, request: RequestId, cause: EventId): Promise<void> {
  if (!(await placeOf(ports.store, request))) {
    await ports.store.commit([{ is: "beside", key: earlyEndKey(request), value: { cause } }]); // "lost": it was kept already.
    if (!(await placeOf(ports.store, request))) return; // Whoever handles the acceptance finds it.
  }
  const ended = await changeClosed(ports, request, cause, (item) => closeEnded(item, cause, ports.now()));
  if (typeof ended !== "string") await settleOpen(ports, ended);
}

const Kept = z.object({ code: ClosingRefusal });

/**
 * Closes a request, its open applies and its workspace in one transaction, so that an apply's start that comes in between wins or loses there. What is refused is
 * kept for good, also by the request's version: the same message that comes again must not do what people were told was not done.
 */
export async function changeClosed(
  ports: Ports,
  request: RequestId,
  cause: EventId,
  transition: (item: RequestItem, applies: OpenApplies) => RequestItem | ClosingRefusal,
): Promise<RequestItem | ClosingRefusal> {
  const { store, now } = ports;
  const done = await untilCommitted(async () => {
    const before = await itemOf(store, request);
    if (!before) throw new Error(`Nothing is known of ${request}`);
    const keptAt = refusedMessageKey(before.environment, request, cause);
    const kept = await store.beside(keptAt);
    if (kept) return { answer: Kept.parse(kept).code };

    const applies = await openAppliesOf(store, before);
    const after = transition(before, applies);
    if (typeof after === "string")
      return (await store.commit(refused(before, keptAt, after))) === "done" ? { answer: after } : "lost";

    const workspace = await store.workspace(before.environment, before.workspace);
    const { changes: handed, wakes } = await handOver(store, workspaceOfClosed(after, workspace), now());
    const changes = closed(before, after, applies, handed);
    if (changes.length === 0) return { answer: after };
    if ((await store.commit(changes)) === "lost") return "lost";
    return { answer: { ...after, version: before.version + 1 }, wakes };
  });
  await ports.wake(done.wakes ?? []);
  return done.answer;
}
