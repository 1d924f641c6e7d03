import * as z from "zod";

/** What health asks about. It has the names of Slack's secrets and no right to their values. */
const HealthConfig = z.object({
  TABLE_NAME: z.string().min(1),
  DIRECTORY_BUCKET: z.string().min(1),
  SLACK_SIGNING_SECRET_ARN: z.string().min(1),
  SLACK_BOT_SECRET_ARN: z.string().min(1),
});

export const healthConfig = HealthConfig.parse(process.env);
