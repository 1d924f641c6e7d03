import { ClosingCompleted, ClosingRefused, type ClosingRequested, type EventOf } from "@sluice/events";
import { newRequestItem, placeKey, placeOf, type RequestItem } from "@sluice/jobs";
import { type Cause, causedBy, type Owed, owe } from "@sluice/steps";
import { type ClosingRefusal, close, isQuiet } from "./closing.ts";
import { changeWithWorkspace } from "./end-request.ts";
import type { Ports } from "./ports.ts";

/** Closes a request, also one that nothing is known of yet. The answer comes now, or when its last build is over (design §3, rule 8). */
export async function closeRequest(ports: Ports, { data, metadata }: EventOf<typeof ClosingRequested>): Promise<void> {
  const { request, environment, workspace } = data;
  if (!(await placeOf(ports.store, request)))
    await ports.store.commit([
      { is: "request", after: newRequestItem({ request, environment, workspace }) },
      { is: "beside", key: placeKey(request), value: { environment, workspace } },
    ]); // "lost": the acceptance came in between.

  const cause = causedBy(metadata, "provisioner");
  const closed = await changeWithWorkspace<ClosingRefusal>(ports, request, (item) =>
    close(item, metadata.id, ports.now()),
  );
  if (typeof closed === "string")
    return ports.publish([owe(ClosingRefused, request, { request, code: closed }, cause)]);
  await ports.publish(owedAfterClosing(closed, cause));
}

/** What a closed request owes once none of its builds is alive. */
export function owedAfterClosing(item: RequestItem, cause?: Cause): readonly Owed[] {
  const { request, closed } = item;
  if (closed?.why !== "closing" || !isQuiet(item)) return [];
  const asked = { cause: closed.cause, causationId: closed.cause, actor: "service:provisioner" };
  return [owe(ClosingCompleted, request, { request }, cause ?? asked)];
}
