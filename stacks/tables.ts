import type { Service } from "@sluice/events";
import { named } from "./names.ts";

/** A service's own table. Nobody else reads or writes it. */
function table(name: string, service: Service) {
  return new sst.aws.Dynamo(name, {
    fields: { pk: "string", sk: "string", dueShard: "string", dueAt: "number" },
    primaryIndex: { hashKey: "pk", rangeKey: "sk" },
    globalIndexes: { due: { hashKey: "dueShard", rangeKey: "dueAt" } },
    ttl: "expiresAt",
    deletionProtection: true,
    transform: {
      table: (args, opts) => {
        args.name = named(service);
        opts.retainOnDelete = true;
      },
    },
  });
}

/**
 * In which all lies that the builds of an owner's projects may write. It has no index, so nothing that a build writes is ever due, and it holds no request: on the
 * table above a build has no right at all.
 */
function buildsTable(name: string, service: JobOwner) {
  return new sst.aws.Dynamo(name, {
    fields: { pk: "string", sk: "string" },
    primaryIndex: { hashKey: "pk", rangeKey: "sk" },
    deletionProtection: true,
    transform: {
      table: (args, opts) => {
        args.name = named(service, "builds");
        opts.retainOnDelete = true;
      },
    },
  });
}

export const tables = {
  intake: table("Requests", "intake"),
  provisioner: table("Provisioning", "provisioner"),
  approvals: table("Approvals", "approvals"),
  notifier: table("Notifications", "notifier"),
  compliance: table("Compliance", "compliance"),
} satisfies Record<Service, sst.aws.Dynamo>;

/** Services whose steps are done by builds. */
export type JobOwner = "provisioner" | "compliance";

export const buildsTables = {
  provisioner: buildsTable("ProvisioningBuilds", "provisioner"),
  compliance: buildsTable("ComplianceBuilds", "compliance"),
} satisfies Record<JobOwner, sst.aws.Dynamo>;
