import { Sha256 } from "@sluice/events";
import { sha256Of } from "@sluice/steps";
import canonicalize from "canonicalize";
import type { ChangeList } from "../change/change-list.ts";
import { shownAttributes } from "./attributes.ts";
import type { PlanPage, Seen, ShownOutput } from "./page.ts";
import { shownResources } from "./resources.ts";

/** The page of a change list: pure, so that plan and apply make the same of the same list. Nothing that changes is left out, nothing sensitive is in it. */
export function planPage({ resources, outputs }: ChangeList, seen: Seen): PlanPage {
  return {
    version: 1,
    change: {
      resources: shownResources(resources),
      outputs: outputs.map(({ output, action, leaves }) => ({
        name: output,
        action: action as ShownOutput["action"], // The list holds no other of an output.
        attributes: shownAttributes(leaves),
      })),
    },
    seen,
  };
}

/** The page's bytes (RFC 8785) and their hash. */
export function pageBytes(page: PlanPage): { bytes: string; sha256: Sha256 } {
  const bytes = canonicalize(page) ?? "";
  return { bytes, sha256: Sha256.parse(sha256Of(bytes)) };
}
