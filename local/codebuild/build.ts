import type { Session } from "../front/front.ts";
import type { PhaseName } from "./buildspec.ts";
import { type Project, type StartBuild, type Variable, withOverrides } from "./project.ts";

export type BuildStatus = "IN_PROGRESS" | "SUCCEEDED" | "FAILED" | "STOPPED" | "TIMED_OUT";

export interface Phase {
  readonly name: "SUBMITTED" | "QUEUED" | "PROVISIONING" | "COMPLETED" | PhaseName;
  readonly startedAt: number;
  endedAt?: number;
  status?: Exclude<BuildStatus, "IN_PROGRESS">;
}

/** One build. Times are real, in milliseconds since 1970. */
export interface Build {
  /** `<project>:<uuid>`, as StartBuild answers; events name the full ARN. */
  readonly id: string;
  readonly arn: string;
  readonly number: number;
  readonly project: Project;
  readonly request: StartBuild;
  readonly variables: readonly Variable[];
  readonly initiator: string;
  readonly startedAt: number;
  readonly logFile: string;
  readonly phases: Phase[];
  endedAt?: number;
  status: BuildStatus;
}

/** A build that was asked for and has done nothing yet. */
export function newBuild(of: {
  project: Project;
  request: StartBuild;
  caller: Session;
  uuid: string;
  number: number;
  now: number;
  logFile: string;
}): Build {
  const { project, request, caller, uuid, number, now, logFile } = of;
  const id = `${project.name}:${uuid}`;
  return {
    id,
    arn: project.arn.replace(/:project\/.*$/, `:build/${id}`),
    number,
    project,
    request,
    variables: withOverrides(project.environment.environmentVariables, request.environmentVariablesOverride),
    initiator: caller.role ? `${caller.role}/${caller.name}` : "root",
    startedAt: now,
    logFile,
    phases: [
      { name: "SUBMITTED", startedAt: now, endedAt: now, status: "SUCCEEDED" },
      { name: "QUEUED", startedAt: now },
    ],
    status: "IN_PROGRESS",
  };
}

/** Ends the phase that a build is in, if any, and begins the next. */
export function enterPhase(
  build: Build,
  name: Phase["name"],
  now: number,
  status: Phase["status"] = "SUCCEEDED",
): void {
  endPhase(build, now, status);
  build.phases.push({ name, startedAt: now });
}

export function endPhase(build: Build, now: number, status: NonNullable<Phase["status"]>): void {
  const phase = build.phases.at(-1);
  if (!phase || phase.endedAt !== undefined) return;
  phase.endedAt = now;
  phase.status = status;
}

export function currentPhase({ phases }: Build): Phase["name"] {
  return phases.at(-1)?.name ?? "SUBMITTED";
}

/** The build as BatchGetBuilds answers it; times in seconds. */
export function asAnswered(build: Build) {
  const { project, request } = build;
  return {
    id: build.id,
    arn: build.arn,
    buildNumber: build.number,
    startTime: build.startedAt / 1000,
    ...(build.endedAt !== undefined && { endTime: build.endedAt / 1000 }),
    currentPhase: currentPhase(build),
    buildStatus: build.status,
    buildComplete: build.endedAt !== undefined,
    projectName: project.name,
    phases: build.phases.map(({ name, startedAt, endedAt, status }) => ({
      phaseType: name,
      startTime: startedAt / 1000,
      ...(endedAt !== undefined && {
        endTime: endedAt / 1000,
        durationInSeconds: Math.round((endedAt - startedAt) / 1000),
      }),
      ...(status && { phaseStatus: status }),
    })),
    source: { type: "NO_SOURCE", buildspec: request.buildspecOverride ?? project.source.buildspec },
    artifacts: { location: "" },
    environment: { ...project.environment, environmentVariables: build.variables, privilegedMode: false },
    serviceRole: serviceRoleOf(build),
    logs: logsOf(build),
    timeoutInMinutes: timeoutInMinutes(build),
    queuedTimeoutInMinutes: queuedTimeoutInMinutes(build),
    initiator: build.initiator,
  };
}

export function serviceRoleOf({ project, request }: Build): string {
  return request.serviceRoleOverride ?? project.serviceRole;
}
export function timeoutInMinutes({ project, request }: Build): number {
  return request.timeoutInMinutesOverride ?? project.buildTimeout;
}
export function queuedTimeoutInMinutes({ project, request }: Build): number {
  return request.queuedTimeoutInMinutesOverride ?? project.queuedTimeout;
}

export function logsOf({ id, project, logFile }: Build) {
  return { groupName: `/aws/codebuild/${project.name}`, streamName: id.slice(id.indexOf(":") + 1), deepLink: logFile };
}
