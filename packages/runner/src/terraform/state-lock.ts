import * as z from "zod";

/** The object `<state key>.tflock` as Terraform's S3 backend writes it (seen with 1.11.4). */
export const StateLock = z.looseObject({
  ID: z.string().regex(/^[0-9a-f-]{36}$/),
  Who: z.string().default("somebody"),
  Operation: z.string().default(""),
  Created: z.string(),
});
export type StateLock = z.infer<typeof StateLock>;

/** When a build ran, by CodeBuild's own clock, in milliseconds since 1970. */
export type BuildTimes = Readonly<{ startedAt: number; endedAt: number }>;

/**
 * Whether a lock was left by our own last build of this workspace, which is over, and so may be removed. Any other is somebody's own Terraform at work.
 * CodeBuild's times and Terraform's are real time; our own clock has no say (docs/design.md, Apply protocol, 7).
 */
export function isOurs(lock: StateLock, lastBuild: BuildTimes | undefined): boolean {
  if (!lastBuild) return false;
  const created = Date.parse(lock.Created.replace(/(\.\d{3})\d+/, "$1"));
  return created >= lastBuild.startedAt && created <= lastBuild.endedAt;
}
