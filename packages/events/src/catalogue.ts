import type { EventDefinition } from "./define-event.ts";
import * as definitions from "./definitions/index.ts";
import { apply } from "./steps/apply.ts";
import { ApprovalDenied, ApprovalGranted, ApprovalOpened, approval } from "./steps/approval.ts";
import { configuration } from "./steps/configuration.ts";
import { plan } from "./steps/plan.ts";
import { scan } from "./steps/scan.ts";

/** Every step kind that Sluice itself owns. Adding one is a file in `steps/` and a name here. */
export const stepKinds = { plan, approval, apply, configuration, scan } as const;
export type OwnStepKind = keyof typeof stepKinds;

/** Everything that can happen, by detail-type. */
export const catalogue: ReadonlyMap<string, EventDefinition> = new Map(
  [
    ...Object.values(definitions),
    ApprovalOpened,
    ApprovalGranted,
    ApprovalDenied,
    ...Object.values(stepKinds).flatMap(({ requested, completed, failed }) => [requested, completed, failed]),
  ].map((definition) => [definition.type, definition as unknown as EventDefinition]),
);
