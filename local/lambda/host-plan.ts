import { join } from "node:path";
import { z } from "zod";
import type { FunctionBuild, Synth, SynthResource } from "../synth/synth.ts";

/** What the host needs of a synth. */
export interface Synthesized {
  app: Pick<Synth["app"], "region" | "account">;
  functions: Record<string, Pick<FunctionBuild, "directory" | "bundle">>;
  resources: readonly Pick<SynthResource, "name" | "type" | "inputs" | "computed" | "build">[];
}
type Resource = Synthesized["resources"][number];

/** A function as the host runs it: names are AWS's, values are real ones of this deployment. */
export interface HostedFunction {
  resource: string;
  name: string;
  arn: string;
  role: string;
  runtime: string;
  handler: string;
  /** Absolute path of the bundle. */
  bundle: string;
  memoryMb: number;
  timeoutMs: number;
  maxWorkers: number;
  variables: Record<string, string>;
}
export interface QueueMapping {
  resource: string;
  functionArn: string;
  queueArn: string;
  batchSize: number;
  partialAnswers: boolean;
}
export interface HttpRoute {
  routeKey: string;
  apiId: string;
  functionArn: string;
  timeoutMs: number;
}
export interface Schedule {
  rule: string;
  ruleArn: string;
  functionArn: string;
  everyMs: number;
}

export interface HostPlan {
  region: string;
  account: string;
  functions: HostedFunction[];
  mappings: QueueMapping[];
  routes: HttpRoute[];
  schedules: Schedule[];
}

/** AWS's defaults, where a resource says nothing. */
const FunctionInputs = z.object({
  name: z.string(),
  role: z.string(),
  runtime: z.string(),
  handler: z.string(),
  memorySize: z.number().default(128),
  timeout: z.number().default(3),
  environment: z.object({ variables: z.record(z.string(), z.string()).default({}) }).default({ variables: {} }),
});
const MappingInputs = z.object({
  functionName: z.string(),
  eventSourceArn: z.string().regex(/^arn:aws:sqs:/, "only SQS queues are polled here"),
  batchSize: z.number().default(10),
  enabled: z.boolean().default(true),
  functionResponseTypes: z.array(z.literal("ReportBatchItemFailures")).default([]),
  filterCriteria: z.undefined("filters are not evaluated here: let the rule's pattern choose").optional(),
});
const RouteInputs = z.object({ apiId: z.string(), routeKey: z.string(), target: z.string() });
const IntegrationInputs = z.object({
  integrationUri: z.string(),
  payloadFormatVersion: z.literal("2.0").default("2.0"),
  timeoutMilliseconds: z.number().max(30_000).default(30_000),
});
const RuleInputs = z.object({ name: z.string(), scheduleExpression: z.string().optional() });
const TargetInputs = z.object({ rule: z.string(), arn: z.string() });

/** More workers do not get more done on two cores. A door gets one more, because a person waits. */
const WORKERS = { default: 2, door: 3 };

/**
 * Reads from a synth what the host runs. `resolve` turns synthesized values into those of the deployment.
 *
 * @throws on anything it would run otherwise than AWS does: an unknown event source, a schedule that is no rate, a filter.
 */
