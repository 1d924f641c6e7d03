import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRolePolicyCommand,
  type IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
} from "@aws-sdk/client-iam";
import { type Answer, readAnswer, withBody } from "../front/answer.ts";
import { type HandledCall, type Refusal, refusal, type Session } from "../front/front.ts";
import { type Context, covers, isAllowed, type Statement, statementsOf } from "../front/policy.ts";

/** What MiniStack answers once it has accepted the signature, whatever it then thinks of the call itself. */
const AUTHENTICATED = /AccessDenied|ResourceNotFound|InvalidInput|AccountLimitExceeded/;

/**
 * Whether MiniStack accepts the signature of a call: nothing, or what it answers instead. It knows neither CodeBuild's
 * condition keys nor the project behind a build id, so what the caller *may* do is `refusedByPolicy`.
 */
export async function refusedBySignature(call: HandledCall): Promise<Answer | undefined> {
  const answer = await call.askMiniStack();
  const text = (await readAnswer(answer)).toString();
  return answer.status === 200 || AUTHENTICATED.test(text) ? undefined : withBody(answer, text);
}

/**
 * Judges a call by the policies of the caller's role, as they are in the account now. Not judged: permissions boundaries
 * and session policies. The root may do everything.
 */
export async function refusedByPolicy(
  iam: IAMClient,
  caller: Session,
  { action, resources, context }: { action: string; resources: readonly string[]; context: Context },
): Promise<Refusal | undefined> {
  if (!caller.role) return undefined;
  const statements = await statementsOfRole(iam, caller.role);
  const refusedOne = resources.find(
    (resource) => !isAllowed(statements, (statement) => covers(statement, action, resource), context),
  );
  return refusedOne === undefined ? undefined : refusal(caller, action, refusedOne);
}

async function statementsOfRole(iam: IAMClient, RoleName: string): Promise<readonly Statement[]> {
  const [inline, attached] = await Promise.all([inlinePolicies(iam, RoleName), attachedPolicies(iam, RoleName)]);
  return [...inline, ...attached].flatMap((text) => statementsOf(decodeURIComponent(text)));
}

async function inlinePolicies(iam: IAMClient, RoleName: string): Promise<string[]> {
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  const policies = PolicyNames.map((PolicyName) => iam.send(new GetRolePolicyCommand({ RoleName, PolicyName })));
  return (await Promise.all(policies)).map(({ PolicyDocument = "" }) => PolicyDocument);
}

async function attachedPolicies(iam: IAMClient, RoleName: string): Promise<string[]> {
  const { AttachedPolicies = [] } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
  return Promise.all(
    AttachedPolicies.map(async ({ PolicyArn }) => {
      const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
      const version = { PolicyArn, VersionId: Policy?.DefaultVersionId };
      const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand(version));
      return PolicyVersion?.Document ?? "";
    }),
  );
}
