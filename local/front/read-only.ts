import { accessDenied, type Refusal } from "./refusal.ts";
import { callerArn, type Session } from "./sessions.ts";

const READING = /^(Describe|Get|List|Head|BatchGet|Lookup|Search)/;
const READER = /(^|-)(plan|check)(-|$)/;
/** Checks also look at hosts from inside. */
const CHECKER = /(^|-)check(-|$)/;
const TUNNELLING = [
  "ec2-instance-connect:SendSSHPublicKey",
  "ssm:StartSession",
  "ssm:ResumeSession",
  "ssm:TerminateSession",
];

/**
 * The coarse judgement of calls in target accounts, where no IAM engine runs: a role for plans or checks (by its name)
 * may only read, and one for checks may open a tunnel to a host. Roles of other names and owners may do everything there.
 */
export function refusedToReader(caller: Session, service: string, action: string): Refusal | undefined {
  if (!caller.role || !READER.test(caller.role) || service === "sts" || READING.test(action)) return undefined;
  const what = `${service}:${action}`;
  if (CHECKER.test(caller.role) && TUNNELLING.includes(what)) return undefined;
  return accessDenied(callerArn(caller), what, "*", `no identity-based policy allows the ${what} action`);
}
