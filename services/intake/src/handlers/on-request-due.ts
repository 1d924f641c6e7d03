import { onMessage } from "@sluice/doors";
import { RequestId } from "@sluice/events";
import * as z from "zod";
import { lookAgain } from "../core/look-again.ts";
import { deps } from "../deps.ts";

export const onRequestDue = onMessage("request.due", z.strictObject({ request: RequestId }), ({ request }) =>
  lookAgain(deps, request),
);
