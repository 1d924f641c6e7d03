import type { IAMClient } from "@aws-sdk/client-iam";
import { z } from "zod";
import type { Answer } from "../front/answer.ts";
import type { HandledCall, Handler, Refusal, Session } from "../front/front.ts";
import { asAnswered, type Build } from "./build.ts";
import { type Builds, idOf } from "./builds.ts";
import { refusedByPolicy, refusedBySignature } from "./caller.ts";
import { conditionKeysOf } from "./condition-keys.ts";
import { IdempotencyTokens } from "./idempotency.ts";
import { type Project, StartBuild } from "./project.ts";

const Named = z.looseObject({ projectName: z.string() });
const OneBuild = z.looseObject({ id: z.string() });
const ManyBuilds = z.looseObject({ ids: z.array(z.string()).min(1).max(100) });

/** CodeBuild's operations on builds, as the front's callers see them. What concerns projects alone is MiniStack's. */
export function codeBuildApi(deps: {
  region: string;
  account: string;
  projects: ReadonlyMap<string, Project>;
  builds: Builds;
  iam: IAMClient;
  /** The movable clock, for idempotency tokens. */
  now: () => number;
  /** How many builds one StartBuild makes: one, but for a fault. */
  howMany: () => number;
}): Handler {
  const { builds, projects, iam, now } = deps;
  const tokens = new IdempotencyTokens<Build>();
  const operations: Readonly<Record<string, (call: HandledCall) => Promise<Answer | Refusal>>> = {
    StartBuild: startBuild,
    RetryBuild: ({ body, caller }) =>
      onBuild("RetryBuild", body, caller, async ({ project, request }) => builds.begin(project, request, caller)),
    StopBuild: ({ body, caller }) =>
      onBuild("StopBuild", body, caller, async (build) => {
        await builds.finish(build, "STOPPED");
        return build;
      }),
    BatchGetBuilds: getBuilds,
  };

  return async (call) => {
    const operation = operations[call.action];
    if (!operation) return call.askMiniStack();
    return (await refusedBySignature(call)) ?? operation(call);
  };

  async function startBuild({ body, caller }: HandledCall): Promise<Answer | Refusal> {
    const named = Named.safeParse(body);
    if (!named.success) return invalidInput("projectName is missing");
    const project = projects.get(named.data.projectName.replace(/^arn:.*:project\//, ""));
    const arn = project?.arn ?? arnOf(named.data.projectName);
    const context = conditionKeysOf(named.data);
    const refused = await refusedByPolicy(iam, caller, { action: "codebuild:StartBuild", resources: [arn], context });
    if (refused) return refused;
    if (!project) return notFound(`Project cannot be found: ${arn}`);

    const request = StartBuild.safeParse(body);
    if (!request.success) return invalidInput(z.prettifyError(request.error));
    const { idempotencyToken, ...asked } = request.data;
    const earlier = tokens.find(idempotencyToken, asked, now());
    if (earlier === "mismatch") return invalidInput("The idempotency token was used with other parameters");
    if (earlier) return said({ build: asAnswered(earlier) });

    if (isAtItsLimit(project)) return tooMany(project);
    const [build] = Array.from({ length: deps.howMany() }, () => builds.begin(project, request.data, caller));
    if (!build) throw new Error("A start makes at least one build");
    tokens.remember(idempotencyToken, asked, build, now());
    return said({ build: asAnswered(build) });
  }

  async function getBuilds({ body, caller }: HandledCall): Promise<Answer | Refusal> {
    const asked = ManyBuilds.safeParse(body);
    if (!asked.success) return invalidInput(z.prettifyError(asked.error));
    const { ids } = asked.data;
    const refused = await refusedOnBuilds(caller, "BatchGetBuilds", ids);
    if (refused) return refused;
    return said({
      builds: ids.flatMap((id) => builds.find(id) ?? []).map(asAnswered),
      buildsNotFound: ids.filter((id) => !builds.find(id)),
    });
  }

  async function onBuild(
    operation: string,
    body: unknown,
    caller: Session,
    work: (build: Build) => Promise<Build>,
  ): Promise<Answer | Refusal> {
    const asked = OneBuild.safeParse(body);
    if (!asked.success) return invalidInput("id is missing");
    const refused = await refusedOnBuilds(caller, operation, [asked.data.id]);
    if (refused) return refused;
    const build = builds.find(asked.data.id);
    return build ? said({ build: asAnswered(await work(build)) }) : notFound(`Build cannot be found: ${asked.data.id}`);
  }

  /** Rights on builds are rights on their projects, found or not. */
  function refusedOnBuilds(caller: Session, operation: string, ids: readonly string[]): Promise<Refusal | undefined> {
    const resources = [...new Set(ids.map((id) => arnOf(idOf(id).split(":")[0] ?? "")))];
    return refusedByPolicy(iam, caller, { action: `codebuild:${operation}`, resources, context: new Map() });
  }

  function arnOf(project: string): string {
    return `arn:aws:codebuild:${deps.region}:${deps.account}:project/${project}`;
  }

  function isAtItsLimit(project: Project): boolean {
    const open = builds.all().filter((build) => build.project === project && build.endedAt === undefined).length;
    return project.concurrentBuildLimit !== undefined && open >= project.concurrentBuildLimit;
  }
}

function said(value: unknown): Answer {
  return { status: 200, headers: { "content-type": "application/x-amz-json-1.1" }, body: JSON.stringify(value) };
}

function invalidInput(message: string): Refusal {
  return { code: "InvalidInputException", message, status: 400 };
}

function notFound(message: string): Refusal {
  return { code: "ResourceNotFoundException", message, status: 400 };
}

function tooMany({ name, concurrentBuildLimit }: Project): Refusal {
  const message = `Cannot have more than ${concurrentBuildLimit} active builds for the project ${name}`;
  return { code: "AccountLimitExceededException", message, status: 400 };
}
