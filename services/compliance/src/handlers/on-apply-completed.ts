import { on } from "@sluice/doors";
import { apply } from "@sluice/events";
import { keepApplied } from "../core/applied.ts";
import { deps } from "../deps.ts";

export const onApplyCompleted = on(apply.completed, ({ data }) => keepApplied(deps, data));
