import { type Answer, readAnswer, withBody } from "./answer.ts";
import type { Arrived } from "./call.ts";
import type { Forwarder } from "./forwarder.ts";
import { accessDenied, type Refusal } from "./refusal.ts";
import { callerArn, parseRoleArn, type Session, type Sessions } from "./sessions.ts";
import { refusedByTrust } from "./trust.ts";

/** STS: a role assumed by a role lasts at most an hour. */
const CHAINED_SECONDS = 3600;

/** The account that a role is assumed in, or nothing when the call is no AssumeRole or names no role. */
export function accountOfRole({ service, action, form }: Arrived): string | undefined {
  if (service !== "sts" || action !== "AssumeRole") return undefined;
  return parseRoleArn(form?.get("RoleArn") ?? "")?.account;
}

export interface AssumeRoleDeps {
  forwarder: Forwarder;
  sessions: Sessions;
  sluice: { account: string; url: string };
  targets: { accounts: readonly string[]; url: string };
}

/**
 * Answers AssumeRole. For a role of Sluice's account MiniStack judges and issues. For a target's role MiniStack is asked
 * for the caller's side (signature and own policies, when the caller is of Sluice's account), moto's role for its trust
 * policy, and moto issues. The keys handed out are remembered.
 */
export async function assumeRole(
  deps: AssumeRoleDeps,
  arrived: Arrived,
  caller: Session,
  signal: AbortSignal,
): Promise<Answer | Refusal> {
  const roleArn = arrived.form?.get("RoleArn") ?? "";
  const sessionName = arrived.form?.get("RoleSessionName") ?? "";
  const to = parseRoleArn(roleArn);
  const refused = (reason: string) => accessDenied(callerArn(caller), "sts:AssumeRole", roleArn, reason);
  if (!to) return { code: "ValidationError", message: `${roleArn} is no role's ARN`, status: 400 };
  const seconds = Number(arrived.form?.get("DurationSeconds") ?? CHAINED_SECONDS);
  if (caller.kind === "role" && seconds > CHAINED_SECONDS) return tooLongChain;

  const inSluice = to.account === deps.sluice.account;
  if (inSluice && caller.account !== deps.sluice.account) return refused("no role of that account trusts others");
  if (!inSluice) {
    if (!deps.targets.accounts.includes(to.account)) return refused("there is no such account");
    const own = await refusedByCallersSide(deps, arrived, caller, signal);
    if (own) return own;
    const trustPolicy = await trustPolicyOf(deps, arrived, to);
    if (trustPolicy === undefined) return refused("there is no such role");
    const action = refusedByTrust(trustPolicy, caller, arrived.form ?? new URLSearchParams());
    if (action) return accessDenied(callerArn(caller), action, roleArn, "the role's trust policy does not allow it");
  }

  const answer = await deps.forwarder.forward(inSluice ? deps.sluice.url : deps.targets.url, arrived.request, {
    bytes: arrived.bytes,
    signal,
    ...(!inSluice && { headers: { "x-moto-account-id": to.account } }),
  });
  const text = (await readAnswer(answer)).toString();
  const accessKeyId = text.match(/<AccessKeyId>([^<]+)</)?.[1];
  const token = text.match(/<SessionToken>([^<]+)</)?.[1];
  if (answer.status === 200 && accessKeyId && token)
    deps.sessions.remember(accessKeyId, {
      ...to,
      kind: "role",
      roleArn,
      name: sessionName,
      origin: caller.origin ?? sessionName,
      token: unescaped(token),
      expiresAt: Date.now() + seconds * 1000,
    });
  return withBody(answer, text);
}

const tooLongChain: Refusal = {
  code: "ValidationError",
  message: "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
  status: 400,
};

/**
 * MiniStack checks the signature and the caller's own policies, then finds no such role: with these words. Anything else
 * it says is a refusal of the caller's.
 */
const ONLY_THE_ROLE_IS_MISSING = /<Code>AccessDenied<.*User: is not authorized to perform: sts:AssumeRole/s;

async function refusedByCallersSide(
  { forwarder, sluice }: AssumeRoleDeps,
  { request, bytes }: Arrived,
  caller: Session,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  if (caller.account !== sluice.account) return undefined;
  const answer = await forwarder.forward(sluice.url, request, { bytes, signal });
  const text = (await readAnswer(answer)).toString();
  return ONLY_THE_ROLE_IS_MISSING.test(text) ? undefined : withBody(answer, text);
}

async function trustPolicyOf(
  { forwarder, targets }: AssumeRoleDeps,
  { request }: Arrived,
  { account, role }: { account: string; role: string },
): Promise<string | undefined> {
  const form = new URLSearchParams({ Action: "GetRole", RoleName: role, Version: "2010-05-08" }).toString();
  const answer = await forwarder.forward(targets.url, request, {
    path: "/",
    bytes: Buffer.from(form),
    headers: {
      "x-moto-account-id": account,
      "content-length": String(Buffer.byteLength(form)),
      authorization: "AWS4-HMAC-SHA256 Credential=FRONT/20260101/us-east-1/iam/aws4_request, Signature=0",
    },
  });
  const text = (await readAnswer(answer)).toString();
  const policy = unescaped(text.match(/<AssumeRolePolicyDocument>([^<]*)</)?.[1] ?? "");
  if (!policy) return undefined;
  return policy.startsWith("%7B") ? decodeURIComponent(policy) : policy;
}

function unescaped(text: string): string {
  return text.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
