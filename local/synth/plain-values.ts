import { relative } from "node:path";

/** Pulumi's marks on values that travel to the engine (`runtime/rpc.ts`). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** A resource's inputs without Pulumi's wrapping, and what the wrapping said. */
export interface PlainInputs {
  inputs: Record<string, unknown>;
  /** Paths of secret values, such as `environment.variables`. */
  secrets: string[];
}

/**
 * Unwraps secrets, turns files into `{ $asset: path relative to root }` or `{ $text }`, and resources into `{ $ref }`.
 * Absent values are dropped.
 */
export async function plainInputs(inputs: Record<string, unknown>, root: string): Promise<PlainInputs> {
  const secrets: string[] = [];
  const plain: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(inputs))
    if (value !== undefined && value !== null) plain[key] = await unwrap(value, key, { root, secrets });
  return { inputs: plain, secrets };
}

async function unwrap(value: unknown, path: string, into: { root: string; secrets: string[] }): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((item, index) => unwrap(item, `${path}[${index}]`, into)));
  if (!isObject(value)) return value;
  if (value[SIGNATURE] === SECRET) {
    into.secrets.push(path);
    return unwrap(value.value, path, into);
  }
  if (value.__pulumiAsset || value.__pulumiArchive) return fileReference(value, into.root);
  if (value.__pulumiType || value.urn) return { $ref: String(value.__name ?? value.urn) };

  const plain: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value))
    if (item !== undefined && item !== null) plain[key] = await unwrap(item, `${path}.${key}`, into);
  return plain;
}

async function fileReference(asset: Record<string, unknown>, root: string): Promise<Record<string, string>> {
  if (asset.text !== undefined) return { $text: String(await asset.text) };
  const path = await asset.path;
  if (typeof path !== "string") throw new Error("Only files and texts can be assets");
  return { $asset: relative(root, path) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
