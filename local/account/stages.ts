/**
 * What is created after what. Inside a stage the order does not matter; a later one may name what an earlier one made, as
 * its real id.
 */
export const STAGES: readonly (readonly string[])[] = [
  ["aws:kms/key:Key"],
  ["aws:secretsmanager/secret:Secret"],
  [
    "aws:kms/alias:Alias",
    "aws:secretsmanager/secretVersion:SecretVersion",
    "aws:cloudwatch/eventBus:EventBus",
    "aws:dynamodb/table:Table",
    "aws:iam/role:Role",
    "aws:s3/bucket:Bucket",
    "aws:sqs/queue:Queue",
  ],
  [
    "aws:cloudwatch/eventRule:EventRule",
    "aws:codebuild/project:Project",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:sqs/queuePolicy:QueuePolicy",
  ],
  [
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
    "aws:cloudwatch/eventTarget:EventTarget",
    "aws:s3/bucketObjectv2:BucketObjectv2",
    "aws:s3/bucketPolicy:BucketPolicy",
  ],
];

/**
 * Types that the emulator does not get: the Lambda host and the front do their work, or nothing here looks at them and the
 * wiring tests hold them.
 */
export const ELSEWHERE: ReadonlySet<string> = new Set([
  "aws:apigatewayv2/api:Api",
  "aws:apigatewayv2/integration:Integration",
  "aws:apigatewayv2/route:Route",
  "aws:apigatewayv2/stage:Stage",
  "aws:cloudwatch/dashboard:Dashboard",
  "aws:cloudwatch/logGroup:LogGroup",
  "aws:cloudwatch/metricAlarm:MetricAlarm",
  "aws:lambda/eventSourceMapping:EventSourceMapping",
  "aws:lambda/function:Function",
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
  "aws:lambda/permission:Permission",
  "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
  "aws:sns/topic:Topic", // Only alarms send to it.
  "aws:sns/topicPolicy:TopicPolicy",
  "aws:sns/topicSubscription:TopicSubscription",
  "random:index/randomBytes:RandomBytes",
]);
