import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { TargetHandler } from "../front/front.ts";
import type { Host } from "./fleet.ts";
import { invalid, said } from "./session-manager.ts";

/** One line `type base64 comment`: a line feed would begin a second key that does not expire. */
const PUBLIC_KEY = /^(ssh-(ed25519|rsa)|ecdsa-sha2-nistp\d+) [A-Za-z0-9+/]+=*( [^\r\n]*)?\s*$/;
const Push = z.looseObject({
  InstanceId: z.string().regex(/^i-[a-f0-9]{8,}$/),
  /** It names a file here: no slash, no dot. */
  InstanceOSUser: z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,31}$/),
  SSHPublicKey: z.string().min(80).max(4096).regex(PUBLIC_KEY),
});

/** EC2 Instance Connect: a key that works for one user of one instance, for as long as a minute. */
export function instanceConnect(deps: {
  find(account: string, instanceId: string): Promise<Host | undefined>;
}): Readonly<Record<string, TargetHandler>> {
  return {
    async SendSSHPublicKey({ body, caller }) {
      const asked = Push.safeParse(body);
      if (!asked.success) return invalid("InvalidArgsException", z.prettifyError(asked.error));
      const { InstanceId, InstanceOSUser, SSHPublicKey } = asked.data;
      const host = await deps.find(caller.account, InstanceId);
      if (!host) return invalid("EC2InstanceNotFoundException", "The specified instance was not found.");
      if (host.state === "stopped")
        return invalid(
          "EC2InstanceStateInvalidException",
          "Unable to connect because the instance is not in a valid state.",
        );
      await host.keys.push(InstanceOSUser, SSHPublicKey);
      return said({ RequestId: randomUUID(), Success: true });
    },
  };
}
