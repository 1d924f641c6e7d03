import { buildspecOf } from "./buildspec.ts";
import { environments } from "./environments.ts";
import { type JobKind, roleKinds } from "./job-kinds.ts";
import { grantKey } from "./keys.ts";
import { projectName } from "./names.ts";
import type { Release } from "./release.ts";
import { jobs, releases, states } from "./storage.ts";
import { buildsTables, type JobOwner } from "./tables.ts";

/** A build is interrupted by the runner before this, and killed at it. */
const TIMEOUT_MINUTES = 60;
/** A build that waits longer is not started: its grant may have expired by then. */
const QUEUED_TIMEOUT_MINUTES = 30;

interface BuildOptions {
  kind: JobKind;
  environment: string;
  owner: JobOwner;
  reports: sst.aws.Queue;
  release: Release;
}

/** The CodeBuild project of one kind in one environment, with a role that can do that and nothing else. */
export function buildProject({ kind, environment, owner, reports, release }: BuildOptions) {
  const target = environments[environment];
  if (!target) throw new Error(`No environment ${environment}`);
  const name = projectName(kind, environment);
  const targetRole = `arn:aws:iam::${target.account}:role/sluice-${roleKinds[kind]}`;
  const logGroup = new aws.cloudwatch.LogGroup(
    `${name}-log`,
    { name: `/aws/codebuild/${name}`, retentionInDays: 365 },
    { retainOnDelete: true },
  );
  const table = buildsTables[owner];

  const role = new aws.iam.Role(`${name}-role`, {
    name,
    assumeRolePolicy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "codebuild.amazonaws.com" }, Action: "sts:AssumeRole" }],
    }),
    inlinePolicies: [
      {
        name: "job",
        policy: $jsonStringify({
          Version: "2012-10-17",
          Statement: [
            allow(["logs:CreateLogStream", "logs:PutLogEvents"], $interpolate`${logGroup.arn}:*`),
            allow(["s3:GetObject"], $interpolate`${jobs.arn}/inputs/${environment}/${kind}/*`),
            allow(["s3:PutObject"], $interpolate`${jobs.arn}/results/${environment}/${kind}/*`),
            allow(["s3:GetObjectVersion"], $interpolate`${releases.arn}/releases/*`),
            allow(["sqs:SendMessage"], reports.arn),
            allow(["sts:AssumeRole", "sts:TagSession"], targetRole),
            onItems(["dynamodb:GetItem", "dynamodb:UpdateItem"], table, [
              `${environment}#job#${kind}#*`,
              ...(kind === "apply" ? [`${environment}#workspace#*`] : []),
            ]),
            ...grantsOf(kind, environment, table),
          ],
        }),
      },
    ],
  });

  return new aws.codebuild.Project(name, {
    name,
    description: `Sluice: ${kind} in ${environment}`,
    serviceRole: role.arn,
    artifacts: { type: "NO_ARTIFACTS" },
    environment: {
      type: "LINUX_CONTAINER",
      computeType: "BUILD_GENERAL1_SMALL",
      image: "aws/codebuild/standard:8.0", // Its Node is what the runner is tested on: packages/runner/package.json.
      imagePullCredentialsType: "CODEBUILD",
      privilegedMode: false,
    },
    source: {
      type: "NO_SOURCE",
      buildspec: $resolve({
        jobs: jobs.name,
        states: states.name,
        releases: releases.name,
        table: table.name,
        reports: reports.url,
        grantKey: grantKey.arn,
        latest: release.versionId,
      }).apply((made) =>
        buildspecOf({
          STAGE: $app.stage,
          KIND: kind,
          ENVIRONMENT: environment,
          JOBS_BUCKET: made.jobs,
          STATES_BUCKET: made.states,
          RELEASES_BUCKET: made.releases,
          LATEST_KEY: release.key,
          LATEST_VERSION: made.latest,
          BUILDS_TABLE_NAME: made.table,
          REPORTS_QUEUE_URL: made.reports,
          GRANT_KEY_ARN: made.grantKey,
          TARGET_ROLE_ARN: targetRole,
          TARGET_EXTERNAL_ID: target.externalId,
          TARGET_REGION: target.region,
          TIMEOUT_MINUTES: String(TIMEOUT_MINUTES),
        }),
      ),
    },
    buildTimeout: TIMEOUT_MINUTES,
    queuedTimeout: QUEUED_TIMEOUT_MINUTES,
    logsConfig: { cloudwatchLogs: { status: "ENABLED", groupName: logGroup.name } },
  });
}

