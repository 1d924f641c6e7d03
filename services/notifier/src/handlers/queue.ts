import "@sluice/http-without-websockets";
import { consume, onEach, onMessage } from "@sluice/doors";
import * as events from "@sluice/events";
import * as z from "zod";
import { catchUp, hear } from "../core/hear.ts";
import { deps, park } from "../deps.ts";

/** Everything that people see is heard alike: it is a fact of the picture, a private answer, or both. */
const heard = [
  events.RequestAccepted,
  events.ProposalRefused,
  ...Object.values(events.stepKinds).flatMap(({ completed, failed }) => [completed, failed]),
  events.ApprovalOpened,
  events.DecisionRecorded,
  events.DecisionRefused,
  events.StepSuspended,
  events.JobProgressed,
  events.WorkspaceTaken,
  events.WorkspaceRefused,
  events.WorkspaceBlocked,
  events.WorkspaceUnlocked,
  events.UnlockRefused,
  events.RepetitionRefused,
  events.WithdrawalRefused,
  events.RequestPaused,
  events.RequestStalled,
  ...events.requestEnds,
] as const;

export const handler = consume(
  [
    ...onEach(heard, (event) => hear(deps, event)),
    onMessage("picture.behind", z.strictObject({ request: events.RequestId }), ({ request }) => catchUp(deps, request)),
  ],
  park,
);
