import { BuildId, JobId } from "@sluice/events";
import * as z from "zod";
import { Seconds } from "./result.ts";

/** A build says what its tool is doing. Who has the lease is checked by the owner before anybody is told. */
export const JobProgressedMessage = z.strictObject({
  job: JobId,
  build: BuildId,
  sequence: z.int().min(1),
  doing: z.string().min(1).max(160),
  seconds: Seconds.optional(),
});

/** A build has reported. The message only wakes the owner: how it ended is read from the item. */
export const JobEndedMessage = z.strictObject({ job: JobId, build: BuildId });

export type JobProgressedMessage = z.infer<typeof JobProgressedMessage>;
export type JobEndedMessage = z.infer<typeof JobEndedMessage>;

/** What a build sends to its owner's `reports` queue. It wakes; it proves nothing. */
export type ReportsMessage =
  | Readonly<{ message: "job.progressed" } & JobProgressedMessage>
  | Readonly<{ message: "job.ended" } & JobEndedMessage>;
