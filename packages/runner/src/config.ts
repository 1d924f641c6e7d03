import { BuildId, EnvironmentName, JobId } from "@sluice/events";
import * as z from "zod";

/** What the project's buildspec exports as literals and what CodeBuild adds. A job's own facts are in its input, which only functions write. */
const Config = z.object({
  STAGE: z.string().min(1),
  KIND: z.enum(["plan", "apply", "configuration", "scan"]),
  ENVIRONMENT: EnvironmentName,
  JOBS_BUCKET: z.string().min(1),
  STATES_BUCKET: z.string().min(1),
  BUILDS_TABLE_NAME: z.string().min(1),
  REPORTS_QUEUE_URL: z.url(),
  GRANT_KEY_ARN: z.string().startsWith("arn:"),
  TARGET_ROLE_ARN: z.string().startsWith("arn:"),
  TARGET_EXTERNAL_ID: z.string().min(1),
  TARGET_REGION: z.string().min(1),
  AWS_REGION: z.string().min(1),
  JOB_ID: JobId,
  CODEBUILD_BUILD_ID: BuildId,
  /** The project's time-out; CodeBuild tells it to nobody. */
  TIMEOUT_MINUTES: z.coerce.number().min(5).max(2_160).default(60),
});
export type Config = z.infer<typeof Config>;

/** @throws ZodError naming what is missing: the project was not deployed as it should be. */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  return Config.parse(env);
}

/** When the runner interrupts its tool, in milliseconds after its own start: five minutes before the time-out, or a fifth of a short one. */
export function interruptAfter({ TIMEOUT_MINUTES }: Pick<Config, "TIMEOUT_MINUTES">): number {
  return (TIMEOUT_MINUTES - Math.min(5, TIMEOUT_MINUTES / 5)) * 60_000;
}
