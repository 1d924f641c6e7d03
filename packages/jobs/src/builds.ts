import { BatchGetBuildsCommand, type CodeBuildClient, StartBuildCommand } from "@aws-sdk/client-codebuild";
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
  /** Nothing when CodeBuild has never heard of it. */
  facts(build: BuildId): Promise<BuildFacts | undefined>;
}>;

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

    async facts(build) {
      const { builds: found } = await client.send(new BatchGetBuildsCommand({ ids: [build] }));
      const seen = found?.[0];
      if (!seen) return undefined;
      return {
        over: seen.buildComplete ?? seen.buildStatus !== "IN_PROGRESS",
        ...(seen.startTime && { startedAt: seen.startTime.getTime() }),
        ...(seen.endTime && { endedAt: seen.endTime.getTime() }),
      };
    },
  };
}
