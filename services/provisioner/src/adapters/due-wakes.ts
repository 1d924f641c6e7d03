import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { dueItems } from "@sluice/doors";
import { EnvironmentName, RequestId, WorkspaceName } from "@sluice/events";
import * as z from "zod";
import type { Wake } from "../core/ports.ts";

const DueRequest = z.object({ sk: z.literal("request"), environment: EnvironmentName, request: RequestId });
const DueWorkspace = z.object({ sk: z.literal("workspace"), environment: EnvironmentName, name: WorkspaceName });
const Due = z.discriminatedUnion("sk", [DueRequest, DueWorkspace]);

/** Whom to wake: requests with a job that has no end yet, and workspaces whose holder has not begun. */
export function dueWakes(client: DynamoDBDocumentClient, table: string) {
  return async (now: number): Promise<readonly Wake[]> => {
    const items = await dueItems(client, table, now);
    return items.map((item): Wake => {
      const due = Due.parse(item);
      const { environment } = due;
      return due.sk === "request"
        ? { message: "request.due", environment, request: due.request }
        : { message: "workspace.due", environment, workspace: due.name };
    });
  };
}
