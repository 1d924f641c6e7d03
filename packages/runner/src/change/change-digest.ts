import { createHmac } from "node:crypto";
import type { Sha256 } from "@sluice/events";
import { digestOf } from "@sluice/steps";
import canonicalize from "canonicalize";
import { Decimal, type Exact } from "../json/exact-json.ts";
import type { ChangedLeaf, ChangeList, OutputEntry, ResourceEntry, Side } from "./change-list.ts";

/** Names an entry: a resource with the key of an earlier object that a replacement left behind, or an output. */
export type EntryName = Readonly<{ resource: string; deposed?: string } | { output: string }>;

/** Each entry with the HMAC-SHA-256 (base64url) of all that it says, hidden values too. */
export type EntryDigests = readonly Readonly<{ name: EntryName; hmac: string }>[];

/** What else decides what an apply would do: it stands in no plan. */
export type Basis = Readonly<{ code: Sha256; parameters: Sha256 }>;

export const KEY_BYTES = 32;

/**
 * Digests of every entry under a random key of the plan. A secret also stands in places that nobody marks, so a digest that travels must not be an oracle
 * for one that is short: without the key, which only builds of the environment read, nobody can try values.
 *
 * @param key of 32 bytes
 */
export function entryDigests({ resources, outputs }: ChangeList, key: Uint8Array): EntryDigests {
  const hmac = (entry: object) =>
    createHmac("sha256", key)
      .update(canonicalize(entry) ?? "")
      .digest("base64url");
  return [
    ...resources.map((entry) => ({ name: resourceName(entry), hmac: hmac(writtenResource(entry)) })),
    ...outputs.map((entry) => ({ name: { output: entry.output }, hmac: hmac(writtenOutput(entry)) })),
  ];
}

/** What is approved: the code, the parameters, and everything that changes, by name and HMAC. */
export function changeDigest(digests: EntryDigests, { code, parameters }: Basis): Sha256 {
  return digestOf({ version: 1, code, parameters, entries: digests });
}

export function resourceName({ resource: { address, deposed } }: Pick<ResourceEntry, "resource">): EntryName {
  return { resource: address, ...(deposed && { deposed }) };
}

function writtenResource({ resource, leaves, gone, ...entry }: ResourceEntry): object {
  const { index, ...head } = resource;
  return {
    ...entry,
    ...(gone && { gone: gone.map(writtenLeaf) }),
    resource: { ...head, ...(index !== undefined && { index: written(index) }) },
    leaves: leaves.map(writtenLeaf),
  };
}

function writtenOutput({ leaves, ...entry }: OutputEntry): object {
  return { ...entry, leaves: leaves.map(writtenLeaf) };
}

function writtenLeaf({ before, after, ...leaf }: ChangedLeaf): object {
  return { ...leaf, ...(before && { before: writtenSide(before) }), ...(after && { after: writtenSide(after) }) };
}

function writtenSide({ value, ...side }: Side): object {
  return { ...side, value: written(value) };
}

/** Only leaves are written, so a number can be a map with one name: no map of a plan that holds something is ever written whole. */
function written(value: Exact): unknown {
  return value instanceof Decimal ? { number: value.text } : value;
}
