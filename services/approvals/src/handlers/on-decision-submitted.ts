import { on } from "@sluice/doors";
import { DecisionSubmitted } from "@sluice/events";
import { recordDecision } from "../core/record-decision.ts";
import { deps } from "../deps.ts";

export const onDecisionSubmitted = on(DecisionSubmitted, ({ data, metadata }) => {
  const { gate, who, verdict, reason } = data;
  return recordDecision(deps, gate, { who, verdict, reason, signedAt: Date.parse(data.signedAt), cause: metadata.id });
});
