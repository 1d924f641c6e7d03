import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import type { Credentials, Front } from "../front.ts";
import { REGION, SLUICE } from "./start-emulators.ts";

/** A client's configuration with these credentials, without repetitions, so that a test sees every answer. */
export function as(front: Front, credentials: Credentials) {
  return { region: REGION, endpoint: front.url, credentials, maxAttempts: 1 };
}

/** Makes a role in Sluice's account that its root may assume, and answers its ARN. */
export async function makeRole(front: Front, RoleName: string, statements: readonly object[] = []): Promise<string> {
  const iam = new IAMClient(as(front, front.rootCredentials));
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: policy([trust(`${SLUICE}:root`)]) }));
  if (statements.length)
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "rights", PolicyDocument: policy(statements) }));
  return `arn:aws:iam::${SLUICE}:role/${RoleName}`;
}

/** Makes a role in a target account, as its owner, with this trust policy. */
export async function makeTargetRole(front: Front, account: string, RoleName: string, statements: readonly object[]) {
  const iam = new IAMClient(as(front, front.ownerCredentials(account)));
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: policy(statements) }));
  return `arn:aws:iam::${account}:role/${RoleName}`;
}

export function trust(principal: string, others: object = {}) {
  return { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${principal}` }, Action: "sts:AssumeRole", ...others };
}

export function policy(statements: readonly object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

/** Name and message of what a call was refused with. @throws when it was not. */
export async function refusalOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (cause) {
    if (cause instanceof Error) return `${cause.name}: ${cause.message}`;
    throw cause;
  }
  throw new Error("The call was not refused");
}
