import { BatchGetBuildsCommand, type Build, type CodeBuildClient, StartBuildCommand } from "@aws-sdk/client-codebuild";
import { BuildId, type JobId } from "@sluice/events";
import { sha256Of } from "@sluice/steps";
import { type JobKind, projectName } from "./job-kind.ts";

/** What CodeBuild says of a build, in milliseconds since 1970 by its own clock. */
export type BuildFacts = Readonly<{ over: boolean; startedAt?: number; endedAt?: number }>;

export type Builds = Readonly<{
  /** Starts a build, or finds the one that was started under this number less than five minutes ago. `refused` is CodeBuild's word for why there will be none. */
  start(
    job: Readonly<{ id: JobId; kind: JobKind; environment: string }>,
    number: number,
  ): Promise<Readonly<{ build: BuildId } | { refused: string }>>;
  /**
   * What CodeBuild says of a build of this job; without `job`, of any build of this kind in this environment. Nothing when it has never heard of such a build:
   * an item that a build may write can name any.
   */
  facts(
    build: BuildId,
    of: Readonly<{ environment: string; kind: JobKind; job?: JobId }>,
  ): Promise<BuildFacts | undefined>;
}>;

/** The job that a build was started for. */
function jobOf({ environment }: Build): string | undefined {
  return environment?.environmentVariables?.find(({ name }) => name === "JOB_ID")?.value;
}

/** Errors that say that this start will never be a build. Anything else may be one later, and throws. */
const refusals = ["ResourceNotFoundException", "InvalidInputException", "AccessDeniedException"];

export function builds(client: CodeBuildClient, stage: string): Builds {
  return {
    async start({ id, kind, environment }, number) {
      try {
        const { build } = await client.send(
          new StartBuildCommand({
            projectName: projectName(stage, kind, environment),
            environmentVariablesOverride: [{ name: "JOB_ID", value: id }],
            idempotencyToken: sha256Of(`${id}/${number}`),
          }),
        );
        return { build: BuildId.parse(build?.id) };
      } catch (cause) {
        if (cause instanceof Error && refusals.includes(cause.name)) return { refused: cause.name };
        throw cause;
      }
    },

    async facts(build, { environment, kind, job }) {
      // Asked of another's project CodeBuild would refuse, and a lie would stop the message that looks into it.
      if (!build.startsWith(`${projectName(stage, kind, environment)}:`)) return undefined;
      const { builds: found } = await client.send(new BatchGetBuildsCommand({ ids: [build] }));
      const seen = found?.[0];
      if (!seen || (job && jobOf(seen) !== job)) return undefined;
      return {
        over: seen.buildComplete ?? seen.buildStatus !== "IN_PROGRESS",
        ...(seen.startTime && { startedAt: seen.startTime.getTime() }),
        ...(seen.endTime && { endedAt: seen.endTime.getTime() }),
      };
    },
  };
}
