import { createHash } from "node:crypto";
import { type Itinerary, Sha256 } from "@sluice/events";
import canonicalize from "canonicalize";

/** SHA-256, in hex, of a value's RFC 8785 JSON. Equal values have equal digests, whatever the order of their keys. What it could not write down is refused by the doors (`flawOf`). */
export function digestOf(value: unknown): Sha256 {
  return sha256Of(canonicalize(value) ?? "null");
}

/** SHA-256 of bytes or UTF-8 text, in hex. */
export function sha256Of(bytes: string | Uint8Array): Sha256 {
  return Sha256.parse(createHash("sha256").update(bytes).digest("hex"));
}

/** What every owner keeps from `request.accepted` and compares each slip with (docs/design.md, rule 7). */
export function itineraryDigest(itinerary: Itinerary): Sha256 {
  return digestOf(itinerary);
}
