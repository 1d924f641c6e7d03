interface Statement {
  sid?: string;
  effect?: string;
  actions?: string[];
  notActions?: string[];
  resources?: string[];
  notResources?: string[];
  principals?: { type: string; identifiers: string[] }[];
  conditions?: { test: string; variable: string; values: string[] }[];
}

/** The arguments of Pulumi's `getPolicyDocument`. */
export interface PolicyDocument {
  statements?: Statement[];
  version?: string;
  policyId?: string;
}

/** The policy's JSON text, written as the AWS provider writes it: lists of one become the value. */
export function policyJson({ statements = [], version = "2012-10-17", policyId }: PolicyDocument): string {
  return JSON.stringify({
    Version: version,
    ...(policyId && { Id: policyId }),
    Statement: statements.map(statementJson),
  });
}

function statementJson(statement: Statement): Record<string, unknown> {
  return {
    ...(statement.sid && { Sid: statement.sid }),
    Effect: statement.effect ?? "Allow",
    ...(statement.actions && { Action: oneOrMany(statement.actions) }),
    ...(statement.notActions && { NotAction: oneOrMany(statement.notActions) }),
    ...(statement.resources && { Resource: oneOrMany(statement.resources) }),
    ...(statement.notResources && { NotResource: oneOrMany(statement.notResources) }),
    ...(statement.principals?.length && { Principal: principalJson(statement.principals) }),
    ...(statement.conditions?.length && { Condition: conditionJson(statement.conditions) }),
  };
}

function principalJson(principals: NonNullable<Statement["principals"]>): unknown {
  if (principals.some(({ type }) => type === "*")) return "*";
  return Object.fromEntries(principals.map(({ type, identifiers }) => [type, oneOrMany(identifiers)]));
}

function conditionJson(conditions: NonNullable<Statement["conditions"]>): Record<string, Record<string, unknown>> {
  const tests: Record<string, Record<string, unknown>> = {};
  for (const { test, variable, values } of conditions) tests[test] = { ...tests[test], [variable]: oneOrMany(values) };
  return tests;
}

function oneOrMany<T>(values: T[]): T | T[] {
  return values.length === 1 && values[0] !== undefined ? values[0] : values;
}
