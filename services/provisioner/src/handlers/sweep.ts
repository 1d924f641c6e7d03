import "@sluice/http-without-websockets";
import { sweepOwnTable } from "@sluice/doors/sweep-own-table";
import { dueRequest } from "../adapters/due-request.ts";

/** Jobs that nobody has heard of for a while, and requests that were handed their workspace and have not begun. */
export const handler = sweepOwnTable(dueRequest);
