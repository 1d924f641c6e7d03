import { catalogue, type Service } from "@sluice/events";
import { alarmOnErrors } from "./alarms.ts";
import { bus } from "./bus.ts";
import { environmentTable } from "./environments.ts";
import { named } from "./names.ts";

export type Grants = { actions: string[]; resources: $util.Input<string>[]; conditions?: Condition[] }[];
type Condition = { test: string; variable: string; values: $util.Input<string>[] };

export interface ServiceFunctionOptions {
  /** `intake` and `queue` make `sluice-<stage>-intake-queue`, with handler `services/intake/src/handlers/queue.handler`. */
  service: Service;
  door: string;
  timeoutSeconds?: number;
  environment?: Record<string, $util.Input<string>>;
  grants: Grants;
}

/** One Lambda function with a role of its own: named actions on named resources, no managed policy, nobody else may assume it. */
export function serviceFunction({ service, door, timeoutSeconds = 30, environment, grants }: ServiceFunctionOptions) {
  const name = named(service, door);
  const logGroup = new aws.cloudwatch.LogGroup(
    `${service}-${door}-log`,
    { name: `/aws/lambda/${name}`, retentionInDays: 365 },
    { retainOnDelete: true },
  );
  const made = new sst.aws.Function(`${service}-${door}-function`, {
    name,
    handler: `services/${service}/src/handlers/${door}.handler`,
    runtime: "nodejs24.x",
    architecture: "arm64",
    memory: "512 MB",
    timeout: `${timeoutSeconds} seconds`,
    logging: { logGroup: logGroup.name, format: "json" },
    nodejs: { minify: true, splitting: true }, // A cold start reads and compiles what it imports, and nothing that is imported later.
    environment: {
      STAGE: $app.stage,
      ...(grants.some(({ actions }) => actions.includes("events:PutEvents")) && { BUS_NAME: bus.name }),
      ENVIRONMENTS: JSON.stringify(environmentTable()),
      POWERTOOLS_SERVICE_NAME: service,
      ...environment,
    },
    permissions: [
      ...grants,
      { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [$interpolate`${logGroup.arn}:*`] },
      // X-Ray has no resources to name: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
      { actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], resources: ["*"] },
    ],
    transform: {
      function: { tracingConfig: { mode: "Active" } },
      role: (args) => {
        args.name = name;
        args.managedPolicyArns = [];
        // SST 4.17.1 would let the account's root assume it, whatever the stage.
        args.assumeRolePolicy = JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
        });
      },
    },
  });
  alarmOnErrors(`${service}-${door}`, name);
  return made;
}

/** Events that only a person's click makes; the Slack door publishes these and nothing else does. */
export const fromTheDoor = [
  "request.proposed.v1",
  "decision.submitted.v1",
  "withdrawal.submitted.v1",
  "repetition.submitted.v1",
  "unlock.submitted.v1",
];

/**
 * The events that a service may publish, by its definitions. A call has the sources and types of all its entries as lists, so each of them has to be one of
 * ours, and there has to be one: an empty list would pass.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
 */
export function mayPublish(service: Service, only?: readonly string[]): Grants {
  const types = [...catalogue.values()]
    .filter(({ sources }) => (sources as readonly string[]).includes(`sluice.${service}`))
    .map(({ type }) => type as string)
    .filter((type) => (only ? only.includes(type) : !fromTheDoor.includes(type)))
    .sort();
  return [
    {
      actions: ["events:PutEvents"],
      resources: [bus.arn],
      conditions: [
        { test: "ForAllValues:StringEquals", variable: "events:source", values: [`sluice.${service}`] },
        { test: "ForAllValues:StringEquals", variable: "events:detail-type", values: types },
        { test: "Null", variable: "events:source", values: ["false"] },
        { test: "Null", variable: "events:detail-type", values: ["false"] },
      ],
    },
  ];
}
