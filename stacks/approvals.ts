import { grantKey } from "./keys.ts";
import { mayPublish } from "./service-function.ts";
import { ownItems, servicePath } from "./service-path.ts";
import { directory } from "./storage.ts";

/** Opens gates, judges decisions, signs grants. The only one that may sign. */
export function approvals() {
  const service = "approvals";
  servicePath(service, {
    environment: { DIRECTORY_BUCKET: directory.name, GRANT_KEY_ARN: grantKey.arn },
    grants: [
      ...mayPublish(service),
      ownItems(service),
      { actions: ["s3:GetObject"], resources: [$interpolate`${directory.arn}/directory.json`] },
      { actions: ["kms:Sign"], resources: [grantKey.arn] },
    ],
  });
}
