import { type PolicyDocument, policyJson } from "./policy-document.ts";
import { PLACE } from "./synth.ts";

/**
 * Answers what a stack asks AWS about, by Pulumi's token.
 *
 * @throws for a question that has no answer here.
 */
export function answerDataSource(token: string, inputs: Record<string, unknown>): Record<string, unknown> {
  const { region, account } = PLACE;
  switch (token) {
    case "aws:index/getRegion:getRegion":
      return { id: region, region, name: region, description: region, endpoint: "" };
    case "aws:index/getPartition:getPartition":
      return { id: "aws", partition: "aws", dnsSuffix: "amazonaws.com", reverseDnsPrefix: "com.amazonaws" };
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { id: account, accountId: account, arn: `arn:aws:iam::${account}:root`, userId: account };
    case "aws:iam/getPolicyDocument:getPolicyDocument":
      return policyDocument(inputs);
    default:
      throw unanswered(`The synth cannot answer ${token}: describe it in local/synth/data-sources.ts`);
  }
}

/** SST reads both the statements, which must be absent when there are none, and the JSON made from them. */
function policyDocument(inputs: PolicyDocument & Record<string, unknown>): Record<string, unknown> {
  const json = policyJson(inputs);
  const statements = inputs.statements?.length ? inputs.statements : undefined;
  return { id: "doc", ...inputs, statements, json, minifiedJson: json };
}

/** Pulumi takes the message from `details`, as gRPC errors have it. */
function unanswered(message: string): Error {
  return Object.assign(new Error(message), { details: message });
}
