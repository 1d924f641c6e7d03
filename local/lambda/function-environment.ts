import { dirname } from "node:path";
import type { HostedFunction } from "./host-plan.ts";

/** The whole environment of a worker, and nothing of the host's but the path: what Lambda sets, then the function's own variables. */
export function functionEnvironment(
  fn: HostedFunction,
  cloud: { region: string; endpoint: string; variables: Record<string, string>; credentials: Record<string, string> },
): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "",
    TZ: ":UTC",
    LANG: "en_US.UTF-8",
    AWS_REGION: cloud.region,
    AWS_DEFAULT_REGION: cloud.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${fn.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${fn.name}`,
    LAMBDA_TASK_ROOT: dirname(fn.bundle),
    _HANDLER: fn.handler,
    ...fn.variables,
    ...cloud.variables,
    ...cloud.credentials,
    AWS_ENDPOINT_URL: cloud.endpoint,
  };
}
