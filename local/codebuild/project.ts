import { z } from "zod";

const Variable = z.object({ name: z.string(), value: z.string(), type: z.literal("PLAINTEXT").default("PLAINTEXT") });
export type Variable = z.infer<typeof Variable>;

/** A CodeBuild project as the stacks describe it, as far as builds here depend on it. Docker and caches are not emulated. */
const Inputs = z.object({
  name: z.string(),
  serviceRole: z.string(),
  environment: z.object({
    type: z.string(),
    image: z.string(),
    computeType: z.string(),
    environmentVariables: z.array(Variable).default([]),
  }),
  source: z.object({ type: z.literal("NO_SOURCE"), buildspec: z.string() }),
  buildTimeout: z.number().default(60),
  queuedTimeout: z.number().default(480),
  concurrentBuildLimit: z.number().optional(),
});

export interface Project extends z.infer<typeof Inputs> {
  readonly arn: string;
}

/**
 * The projects of a synth, by name, with the real values of what only the emulators know.
 *
 * @throws when a project needs what builds here do not have: a source, variables from other services.
 */
export function projectsOf(
  synth: {
    app: { region: string; account: string };
    resources: readonly { type: string; inputs: Readonly<Record<string, unknown>> }[];
  },
  real: Readonly<Record<string, string>>,
): ReadonlyMap<string, Project> {
  const { region, account } = synth.app;
  const projects = synth.resources
    .filter(({ type }) => type === "aws:codebuild/project:Project")
    .map(({ inputs }) => Inputs.parse(withRealValues(inputs, real)))
    .map((inputs) => ({ ...inputs, arn: `arn:aws:codebuild:${region}:${account}:project/${inputs.name}` }));
  return new Map(projects.map((project) => [project.name, project]));
}

function withRealValues(value: unknown, real: Readonly<Record<string, string>>): unknown {
  const text = JSON.stringify(value);
  return JSON.parse(Object.entries(real).reduce((now, [synthesized, is]) => now.replaceAll(synthesized, is), text));
}

/** Variables of a project with those of one build over them. */
export function withOverrides(project: readonly Variable[], overrides: readonly Variable[]): readonly Variable[] {
  return [...new Map([...project, ...overrides].map((variable) => [variable.name, variable])).values()];
}

/** Overrides that builds here can honour; every other one is refused, whoever asks. */
export const StartBuild = z.strictObject({
  projectName: z.string(),
  environmentVariablesOverride: z.array(Variable).default([]),
  buildspecOverride: z.string().optional(),
  serviceRoleOverride: z.string().optional(),
  timeoutInMinutesOverride: z.number().optional(),
  queuedTimeoutInMinutesOverride: z.number().optional(),
  idempotencyToken: z.string().optional(),
});
export type StartBuild = z.infer<typeof StartBuild>;
