import { EnvironmentTable } from "@sluice/blueprints";
import { Hosts } from "@sluice/jobs";
import * as z from "zod";

const JsonOf = <S extends z.ZodType>(schema: S) =>
  z
    .string()
    .transform((text) => JSON.parse(text) as unknown)
    .pipe(schema);

/** What the stack tells this service, parsed once. */
export const config = z
  .object({
    STAGE: z.string().min(1),
    BUS_NAME: z.string().min(1),
    QUEUE_URL: z.url(),
    DEAD_LETTER_QUEUE_URL: z.url(),
    TABLE_NAME: z.string().min(1),
    BUILDS_TABLE_NAME: z.string().min(1),
    DIRECTORY_BUCKET: z.string().min(1),
    JOBS_BUCKET: z.string().min(1),
    GRANT_KEY_ARN: z.string().min(1),
    ENVIRONMENTS: JsonOf(EnvironmentTable),
    HOSTS: Hosts.default("ssh"),
  })
  .parse(process.env);
