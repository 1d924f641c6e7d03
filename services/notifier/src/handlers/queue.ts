import { consume, on, onMessage } from "@sluice/doors";
import * as events from "@sluice/events";
import * as z from "zod";
import type { AnyEvent } from "../core/facts.ts";
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
  events.RequestCompleted,
  events.RequestRefused,
  events.RequestRejected,
  events.RequestExpired,
  events.RequestWithdrawn,
  events.RequestFailed,
] as const;

export const handler = consume(
  [
    ...heard.map((definition) => on(definition, (event) => hear(deps, event as AnyEvent))),
    onMessage("picture.behind", z.strictObject({ request: events.RequestId }), ({ request }) => catchUp(deps, request)),
  ],
  park,
);
