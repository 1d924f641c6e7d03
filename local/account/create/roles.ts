import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRolePolicyCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { z } from "zod";
import { type Account, type Creator, creator, noEffectHere, unless } from "./creator.ts";

const Role = z.strictObject({
  name: z.string().optional(),
  assumeRolePolicy: z.string(),
  inlinePolicies: z.array(z.object({ name: z.string(), policy: z.string() })).default([]),
  managedPolicyArns: z.array(z.string()).default([]),
  permissionsBoundary: z.string().optional(),
  maxSessionDuration: z.number().optional(),
  description: noEffectHere,
  tags: noEffectHere,
});

/** Roles with exactly the policies of the stacks. A role that is in use is never without those it keeps. */
export const roles: Record<string, Creator> = {
  "aws:iam/role:Role": creator(Role, async (role, { account, policiesBeside }, resource) => {
    const RoleName = role.name ?? resource.name;
    const trust = role.assumeRolePolicy;
    const created = await unless(["EntityAlreadyExistsException"], () =>
      account.iam.send(
        new CreateRoleCommand({
          RoleName,
          AssumeRolePolicyDocument: trust,
          PermissionsBoundary: role.permissionsBoundary,
          MaxSessionDuration: role.maxSessionDuration,
        }),
      ),
    );
    for (const { name, policy } of role.inlinePolicies)
      await account.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: name, PolicyDocument: policy }));
    for (const PolicyArn of role.managedPolicyArns)
      await account.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
    if (created) return;
    await account.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: trust }));
    await dropOthers(account, RoleName, [...role.inlinePolicies.map(({ name }) => name), ...policiesBeside(RoleName)]);
  }),

  "aws:iam/rolePolicy:RolePolicy": creator(
    z.strictObject({ role: z.string(), name: z.string().optional(), policy: z.string() }),
    ({ role, name, policy }, { account }, resource) =>
      account.iam.send(
        new PutRolePolicyCommand({ RoleName: role, PolicyName: name ?? resource.name, PolicyDocument: policy }),
      ),
  ),
};

async function dropOthers({ iam }: Account, RoleName: string, kept: readonly string[]): Promise<void> {
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  for (const PolicyName of PolicyNames)
    if (!kept.includes(PolicyName)) await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
}
