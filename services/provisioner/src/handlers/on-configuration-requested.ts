import { on } from "@sluice/doors";
import { configuration } from "@sluice/events";
import { configurationStep } from "../core/configuration-step.ts";
import { deps } from "../deps.ts";

export const onConfigurationRequested = on(configuration.requested, (event) => configurationStep(deps, event));
