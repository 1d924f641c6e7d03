import { type Context, covers, isAllowed, type Statement, statementsOf } from "./policy.ts";
import { principalArn, type Session } from "./sessions.ts";

/**
 * Whether a role's trust policy lets a caller assume it, as AWS judges it; moto hands out keys to anybody. Says which
 * action it refuses, or nothing. `sts:TagSession` is judged when tags are passed.
 */
export function refusedByTrust(trustPolicy: string, caller: Session, form: URLSearchParams): string | undefined {
  const context = contextOf(caller, form);
  const statements = statementsOf(trustPolicy);
  const allows = (action: string) =>
    isAllowed(statements, (statement) => covers(statement, action) && names(statement, caller), context);

  if (!allows("sts:AssumeRole")) return "sts:AssumeRole";
  if (form.has("Tags.member.1.Key") && !allows("sts:TagSession")) return "sts:TagSession";
  return undefined;
}

/** An account's ARN or number stands for everybody in it, a role's ARN for its sessions. */
function names({ Principal }: Statement, caller: Session): boolean {
  if (Principal === "*") return true;
  const everybody = ["*", caller.account, `arn:aws:iam::${caller.account}:root`];
  return [Principal?.AWS ?? []].flat().some((each) => everybody.includes(each) || each === principalArn(caller));
}

function contextOf(caller: Session, form: URLSearchParams): Context {
  const context = new Map<string, string | string[]>([
    ["aws:principalarn", principalArn(caller)],
    ["aws:principalaccount", caller.account],
  ]);
  const given = (key: string, parameter: string) => {
    const value = form.get(parameter);
    if (value !== null) context.set(key, value);
  };
  given("sts:externalid", "ExternalId");
  given("sts:rolesessionname", "RoleSessionName");

  const tagKeys: string[] = [];
  for (let n = 1; form.has(`Tags.member.${n}.Key`); n += 1) {
    const key = form.get(`Tags.member.${n}.Key`) ?? "";
    tagKeys.push(key);
    context.set(`aws:requesttag/${key}`.toLowerCase(), form.get(`Tags.member.${n}.Value`) ?? "");
  }
  if (tagKeys.length) context.set("aws:tagkeys", tagKeys);
  return context;
}
