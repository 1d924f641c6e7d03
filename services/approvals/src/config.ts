import * as z from "zod";

const Config = z.object({
  BUS_NAME: z.string().min(1),
  TABLE_NAME: z.string().min(1),
  QUEUE_URL: z.url(),
  DEAD_LETTER_QUEUE_URL: z.url(),
  DIRECTORY_BUCKET: z.string().min(1),
  GRANT_KEY_ARN: z.string().startsWith("arn:"),
});

export const config = Config.parse(process.env);
