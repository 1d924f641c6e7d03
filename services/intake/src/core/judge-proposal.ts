import {
  type Blueprint,
  blueprintOf,
  type EnvironmentTable,
  isApprovedByPeople,
  workspaceOf,
} from "@sluice/blueprints";
import { type Directory, mayAsk } from "@sluice/directory";
import {
  EnvironmentName,
  type Itinerary,
  type ObjectRef,
  Parameters,
  type PrincipalId,
  type RequestId,
} from "@sluice/events";
import { cut, isBlank, quoted, visibleText } from "@sluice/text";

/** What somebody asks for, whoever brought it. */
export type Proposal = Readonly<{
  request: RequestId;
  blueprint: string;
  environment: string;
  reason?: string | undefined;
  parameters: Parameters;
}>;

/** Who asks. Another system names the person whom it is for where people approve: nobody may approve their own, and it is nobody. */
export type Asker = Readonly<{ requester: PrincipalId; onBehalfOf?: PrincipalId | undefined; isPartner: boolean }>;

/** A refusal of a proposal; `field` is the form's, where it is about one. */
export type ProposalRefusal = Readonly<{ code: string; sentence: string; field?: string }>;

/** What a proposal is judged by. */
export type Judging = Readonly<{
  directory: Directory | undefined;
  environments: EnvironmentTable;
  code: ObjectRef;
}>;

/** A slip carries its itinerary in every event: 3 KB of the 16 KB that one may have. */
export const MAX_ITINERARY_BYTES = 3 * 1_024;

/**
 * Makes a proposal an itinerary, or says why it is none. The asker is known and active already; what they may is judged here, now.
 * Everything of it is data: a value is parsed by the blueprint's schema and is never read as anything else.
 */
export function judgeProposal(
  proposal: Proposal,
  asker: Asker,
  askedAt: number,
  { directory, environments, code }: Judging,
): Itinerary | ProposalRefusal {
  const blueprint = blueprintOf(proposal.blueprint);
  if (!blueprint)
    return refusal("unknown_blueprint", `There is no blueprint ${quoted(proposal.blueprint, 40)}.`, "blueprint");
  const environment = offered(blueprint, environments, proposal.environment);
  if (!environment)
    return refusal(
      "environment_not_offered",
      `${blueprint.title} is not offered in ${quoted(proposal.environment, 40)}. ${environmentsInWords(blueprint, environments)}`,
      "environment",
    );
  if (!directory || !mayAsk(directory, asker.requester, blueprint.id, proposal.environment))
    return refusal("may_not_ask", mayNotAskSentence(blueprint, proposal.environment), "environment");
  if (asker.isPartner && !asker.onBehalfOf && isApprovedByPeople(blueprint, proposal.environment))
    return refusal("person_missing", personMissingSentence(proposal.environment), "onBehalfOf");
  const reason = isBlank(proposal.reason ?? "") ? undefined : proposal.reason?.trim();
  if (environment.reasonRequired && !reason)
    return refusal("reason_missing", reasonSentence(proposal.environment), "reason");

  const parameters = blueprint.parameters.safeParse(proposal.parameters);
  if (!parameters.success) return parameterRefusal(blueprint, parameters.error);

  const itinerary: Itinerary = {
    request: proposal.request,
    requester: asker.requester,
    ...(asker.onBehalfOf && { onBehalfOf: asker.onBehalfOf }),
    ...(reason && { reason }),
    blueprint: { id: blueprint.id, version: blueprint.version },
    subject: `${blueprint.title} ${blueprint.subject(parameters.data)}`.trim(),
    environment: EnvironmentName.parse(proposal.environment),
    workspace: workspaceOf(blueprint, parameters.data),
    parameters: Parameters.parse({ ...plainValues(parameters.data), ...blueprint.fixed?.(environment) }),
    steps: [...blueprint.steps],
    code,
    askedAt: new Date(askedAt).toISOString(),
  };
  return bytesOf(itinerary) <= MAX_ITINERARY_BYTES
    ? itinerary
    : refusal(
        "too_big",
        `Together the values are too long: ${bytesOf(itinerary)} of at most ${MAX_ITINERARY_BYTES} bytes.`,
      );
}

/** An environment's facts, if the installation has it and the blueprint offers it. */
export function offered(blueprint: Blueprint, environments: EnvironmentTable, name: string) {
  return blueprint.environments.includes(name) && Object.hasOwn(environments, name) ? environments[name] : undefined;
}

/** What a person without the right is told, at the door and by the consumer. */
export function mayNotAskSentence(blueprint: Blueprint, environment: string): string {
  return `You may not ask for ${blueprint.title.toLowerCase()} in ${environment}.`;
}

/** What a person without a reason is told, at the door and by the consumer. */
export function reasonSentence(environment: string): string {
  return `Say why it is needed: ${environment} wants a reason. Nothing was given.`;
}

function personMissingSentence(environment: string): string {
  return `People approve this in ${environment}, and nobody may approve their own. Send it under a new reference with the person whom it is for in onBehalfOf, such as person_ada.`;
}

/** Where a blueprint can be asked for, as a sentence. */
export function environmentsInWords(blueprint: Blueprint, environments: EnvironmentTable): string {
  const names = blueprint.environments.filter((name) => Object.hasOwn(environments, name));
  return names.length > 0 ? `Use ${names.join(" or ")}.` : "This installation has none of its environments.";
}

export function isRefusal(judged: Itinerary | ProposalRefusal): judged is ProposalRefusal {
  return "sentence" in judged;
}

/** Says what is allowed where the schema says it in words, else what the schema says. */
function parameterRefusal({ parameters }: Blueprint, { issues: [issue] }: SchemaError) {
  const field = String(issue?.path[0] ?? "").slice(0, 40);
  const where = field ? `The value of ${quoted(field, 40)}` : "One of the values";
  const schema: { meta?: () => Record<string, unknown> | undefined } | undefined = Object.hasOwn(
    parameters.shape,
    field,
  )
    ? parameters.shape[field]
    : undefined;
  const allowed = schema?.meta?.()?.allowed ?? cut(visibleText(issue?.message ?? ""), 200);
  return refusal("invalid_parameter", `${where} is not allowed. ${allowed}`, field || undefined);
}

type SchemaError = Readonly<{ issues: readonly Readonly<{ path: readonly PropertyKey[]; message: string }>[] }>;

function refusal(code: string, sentence: string, field?: string): ProposalRefusal {
  return { code, sentence, ...(field && { field }) };
}

/** Optional parameters that were not given are absent, not undefined: an itinerary is JSON. */
function plainValues(parameters: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined));
}

function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}
