import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Arrived } from "./call.ts";

/** Where the owner of a target account keeps the state of its environment root, in Sluice's account. */
export interface OwnersState {
  readonly bucket: string;
  /** Keys must begin with it; Terraform's lock lies beside the state. */
  readonly prefix: string;
}

/** Whether a call reads or writes that state, or lists what Terraform lists to find it. */
export function isOwnersState({ service, action, path, query }: Arrived, { bucket, prefix }: OwnersState): boolean {
  if (service !== "s3") return false;
  const key = decodeURIComponent(path).slice(1);
  if (/^(Get|Head|Put|Delete)Object$/.test(action)) return key.startsWith(`${bucket}/${prefix}`);
  const listed = query.get("prefix") ?? "";
  const mayList = listed === "env:/" || listed.startsWith(prefix); // `env:/` is where workspaces would be.
  return action === "ListObjects" && key.replace(/\/$/, "") === bucket && mayList;
}

/**
 * The same request in the root's name: MiniStack takes the root's calls with any signature, so only the key changes.
 * An owner's key is none of MiniStack's.
 */
export function asRoot({ headers }: IncomingMessage, account: string): IncomingHttpHeaders {
  const authorization = (headers.authorization ?? "").replace(/Credential=[^/]+/, `Credential=${account}`);
  return { authorization };
}
