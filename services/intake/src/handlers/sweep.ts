import "@sluice/http-without-websockets";
import { sweepOwnTable } from "@sluice/doors/sweep-own-table";
import { dueRequest } from "../adapters/due-request.ts";

/** Requests that are to be looked at: an owner may be silent, or nobody went on in time. */
export const handler = sweepOwnTable(dueRequest);
