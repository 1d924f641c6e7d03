import * as z from "zod";

const Config = z.object({
  TABLE_NAME: z.string().min(1),
  QUEUE_URL: z.url(),
  DEAD_LETTER_QUEUE_URL: z.url(),
  DIRECTORY_BUCKET: z.string().min(1),
  SLACK_BOT_SECRET_ARN: z.string().min(1),
  SLACK_API_URL: z.url(),
  CHANNELS: z.string().transform((text) => z.record(z.string(), z.string().min(1)).parse(JSON.parse(text))),
});

export const config = Config.parse(process.env);
