import type { EventDefinition } from "./define-event.ts";
import * as definitions from "./definitions/index.ts";
import { stepKinds } from "./step-kinds.ts";
import { ApprovalOpened } from "./steps/approval.ts";

/** Everything that can happen, by detail-type. */
export const catalogue: ReadonlyMap<string, EventDefinition> = new Map(
  [
    ...Object.values(definitions),
    ApprovalOpened,
    ...Object.values(stepKinds).flatMap(({ requested, completed, failed }) => [requested, completed, failed]),
  ].map((definition) => [definition.type, definition as unknown as EventDefinition]),
);
