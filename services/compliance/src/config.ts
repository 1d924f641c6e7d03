import { Hosts } from "@sluice/jobs";
import * as z from "zod";

const Config = z.object({
  STAGE: z.string().min(1),
  BUS_NAME: z.string().min(1),
  TABLE_NAME: z.string().min(1),
  BUILDS_TABLE_NAME: z.string().min(1),
  QUEUE_URL: z.url(),
  DEAD_LETTER_QUEUE_URL: z.url(),
  JOBS_BUCKET: z.string().min(1),
  HOSTS: Hosts.default("ssh"),
});

export const config = Config.parse(process.env);
