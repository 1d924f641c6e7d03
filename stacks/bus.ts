import { services } from "@sluice/events";
import { named } from "./names.ts";
import { partners } from "./partners.ts";
import { account } from "./place.ts";

export const bus = new sst.aws.Bus("Bus", { transform: { bus: { name: named("events") } } });

const role = (service: string) => $interpolate`arn:aws:iam::${account}:role/${named(service)}-*`;

/**
 * A source is who somebody says they are, so the bus says who may say it: each service's roles their own source, each partner's account its own.
 * A deny, because an allow in somebody's identity policy would be enough to publish within the account. One entry of a call that may not be put denies the
 * call, and a partner's passes only if all its entries may be put.
 */
export const busPolicy = new aws.cloudwatch.EventBusPolicy("BusPolicy", {
  eventBusName: bus.name,
  policy: $jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "NobodyElseSpeaksForSluice",
        Effect: "Deny",
        Principal: "*",
        Action: "events:PutEvents",
        Resource: bus.arn,
        Condition: {
          "ForAnyValue:StringLike": { "events:source": "sluice.*" },
          ArnNotLike: { "aws:PrincipalArn": $interpolate`arn:aws:iam::${account}:role/${named("*")}` },
        },
      },
      ...services.map((service) => ({
        Sid: `Only${service}`,
        Effect: "Deny",
        Principal: "*",
        Action: "events:PutEvents",
        Resource: bus.arn,
        Condition: {
          "ForAnyValue:StringEquals": { "events:source": `sluice.${service}` },
          ArnNotLike: { "aws:PrincipalArn": role(service) },
        },
      })),
      ...partners.map((partner) => ({
        Sid: `Partner${partner.account}`,
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${partner.account}:root` },
        Action: "events:PutEvents",
        Resource: bus.arn,
        Condition: {
          "ForAllValues:StringEquals": { "events:source": partner.source, "events:detail-type": "request.proposed.v1" },
          Null: { "events:source": "false", "events:detail-type": "false" },
        },
      })),
    ],
  }),
});
