import { createHash } from "node:crypto";
import { PLACE } from "./synth.ts";

type Inputs = Record<string, unknown>;
type Attributes = Record<string, unknown>;

const { region, account } = PLACE;

/**
 * What AWS would answer when the resource is created. Ids that AWS draws at random are hashes of the name here.
 *
 * @throws for a type that is not described below, so that nothing is synthesized half.
 */
export function computedAttributes(type: string, name: string, inputs: Inputs): Attributes {
  const describe = BY_TYPE[type] ?? (HAS_NONE.has(type) ? () => ({}) : undefined);
  if (!describe)
    throw new Error(`The synth does not know ${type} (${name}): describe it in local/synth/computed-attributes.ts`);
  return describe(name, inputs);
}

/** Types whose only attribute is an id that nothing refers to. */
const HAS_NONE = new Set([
  "aws:apigatewayv2/route:Route",
  "aws:apigatewayv2/stage:Stage",
  "aws:cloudwatch/eventTarget:EventTarget",
  "aws:iam/rolePolicy:RolePolicy",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
  "aws:lambda/permission:Permission",
  "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  "aws:s3/bucketNotification:BucketNotification",
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
  "aws:s3/bucketPolicy:BucketPolicy",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  "aws:s3/bucketVersioning:BucketVersioning",
  "aws:sns/topicPolicy:TopicPolicy",
  "aws:sns/topicSubscription:TopicSubscription",
  "aws:sqs/queuePolicy:QueuePolicy",
]);

