import { z } from "zod";
import type { Answer, Refusal, TargetCall, TargetHandler } from "../front/front.ts";
import type { Host } from "./fleet.ts";
import type { Tunnels } from "./tunnels.ts";

const SSH_DOCUMENT = "AWS-StartSSHSession";
const Start = z.looseObject({
  Target: z.string(),
  DocumentName: z.string().optional(),
  Parameters: z.record(z.string(), z.array(z.string())).optional(),
});
const OneSession = z.looseObject({ SessionId: z.string() });
const Filters = z.looseObject({
  Filters: z.array(z.object({ Key: z.string(), Values: z.array(z.string()).min(1) })).optional(),
  InstanceInformationFilterList: z
    .array(z.object({ key: z.string(), valueSet: z.array(z.string()).min(1) }))
    .optional(),
});

/** Systems Manager as far as a tunnel needs it. An instance registers when it has booted; until then AWS knows none. */
export function sessionManager(deps: {
  /** Looks again at the account when it knows no such instance. */
  find(account: string, instanceId: string): Promise<Host | undefined>;
  all(): readonly Host[];
  tunnels: Tunnels;
}): Readonly<Record<string, TargetHandler>> {
  return {
    async StartSession({ body, caller }) {
      const asked = Start.safeParse(body);
      if (!asked.success) return invalid("ValidationException", z.prettifyError(asked.error));
      const { Target, DocumentName = "", Parameters = {} } = asked.data;
      if (DocumentName !== SSH_DOCUMENT)
        return invalid("InvalidDocument", `Document with name ${DocumentName} does not exist.`);
      const ports = Parameters.portNumber ?? ["22"];
      if (ports.length !== 1 || ports[0] !== "22") return invalid("ValidationException", "Only portNumber 22 is known");

      const host = await deps.find(caller.account, Target);
      if (host?.state !== "online") return invalid("TargetNotConnected", `${Target} is not connected.`);
      return said(
        deps.tunnels.open({ account: caller.account, session: caller.name ?? "owner" }, () => host.connect()),
      );
    },

    async TerminateSession({ body, caller }) {
      const asked = OneSession.safeParse(body);
      if (!asked.success) return invalid("ValidationException", z.prettifyError(asked.error));
      const { SessionId } = asked.data;
      if (deps.tunnels.terminate(caller.account, SessionId)) return said({ SessionId });
      return invalid("DoesNotExistException", `Session ${SessionId} does not exist.`);
    },

    DescribeInstanceInformation: async (call) => describeInstances(call, deps.all()),
  };
}

function describeInstances({ body, caller }: TargetCall, hosts: readonly Host[]): Answer | Refusal {
  const asked = Filters.safeParse(body ?? {});
  if (!asked.success) return invalid("ValidationException", z.prettifyError(asked.error));
  const filters = [
    ...(asked.data.Filters ?? []),
    ...(asked.data.InstanceInformationFilterList ?? []).map(({ key, valueSet }) => ({ Key: key, Values: valueSet })),
  ];
  const unknown = filters.find(({ Key }) => Key !== "InstanceIds" && Key !== "PingStatus");
  if (unknown) return invalid("InvalidFilterKey", `The filter ${unknown.Key} is not known here`);

  const InstanceInformationList = hosts
    .filter(({ account, state }) => account === caller.account && (state === "online" || state === "stopped"))
    .map(({ instanceId, state }) => ({
      InstanceId: instanceId,
      PingStatus: state === "online" ? "Online" : "ConnectionLost",
      LastPingDateTime: Date.now() / 1000,
      PlatformType: "Linux",
      PlatformName: "Debian GNU/Linux",
      PlatformVersion: "12",
      ResourceType: "EC2Instance",
      ComputerName: instanceId,
    }))
    .filter((each) =>
      filters.every(({ Key, Values }) => Values.includes(Key === "InstanceIds" ? each.InstanceId : each.PingStatus)),
    );
  return said({ InstanceInformationList });
}

export function said(value: unknown): Answer {
  return { status: 200, headers: { "content-type": "application/x-amz-json-1.1" }, body: JSON.stringify(value) };
}

export function invalid(code: string, message: string): Refusal {
  return { code, message, status: 400 };
}
