import { EnvironmentTable } from "@sluice/blueprints";
import * as z from "zod";

/** What the Slack door knows. The Slack secret's value is read when it is needed: an installation begins without it. */
const DoorConfig = z.object({
  BUS_NAME: z.string().min(1),
  TABLE_NAME: z.string().min(1),
  DIRECTORY_BUCKET: z.string().min(1),
  JOBS_BUCKET: z.string().min(1),
  SLACK_SECRET_ARN: z.string().min(1),
  SLACK_API_URL: z.url().default("https://slack.com/api/"),
  BUILD_PROJECTS_URL: z.url().describe("CodeBuild's page of all projects; that of a build lies below"),
  ENVIRONMENTS: z.string().transform((text) => EnvironmentTable.parse(JSON.parse(text))),
});

export const doorConfig = DoorConfig.parse(process.env);