const BY_TYPE: Record<string, (name: string, inputs: Inputs) => Attributes> = {
  "aws:apigatewayv2/api:Api": (name) => {
    const id = `a${hash(name, 9)}`;
    return {
      id,
      apiEndpoint: `https://${id}.execute-api.${region}.amazonaws.com`,
      arn: `arn:aws:apigateway:${region}::/apis/${id}`,
      executionArn: arn("execute-api", id),
    };
  },
  "aws:apigatewayv2/authorizer:Authorizer": (name) => ({ id: `z${hash(name, 6)}` }),
  "aws:apigatewayv2/integration:Integration": (name) => ({ id: `i${hash(name, 6)}` }),
  "aws:cloudwatch/dashboard:Dashboard": (_, inputs) => ({
    id: inputs.dashboardName,
    dashboardArn: globalArn("cloudwatch", `dashboard/${inputs.dashboardName}`),
  }),
  "aws:cloudwatch/eventBus:EventBus": (_, inputs) => named(inputs, arn("events", `event-bus/${inputs.name}`)),
  "aws:cloudwatch/eventBusPolicy:EventBusPolicy": (_, inputs) => ({ id: inputs.eventBusName ?? "default" }),
  "aws:cloudwatch/eventRule:EventRule": (name, inputs) => {
    const given = inputs.name ?? name;
    const bus = inputs.eventBusName ?? "default";
    return { id: given, name: given, arn: arn("events", `rule/${bus === "default" ? "" : `${bus}/`}${given}`) };
  },
  "aws:cloudwatch/logGroup:LogGroup": (_, inputs) => named(inputs, arn("logs", `log-group:${inputs.name}`)),
  "aws:cloudwatch/metricAlarm:MetricAlarm": (name, inputs) => {
    const given = inputs.name ?? name;
    return { id: given, name: given, arn: arn("cloudwatch", `alarm:${given}`) };
  },
  "aws:codebuild/project:Project": (name, inputs) => {
    const given = inputs.name ?? name;
    return { id: arn("codebuild", `project/${given}`), name: given, arn: arn("codebuild", `project/${given}`) };
  },
  "aws:dynamodb/table:Table": (_, inputs) => ({
    ...named(inputs, arn("dynamodb", `table/${inputs.name}`)),
    ...(inputs.streamEnabled === true && {
      streamArn: arn("dynamodb", `table/${inputs.name}/stream/2020-01-01T00:00:00.000`),
    }),
  }),
  "aws:iam/policy:Policy": (name, inputs) => {
    const given = inputs.name ?? name;
    return { id: globalArn("iam", `policy/${given}`), name: given, arn: globalArn("iam", `policy/${given}`) };
  },
  "aws:iam/role:Role": (name, inputs) => {
    const given = inputs.name ?? name;
    return { id: given, name: given, arn: globalArn("iam", `role/${given}`) };
  },
  "aws:kms/alias:Alias": (_, inputs) => ({ id: inputs.name, arn: arn("kms", String(inputs.name)) }),
  "aws:kms/key:Key": (name) => {
    const keyId = hash(name, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    return { id: keyId, keyId, arn: arn("kms", `key/${keyId}`) };
  },
  "aws:lambda/eventSourceMapping:EventSourceMapping": (name) => ({ id: hash(name, 32), uuid: hash(name, 32) }),
  "aws:lambda/function:Function": (_, inputs) => {
    const functionArn = arn("lambda", `function:${inputs.name}`);
    const invocations = (path: string) => `arn:aws:apigateway:${region}:lambda:path/${path}/functions/${functionArn}`;
    return {
      ...named(inputs, functionArn),
      version: "1",
      qualifiedArn: `${functionArn}:1`,
      invokeArn: `${invocations("2015-03-31")}/invocations`,
      responseStreamingInvokeArn: `${invocations("2021-11-15")}/response-streaming-invocations`,
      lastModified: "2020-01-01",
    };
  },
  "aws:lambda/functionUrl:FunctionUrl": (name) => ({
    functionUrl: `https://${hash(name, 32)}.lambda-url.${region}.on.aws/`,
  }),
  "aws:s3/bucket:Bucket": (name, inputs) => {
    const bucket = inputs.bucket ?? name;
    return {
      id: bucket,
      bucket,
      arn: `arn:aws:s3:::${bucket}`,
      bucketDomainName: `${bucket}.s3.amazonaws.com`,
      bucketRegionalDomainName: `${bucket}.s3.${region}.amazonaws.com`,
    };
  },
  "aws:s3/bucketObjectv2:BucketObjectv2": (name, inputs) => ({
    id: inputs.key,
    arn: `arn:aws:s3:::${inputs.bucket}/${inputs.key}`,
    versionId: hash(name + inputs.key, 32),
  }),
  "aws:scheduler/schedule:Schedule": (_, inputs) => ({ arn: arn("scheduler", `schedule/default/${inputs.name}`) }),
  "aws:secretsmanager/secret:Secret": (name, inputs) => {
    const given = inputs.name ?? name;
    const secret = arn("secretsmanager", `secret:${given}-${hash(name, 6)}`); // AWS adds six letters to the name.
    return { id: secret, name: given, arn: secret };
  },
  "aws:secretsmanager/secretVersion:SecretVersion": (name, inputs) => ({
    id: `${inputs.secretId}|${hash(name, 32)}`,
    arn: inputs.secretId,
    versionId: hash(name, 32),
  }),
  "aws:sns/topic:Topic": (name, inputs) => {
    const topic = arn("sns", String(inputs.name ?? name));
    return { id: topic, name: inputs.name ?? name, arn: topic };
  },
  "aws:sqs/queue:Queue": (_, inputs) => {
    const url = `https://sqs.${region}.amazonaws.com/${account}/${inputs.name}`;
    return { id: url, url, arn: arn("sqs", String(inputs.name)) };
  },
  "aws:ssm/parameter:Parameter": (_, inputs) =>
    named(inputs, arn("ssm", `parameter/${String(inputs.name).replace(/^\//, "")}`)),
  "random:index/randomBytes:RandomBytes": (name) => {
    const bytes = createHash("sha256").update(name).digest();
    return { base64: bytes.toString("base64"), hex: bytes.toString("hex") };
  },
};

function named(inputs: Inputs, resourceArn: string): Attributes {
  return { id: inputs.name, arn: resourceArn };
}

function arn(service: string, resource: string): string {
  return `arn:aws:${service}:${region}:${account}:${resource}`;
}

function globalArn(service: string, resource: string): string {
  return `arn:aws:${service}::${account}:${resource}`;
}

function hash(text: string, length: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}
