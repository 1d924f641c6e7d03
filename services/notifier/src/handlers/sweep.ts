import "@sluice/http-without-websockets";
import { sweepOwnTable } from "@sluice/doors/sweep-own-table";
import { dueRequest } from "../adapters/due-request.ts";

/** Requests whose messages are behind what is known of them, or whose approvers are to be called again. */
export const handler = sweepOwnTable(dueRequest);
