import type { PlanOutput } from "@sluice/events";
import * as z from "zod";
import type { ObjectStore } from "../aws/object-store.ts";
import { type EntryDigests, KEY_BYTES } from "../change/change-digest.ts";
import { PlanPage } from "../plan-page/page.ts";
import { refusal } from "./refusals.ts";

/** What the approval was about, as far as an apply needs it. */
export type ApprovedPlan = Readonly<{ page: PlanPage; key: Uint8Array; entries: EntryDigests }>;

const EntryName = z.union([
  z.strictObject({ resource: z.string(), deposed: z.string().optional() }),
  z.strictObject({ output: z.string() }),
]);
const DigestKey = z.strictObject({
  key: z.base64().refine((text) => Buffer.from(text, "base64").length === KEY_BYTES, `a key of ${KEY_BYTES} bytes`),
  entries: z.array(z.strictObject({ name: EntryName, hmac: z.string() })),
});

/** What lies beside a page: the key of the change digest and each entry's HMAC under it. */
export function digestKeyText({ key, entries }: Readonly<{ key: Uint8Array; entries: EntryDigests }>): string {
  return JSON.stringify({ key: Buffer.from(key).toString("base64"), entries });
}

/**
 * The page that was shown and the key of its digest. They are only read here: that the page is the one that was signed, and says what is so, is proven by the
 * apply's own plan.
 *
 * @throws JobFailure `page_changed` or `digest_key_changed` when one of them is not what it was
 */
export async function approvedPlan(
  jobs: ObjectStore,
  { page, digestKey }: Pick<PlanOutput, "page" | "digestKey">,
): Promise<ApprovedPlan> {
  const [shown, kept] = await Promise.all([jobs.get(page), jobs.get(digestKey)]);
  if (shown === "changed") throw refusal("page_changed");
  const read = PlanPage.safeParse(jsonOf(shown));
  if (!read.success) throw refusal("page_changed");
  const found = kept === "changed" ? undefined : DigestKey.safeParse(jsonOf(kept)).data;
  if (!found) throw refusal("digest_key_changed");
  return { page: read.data, key: Buffer.from(found.key, "base64"), entries: found.entries as EntryDigests };
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}
