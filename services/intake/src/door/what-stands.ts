import { blueprintOf } from "@sluice/blueprints";
import type { Directory, Principal } from "@sluice/directory";
import type { Entry } from "../core/inventory.ts";
import { isAccepted } from "../core/record.ts";
import { maySeeRequest } from "./people.ts";
import type { DoorPorts } from "./ports.ts";
import type { Prefill } from "./prefill.ts";

/**
 * Who names something that stands changes it: the form begins with what is, and what was typed goes before. Nothing is taken from a request that the person
 * may not see.
 */
export async function withWhatStands(
  ports: DoorPorts,
  { directory, person }: Readonly<{ directory: Directory; person: Principal }>,
  prefill: Prefill,
): Promise<Prefill> {
  const entry = await entryNamed(ports, prefill);
  const record = entry && (await ports.requests.request(entry.request));
  if (!entry || !record || !isAccepted(record) || !maySeeRequest(directory, person, record)) return prefill;
  return { ...prefill, parameters: { ...record.itinerary.parameters, ...prefill.parameters }, stands: entry };
}

async function entryNamed({ requests, environments }: DoorPorts, prefill: Prefill): Promise<Entry | undefined> {
  const blueprint = blueprintOf(prefill.blueprint ?? "");
  const { environment = "", parameters = {} } = prefill;
  if (!blueprint || !Object.hasOwn(environments, environment) || Object.keys(parameters).length === 0) return undefined;
  const workspace = blueprint.workspace(parameters); // As typed: what is no name is the name of nothing.
  const standing = await requests.inventory(environment);
  return standing.find((entry) => entry.blueprint === blueprint.id && entry.workspace === workspace);
}
