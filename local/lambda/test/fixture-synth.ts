import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Synthesized } from "../host-plan.ts";

const account = "000000000000";
const region = "eu-west-1";
const role = (name: string) => `arn:aws:iam::${account}:role/${name}`;
export const functionArn = (name: string) => `arn:aws:lambda:${region}:${account}:function:${name}`;
export const queueArn = (name: string) => `arn:aws:sqs:${region}:${account}:${name}`;

const resource = (
  type: string,
  name: string,
  inputs: Record<string, unknown>,
  computed: Record<string, unknown> = {},
) => ({
  type,
  name,
  inputs,
  computed,
});

const fn = (component: string, inputs: Record<string, unknown> = {}) => {
  const name = `app-test-${component}Function-x`;
  return {
    ...resource(
      "aws:lambda/function:Function",
      `${component}Function`,
      {
        name,
        role: role(component),
        runtime: "nodejs24.x",
        handler: "bundle.handler",
        memorySize: 512,
        timeout: 2,
        ...inputs,
      },
      { id: name, arn: functionArn(name) },
    ),
    build: component,
  };
};

const integration = (name: string, id: string, timeoutMilliseconds: number) =>
  resource(
    "aws:apigatewayv2/integration:Integration",
    name,
    {
      apiId: "a1",
      integrationUri: functionArn("app-test-DoorFunction-x"),
      payloadFormatVersion: "2.0",
      timeoutMilliseconds,
    },
    { id },
  );

const route = (routeKey: string, id: string) =>
  resource("aws:apigatewayv2/route:Route", routeKey, { apiId: "a1", routeKey, target: `integrations/${id}` });

/** A small app: a consumer of a queue, a door, and a probe that also runs each minute. */
export const fixtureSynth = (batchSize = 10): Synthesized => ({
  app: { region, account },
  functions: Object.fromEntries(
    ["Consumer", "Door", "Probe"].map((name) => [name, { directory: name.toLowerCase(), bundle: "bundle.mjs" }]),
  ),
  resources: [
    fn("Consumer", { timeout: 1, environment: { variables: { OWN: "synthesized-value" } } }),
    fn("Door"),
    fn("Probe", { environment: { variables: { OWN: "synthesized-value" } } }),
    resource("aws:lambda/eventSourceMapping:EventSourceMapping", "ConsumerMapping", {
      functionName: functionArn("app-test-ConsumerFunction-x"),
      eventSourceArn: queueArn("work"),
      batchSize,
      functionResponseTypes: ["ReportBatchItemFailures"],
    }),
    integration("DoorIntegration", "i1", 10_000),
    ...["POST /slack", "GET /throw", "GET /bytes", "GET /things/{id}"].map((routeKey) => route(routeKey, "i1")),
    integration("SlowIntegration", "i2", 400), // Shorter than a start on a busy machine, so nothing else waits behind it.
    route("GET /slow", "i2"),
    resource(
      "aws:cloudwatch/eventRule:EventRule",
      "EachMinute",
      { name: "each-minute", scheduleExpression: "rate(1 minute)" },
      { arn: `arn:aws:events:${region}:${account}:rule/each-minute` },
    ),
    resource("aws:cloudwatch/eventTarget:EventTarget", "EachMinuteTarget", {
      rule: "each-minute",
      arn: functionArn("app-test-ProbeFunction-x"),
    }),
  ],
});

/** Bundles the fixture's functions as SST does, each into a folder of its own below `root`. */
export async function buildFixture(root: string): Promise<void> {
  for (const name of ["consumer", "door", "probe"])
    await build({
      entryPoints: [fileURLToPath(new URL(`functions/${name}.ts`, import.meta.url))],
      outfile: join(root, name, "bundle.mjs"),
      bundle: true,
      platform: "node",
      format: "esm",
      target: "es2024",
    });
}