export function readHostPlan(root: string, synth: Synthesized, resolve: <T>(value: T) => T): HostPlan {
  const all = <S extends z.ZodType>(type: string, schema: S) =>
    synth.resources
      .filter((resource) => resource.type === type)
      .map((resource) => ({
        resource: resource.name,
        original: resource,
        computed: resolve(resource.computed),
        inputs: parsed(schema, resolve(resource.inputs), resource),
      }));

  const integrations = new Map(
    all("aws:apigatewayv2/integration:Integration", IntegrationInputs).map(({ computed, inputs }) => [
      `integrations/${computed.id}`,
      inputs,
    ]),
  );
  const routes = all("aws:apigatewayv2/route:Route", RouteInputs).map(({ inputs }): HttpRoute => {
    const integration = integrations.get(inputs.target);
    if (!integration) throw new Error(`Route ${inputs.routeKey} leads to ${inputs.target}, which is not there`);
    return {
      routeKey: inputs.routeKey,
      apiId: inputs.apiId,
      functionArn: integration.integrationUri,
      timeoutMs: integration.timeoutMilliseconds,
    };
  });
  refuseAmbiguous(routes);

  const functions = all("aws:lambda/function:Function", FunctionInputs).map(
    ({ resource, original, computed, inputs }): HostedFunction => {
      const arn = z.string().parse(computed.arn);
      return {
        resource,
        name: inputs.name,
        arn,
        role: inputs.role,
        runtime: inputs.runtime,
        handler: inputs.handler,
        bundle: join(root, bundleOf(synth, original)),
        memoryMb: inputs.memorySize,
        timeoutMs: inputs.timeout * 1_000,
        maxWorkers: routes.some((route) => route.functionArn === arn) ? WORKERS.door : WORKERS.default,
        variables: inputs.environment.variables,
      };
    },
  );

  const mappings = all("aws:lambda/eventSourceMapping:EventSourceMapping", MappingInputs)
    .filter(({ inputs }) => inputs.enabled)
    .map(
      ({ resource, inputs }): QueueMapping => ({
        resource,
        functionArn: functionNamed(functions, inputs.functionName).arn,
        queueArn: inputs.eventSourceArn,
        batchSize: inputs.batchSize,
        partialAnswers: inputs.functionResponseTypes.length > 0,
      }),
    );

  const rules = all("aws:cloudwatch/eventRule:EventRule", RuleInputs);
  const schedules = all("aws:cloudwatch/eventTarget:EventTarget", TargetInputs)
    .filter(({ inputs }) => inputs.arn.startsWith("arn:aws:lambda:"))
    .map(({ inputs }): Schedule => {
      const rule = rules.find((candidate) => candidate.inputs.name === inputs.rule);
      if (!rule?.inputs.scheduleExpression)
        throw new Error(
          `Rule ${inputs.rule} hands events straight to a function; here only queues are fed by patterns`,
        );
      return {
        rule: inputs.rule,
        ruleArn: z.string().parse(rule.computed.arn),
        functionArn: functionNamed(functions, inputs.arn).arn,
        everyMs: rateMs(rule.inputs.scheduleExpression),
      };
    });
  if (synth.resources.some((resource) => resource.type === "aws:scheduler/schedule:Schedule"))
    throw new Error("EventBridge Scheduler does not run here: use a rule with a rate");

  return { region: synth.app.region, account: synth.app.account, functions, mappings, routes, schedules };
}

/** Finds a function by ARN, name, resource name, or the name of the SST component that made the resource. */
export function functionNamed(functions: readonly HostedFunction[], name: string): HostedFunction {
  const found =
    functions.find((candidate) => candidate.arn === name || candidate.name === name) ??
    functions.find((candidate) => candidate.resource === name || candidate.resource === `${name}Function`);
  if (!found) throw new Error(`No function ${name}. There are ${functions.map((known) => known.resource).join(", ")}`);
  return found;
}

function parsed<S extends z.ZodType>(schema: S, inputs: unknown, { type, name }: Resource): z.output<S> {
  const result = schema.safeParse(inputs);
  if (!result.success) throw new Error(`${type} ${name}: ${z.prettifyError(result.error)}`);
  return result.data;
}

function bundleOf({ functions }: Synthesized, { name, build = "" }: Resource): string {
  const built = functions[build];
  if (!built) throw new Error(`The synth has no bundle for function ${name}`);
  return join(built.directory, built.bundle);
}

/** All APIs of an app are served on one port here, so a path can only mean one thing. */
function refuseAmbiguous(routes: readonly HttpRoute[]): void {
  const twice = routes.find((route, at) => routes.some((other, n) => n < at && other.routeKey === route.routeKey));
  if (twice) throw new Error(`Two APIs have the route ${twice.routeKey}; here they share one port`);
}

const UNIT_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

function rateMs(expression: string): number {
  const { count, unit } = /^rate\((?<count>\d+) (?<unit>minute|hour|day)s?\)$/.exec(expression)?.groups ?? {};
  if (unit !== "minute" && unit !== "hour" && unit !== "day")
    throw new Error(`${expression} does not run here: only rate(…) does`);
  return Number(count) * UNIT_MS[unit];
}
