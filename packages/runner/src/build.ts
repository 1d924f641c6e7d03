import { digestKeyKey, type JobRef, type ResultFile, resultKey } from "@sluice/jobs";
import type { ObjectStore } from "./aws/object-store.ts";
import type { Config } from "./config.ts";
import type { Secrets } from "./masking/secrets.ts";
import type { Doing } from "./terraform/ui-message.ts";
import type { RunTool } from "./tools/run-tool.ts";

/** What one build has at hand, whatever its kind. */
export type Build = Readonly<{
  config: Config;
  /** The unpacked code release. */
  release: string;
  /** An empty folder of this build. */
  work: string;
  runTool: RunTool;
  jobs: ObjectStore;
  states: ObjectStore;
  /** What the build itself has that nobody may see, before it knows of any other secret. */
  secrets: Secrets;
  /** Tells people what is being done; at most one a second goes out. */
  say: (doing: Doing) => void;
  /** Aborted well before the build's time-out, and when somebody stops the build. */
  interrupt: AbortSignal;
  /** Milliseconds since 1970, by the clock that grants expire by. */
  now: () => number;
  /** Milliseconds until this build is interrupted, by its own time-out. */
  left: () => number;
}>;

/** The job that this build was started for, by its project and its number. */
export function ownJobRef({ ENVIRONMENT, KIND, JOB_ID }: Config): JobRef {
  return { environment: ENVIRONMENT, kind: KIND, job: JOB_ID };
}

/** A file of this build's results in the jobs bucket: the only place there where it may write. */
export function ownKey(config: Config, file: ResultFile): string {
  return resultKey(ownJobRef(config), config.CODEBUILD_BUILD_ID, file);
}

/** Where the key of this plan's change digest lies, in the jobs bucket: apart from results, which functions read. */
export function digestKeyOf(config: Config): string {
  return digestKeyKey(ownJobRef(config), config.CODEBUILD_BUILD_ID);
}
