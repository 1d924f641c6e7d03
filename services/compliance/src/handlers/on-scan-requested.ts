import { on } from "@sluice/doors";
import { scan } from "@sluice/events";
import { scanStep } from "../core/scan-step.ts";
import { deps } from "../deps.ts";

export const onScanRequested = on(scan.requested, (event) => scanStep(deps, event));
