import {
  type ArtifactsType,
  type ComputeType,
  CreateProjectCommand,
  type EnvironmentType,
  type EnvironmentVariableType,
  type SourceType,
  UpdateProjectCommand,
} from "@aws-sdk/client-codebuild";
import { z } from "zod";
import { type Creator, creator, noEffectHere, unless } from "./creator.ts";

const Project = z.strictObject({
  name: z.string().optional(),
  description: z.string().optional(),
  serviceRole: z.string(),
  artifacts: z.object({ type: z.string() }),
  source: z.object({ type: z.string(), buildspec: z.string().optional(), location: z.string().optional() }),
  environment: z.object({
    type: z.string(),
    computeType: z.string(),
    image: z.string(),
    environmentVariables: z
      .array(z.object({ name: z.string(), value: z.string(), type: z.string().default("PLAINTEXT") }))
      .default([]),
  }),
  buildTimeout: z.number().optional(),
  queuedTimeout: z.number().optional(),
  concurrentBuildLimit: z.number().optional(),
  logsConfig: noEffectHere,
  tags: noEffectHere,
});

/** Projects are here so that the account judges who may start a build. It runs none: the local CodeBuild does. */
export const projects: Record<string, Creator> = {
  "aws:codebuild/project:Project": creator(Project, async (project, { account }, resource) => {
    const { environment, source, artifacts } = project;
    const definition = {
      name: project.name ?? resource.name,
      description: project.description,
      serviceRole: project.serviceRole,
      artifacts: { type: artifacts.type as ArtifactsType },
      source: { ...source, type: source.type as SourceType },
      environment: {
        ...environment,
        type: environment.type as EnvironmentType,
        computeType: environment.computeType as ComputeType,
        environmentVariables: environment.environmentVariables.map(({ name, value, type }) => ({
          name,
          value,
          type: type as EnvironmentVariableType,
        })),
      },
      timeoutInMinutes: project.buildTimeout,
      queuedTimeoutInMinutes: project.queuedTimeout,
      concurrentBuildLimit: project.concurrentBuildLimit,
    };
    const created = await unless(["ResourceAlreadyExistsException"], () =>
      account.codebuild.send(new CreateProjectCommand(definition)),
    );
    if (!created) await account.codebuild.send(new UpdateProjectCommand(definition));
  }),
};
