import "@sluice/http-without-websockets";
import { sweepOwnTable } from "@sluice/doors/sweep-own-table";
import { dueGate } from "../adapters/due-gate.ts";

/** Gates whose time is over. */
export const handler = sweepOwnTable(dueGate);
