import "@sluice/http-without-websockets";
import { sweepOwnTable } from "@sluice/doors/sweep-own-table";
import { dueRequest } from "../adapters/due-request.ts";

/** Requests whose messages are behind what is known of them. */
export const handler = sweepOwnTable(dueRequest);
