import { EnvironmentName, EventId, type RequestId, WorkspaceName } from "@sluice/events";
import * as z from "zod";
import type { JobStore } from "./job-store.ts";
import type { TableKey } from "./keys.ts";
import type { RequestItem } from "./request-item.ts";

/** Where a request lands. Ends and reports name only the request; this is how its item is found. */
export const Place = z.object({ environment: EnvironmentName, workspace: WorkspaceName });
export type Place = z.infer<typeof Place>;

export function placeKey(request: string): TableKey {
  return { pk: request, sk: "place" };
}

/** An end that came before anything else was known of the request. */
export function earlyEndKey(request: string): TableKey {
  return { pk: request, sk: "ended" };
}

export async function placeOf(store: JobStore, request: RequestId): Promise<Place | undefined> {
  const found = await store.beside(placeKey(request));
  return found && Place.parse(found);
}

export async function earlyEndOf(store: JobStore, request: RequestId): Promise<EventId | undefined> {
  const found = await store.beside(earlyEndKey(request));
  return found && EventId.parse(found.cause);
}

/** What an owner of jobs knows of a request, or nothing before it was accepted or closed. */
export async function itemOf(store: JobStore, request: RequestId): Promise<RequestItem | undefined> {
  const place = await placeOf(store, request);
  return place && store.request(place.environment, request);
}
