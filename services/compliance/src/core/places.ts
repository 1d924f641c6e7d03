import { EnvironmentName, EventId, type RequestId, WorkspaceName } from "@sluice/events";
import type { JobStore, RequestItem, TableKey } from "@sluice/jobs";
import { z } from "zod";

const Place = z.object({ environment: EnvironmentName, workspace: WorkspaceName });

/** Where a request lands. Ends and reports name only the request; this is how its item is found. */
export function placeKey(request: string): TableKey {
  return { pk: request, sk: "place" };
}

/** An end that came before anything else was known of the request. */
export function earlyEndKey(request: string): TableKey {
  return { pk: request, sk: "ended" };
}

export async function earlyEndOf(store: JobStore, request: RequestId): Promise<EventId | undefined> {
  const found = await store.beside(earlyEndKey(request));
  return found && EventId.parse(found.cause);
}

/** What the service knows of a request, or nothing before it was accepted. */
export async function itemOf(store: JobStore, request: RequestId): Promise<RequestItem | undefined> {
  const found = await store.beside(placeKey(request));
  return found && store.request(Place.parse(found).environment, request);
}
