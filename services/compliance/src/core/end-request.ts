import type { EventId, RequestId } from "@sluice/events";
import { changeRequest, earlyEndKey, itemOf } from "@sluice/jobs";
import type { Ports } from "./ports.ts";
import { settleRequest } from "./settle-scan.ts";

/** A request has ended: no scan of it is taken up or told any more, and none that has not begun begins. An end that comes first waits for the acceptance. */
export async function endRequest(ports: Ports, request: RequestId, cause: EventId): Promise<void> {
  const { store, now } = ports;
  if (!(await itemOf(store, request)))
    await store.commit([{ is: "beside", key: earlyEndKey(request), value: { cause } }]); // "lost": it was kept already.
  const item = await itemOf(store, request);
  if (!item) return; // Whoever handles the acceptance finds it.
  await changeRequest<never>(store, item, (before) =>
    before.closed ? before : { ...before, closed: { why: "ended", cause, at: now() } },
  );
  await settleRequest(ports, item.environment, request);
}
