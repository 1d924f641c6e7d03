import type { EventId, RequestId } from "@sluice/events";
import { changeRequest, earlyEndKey, itemOf } from "@sluice/jobs";
import type { Ports } from "./ports.ts";

/** A request has ended: no scan of it is taken up, leased or told any more. An end that comes first waits for the acceptance. */
export async function endRequest(
  { store, now }: Pick<Ports, "store" | "now">,
  request: RequestId,
  cause: EventId,
): Promise<void> {
  if (!(await itemOf(store, request)))
    await store.commit([{ is: "beside", key: earlyEndKey(request), value: { cause } }]); // "lost": it was kept already.
  const item = await itemOf(store, request);
  if (!item) return; // Whoever handles the acceptance finds it.
  await changeRequest<never>(store, item, (before) =>
    before.closed ? before : { ...before, closed: { why: "ended", cause, at: now() } },
  );
}
