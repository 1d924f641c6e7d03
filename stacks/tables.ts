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

export const tables = {
  intake: table("Requests", "intake"),
  provisioner: table("Provisioning", "provisioner"),
  approvals: table("Approvals", "approvals"),
  notifier: table("Notifications", "notifier"),
  compliance: table("Compliance", "compliance"),
} satisfies Record<Service, sst.aws.Dynamo>;
