import { ClosingRefused, type ClosingRequested, type EventOf } from "@sluice/events";
import { isQuiet, newRequestItem, placeKey, placeOf } from "@sluice/jobs";
import { causedBy, owe } from "@sluice/steps";
import { close } from "./closing.ts";
import { changeClosed } from "./end-request.ts";
import { owedAfterClosing } from "./owed-after-job.ts";
import type { Ports } from "./ports.ts";
import { settleOpen } from "./settle.ts";

/** Closes a request, also one that nothing is known of yet. The answer comes now, or when its last build is over (design, rule 8). */
export async function closeRequest(ports: Ports, { data, metadata }: EventOf<typeof ClosingRequested>): Promise<void> {
  const { request, environment, workspace } = data;
  if (!(await placeOf(ports.store, request)))
    await ports.store.commit([
      { is: "request", after: newRequestItem({ request, environment, workspace }) },
      { is: "beside", key: placeKey(request), value: { environment, workspace } },
    ]); // "lost": the acceptance came in between.

  const cause = causedBy(metadata, "provisioner");
  const closed = await changeClosed(ports, request, metadata.id, (item, applies) =>
    close(item, metadata.id, applies, ports.now()),
  );
  if (typeof closed === "string")
    return ports.publish([owe(ClosingRefused, request, { request, code: closed }, cause)]);
  // What is settled tells what is owed, the closing's answer too.
  if (isQuiet(closed)) await ports.publish(owedAfterClosing(closed, cause));
  else await settleOpen(ports, closed);
}
