import { named } from "./names.ts";
import { account } from "./place.ts";

const rootOf = $interpolate`arn:aws:iam::${account}:root`;

/** Signs grants. Only approvals may: the deny holds against every administrator's identity policy too. */
export const grantKey = new aws.kms.Key(
  "GrantKey",
  {
    description: "Signs the grants of Sluice's approvals",
    keyUsage: "SIGN_VERIFY",
    customerMasterKeySpec: "ECC_NIST_P256",
    deletionWindowInDays: 30,
    policy: $jsonStringify({
      Version: "2012-10-17",
      Statement: [
        { Sid: "Administration", Effect: "Allow", Principal: { AWS: rootOf }, Action: "kms:*", Resource: "*" },
        {
          Sid: "OnlyApprovalsSign",
          Effect: "Deny",
          Principal: "*",
          Action: "kms:Sign",
          Resource: "*",
          Condition: {
            ArnNotEquals: {
              "aws:PrincipalArn": $interpolate`arn:aws:iam::${account}:role/${named("approvals", "queue")}`,
            },
          },
        },
      ],
    }),
  },
  { retainOnDelete: true },
);
