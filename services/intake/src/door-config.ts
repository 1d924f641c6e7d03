import { EnvironmentTable } from "@sluice/blueprints";
import * as z from "zod";
import { Quotas } from "./core/quotas.ts";

/** What the Slack door knows. Values of secrets are read when they are needed: an installation begins without them. */
const DoorConfig = z.object({
  BUS_NAME: z.string().min(1),
  TABLE_NAME: z.string().min(1),
  DIRECTORY_BUCKET: z.string().min(1),
  JOBS_BUCKET: z.string().min(1),
  SLACK_SIGNING_SECRET_ARN: z.string().min(1),
  SLACK_BOT_SECRET_ARN: z.string().min(1),
  SLACK_API_URL: z.url().default("https://slack.com/api/"),
  SLACK_HOOKS_URL: z.url().default("https://hooks.slack.com/"),
  BUILD_PROJECTS_URL: z.url().describe("CodeBuild's page of all projects; that of a build lies below"),
  QUOTAS: z.string().transform((text) => Quotas.parse(JSON.parse(text))),
  ENVIRONMENTS: z.string().transform((text) => EnvironmentTable.parse(JSON.parse(text))),
});

export const doorConfig = DoorConfig.parse(process.env);