/** What only this kind may do. A plan writes nothing but the key of its change digest and Terraform's lock; a scan writes nothing at all; a configuration never sees a state. */
function grantsOf(kind: JobKind, environment: string, table: sst.aws.Dynamo) {
  const state = $interpolate`${states.arn}/${environment}/*`;
  const lock = $interpolate`${states.arn}/${environment}/*.tflock`;
  const digestKeys = $interpolate`${jobs.arn}/digest-keys/${environment}/*`;
  // S3 takes the key of a missing state for the prefix; that `env:/` may not be listed Terraform tolerates.
  const mayMiss = {
    ...allow(["s3:ListBucket"], states.arn),
    Condition: { StringLike: { "s3:prefix": `${environment}/*` } },
  };
  const readsState = [allow(["s3:GetObject"], state), mayMiss];
  if (kind === "plan")
    return [...readsState, allow(["s3:PutObject", "s3:DeleteObject"], lock), allow(["s3:PutObject"], digestKeys)];
  const readsApplied = allow(["s3:GetObjectVersion"], $interpolate`${jobs.arn}/results/${environment}/apply/*`);
  if (kind === "scan") return [...readsState, readsApplied];
  if (kind === "configuration") return [readsApplied];
  return [
    ...readsState,
    allow(["s3:PutObject"], state),
    allow(["s3:DeleteObject"], lock),
    allow(["s3:GetObjectVersion"], digestKeys),
    allow(["s3:GetObjectVersion"], $interpolate`${jobs.arn}/results/${environment}/plan/*`),
    allow(["kms:GetPublicKey"], grantKey.arn),
    onItems(["dynamodb:GetItem", "dynamodb:PutItem"], table, [`${environment}#grant#*`]),
  ];
}

/**
 * On items of the builds' table whose keys are like these. In one statement, because a transaction may be judged by all of its keys together. `Null` too: a
 * condition on all values of none would hold.
 */
function onItems(actions: string[], table: sst.aws.Dynamo, keys: string[]) {
  return {
    ...allow(actions, table.arn),
    Condition: {
      "ForAllValues:StringLike": { "dynamodb:LeadingKeys": keys },
      Null: { "dynamodb:LeadingKeys": "false" },
    },
  };
}

function allow(actions: string[], resource: $util.Input<string>) {
  return { Effect: "Allow", Action: actions, Resource: resource };
}

/** Starting a build of these projects with a job's id, and with nothing else of it changed. */
export function mayStart(projects: aws.codebuild.Project[]) {
  const arns = projects.map((project) => project.arn);
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodebuild.html: a source's type has no key of its own, only `source`.
  const never = [
    "source",
    "source.buildspec",
    "source.location",
    "serviceRole",
    "environment.image",
    "environment.type",
    "environment.computeType",
    "environment.privilegedMode",
    "environment.certificate",
    "environment.fleet.fleetArn",
    "environment.imagePullCredentialsType",
    "environment.registryCredential",
    "artifacts",
    "autoRetryLimit",
    "logsConfig",
    "cache",
    "encryptionKey",
    "secondarySources",
    "secondaryArtifacts",
  ];
  return [
    {
      actions: ["codebuild:StartBuild"],
      resources: arns,
      conditions: [
        ...never.map((key) => ({ test: "Null", variable: `codebuild:${key}`, values: ["true"] })),
        {
          test: "ForAllValues:StringEquals",
          variable: "codebuild:environment.environmentVariables.name",
          values: ["JOB_ID"],
        },
      ],
    },
    { actions: ["codebuild:BatchGetBuilds"], resources: arns },
  ];
}

/** All environments' projects of a kind. */
export function buildProjects(kind: JobKind, options: Omit<BuildOptions, "kind" | "environment">) {
  return Object.keys(environments).map((environment) => buildProject({ ...options, kind, environment }));
}
