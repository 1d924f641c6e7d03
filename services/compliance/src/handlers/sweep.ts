import "@sluice/http-without-websockets";
import { sweepOwnTable } from "@sluice/doors/sweep-own-table";
import { dueRequest } from "../adapters/due-request.ts";

/** Requests whose scan has been silent for a while. */
export const handler = sweepOwnTable(dueRequest);
