import { grantKey } from "./keys.ts";
import { mayPublish } from "./service-function.ts";
import { ownItems, servicePath } from "./service-path.ts";
import { directory } from "./storage.ts";
import { tables } from "./tables.ts";

/** Opens gates, judges decisions, signs grants. The only one that may sign. */
export function approvals() {
  const service = "approvals";
  servicePath(service, {
    environment: { DIRECTORY_BUCKET: directory.name, GRANT_KEY_ARN: grantKey.arn },
    grants: [
      ...mayPublish(service),
      ownItems(service),
      // A decision is kept only while its request is open.
      { actions: ["dynamodb:ConditionCheckItem"], resources: [tables[service].arn] },
      { actions: ["s3:GetObject"], resources: [$interpolate`${directory.arn}/directory.json`] },
      { actions: ["kms:Sign"], resources: [grantKey.arn] },
    ],
  });
}
