import { accessDenied, type Refusal } from "./refusal.ts";
import { callerArn, type Session } from "./sessions.ts";

const READING = /^(Describe|Get|List|Head|BatchGet|Lookup|Search)/;
const READER = /(^|-)(plan|check)(-|$)/;

/**
 * The coarse judgement of calls in target accounts, where no IAM engine runs: a role for plans or checks (by its name)
 * may only read. Roles of other names and owners may do everything there.
 */
export function refusedToReader(caller: Session, service: string, action: string): Refusal | undefined {
  if (!caller.role || !READER.test(caller.role) || service === "sts" || READING.test(action)) return undefined;
  const what = `${service}:${action}`;
  return accessDenied(callerArn(caller), what, "*", `no identity-based policy allows the ${what} action`);
}
