import { on } from "@sluice/doors";
import { ClosingCompleted, ClosingRefused, WithdrawalSubmitted } from "@sluice/events";
import { finishClosing, refuseClosing, withdraw } from "../core/close.ts";
import { deps } from "../deps.ts";

/** Taking a request back, from the click to the answer. */
export const onClosing = [
  on(WithdrawalSubmitted, (event) => withdraw(deps, event)),
  on(ClosingCompleted, (event) => finishClosing(deps, event)),
  on(ClosingRefused, (event) => refuseClosing(deps, event)),
];
