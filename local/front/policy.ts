/** One statement of an IAM policy, with what Sluice's policies use. */
export interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: "*" | Readonly<Record<string, string | readonly string[]>>;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | boolean | readonly string[]>>>>;
}

/** Condition keys of one call, in lower case. A list is a multivalued key. */
export type Context = ReadonlyMap<string, string | readonly string[]>;

/** Reads a policy's text. A single statement may stand without a list. */
export function statementsOf(policy: string): readonly Statement[] {
  const { Statement: statements }: { Statement: Statement | Statement[] } = JSON.parse(policy);
  return [statements].flat();
}

/**
 * Whether policies allow something: an explicit Deny wins, else one Allow is needed (IAM's evaluation logic without
 * boundaries and service control policies). A statement with an operator we do not know never allows and always denies.
 */
export function isAllowed(
  statements: readonly Statement[],
  applies: (statement: Statement) => boolean,
  context: Context,
) {
  const matching = statements.filter(applies);
  return (
    !matching.some((each) => each.Effect === "Deny" && conditionsHold(each, context) !== false) &&
    matching.some((each) => each.Effect === "Allow" && conditionsHold(each, context) === true)
  );
}

/** Whether a statement speaks of an action, on a resource where one is given. */
export function covers(statement: Statement, action: string, resource?: string): boolean {
  const acts = statement.NotAction
    ? !anyMatches(statement.NotAction, action.toLowerCase(), true)
    : anyMatches(statement.Action ?? [], action.toLowerCase(), true);
  if (!acts || resource === undefined) return acts;
  return statement.NotResource
    ? !anyMatches(statement.NotResource, resource)
    : anyMatches(statement.Resource ?? [], resource);
}

/** Whether all conditions of a statement hold; `unknown` when one cannot be judged. */
function conditionsHold({ Condition = {} }: Statement, context: Context): boolean | "unknown" {
  let verdict: boolean | "unknown" = true;
  for (const [operator, keys] of Object.entries(Condition))
    for (const [key, expected] of Object.entries(keys)) {
      const holds = conditionHolds(operator, context.get(key.toLowerCase()), [expected].flat().map(String));
      if (holds === false) return false;
      if (holds === "unknown") verdict = "unknown";
    }
  return verdict;
}

type Comparison = (actual: string, expected: string) => boolean;
const COMPARISONS: Readonly<Record<string, { is: Comparison; negated?: boolean }>> = {
  stringequals: { is: (actual, expected) => actual === expected },
  stringnotequals: { is: (actual, expected) => actual === expected, negated: true },
  stringlike: { is: like },
  stringnotlike: { is: like, negated: true },
  arnequals: { is: like },
  arnlike: { is: like },
  arnnotequals: { is: like, negated: true },
  arnnotlike: { is: like, negated: true },
  bool: { is: (actual, expected) => actual.toLowerCase() === expected.toLowerCase() },
};

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
function conditionHolds(
  operator: string,
  actual: string | readonly string[] | undefined,
  expected: readonly string[],
): boolean | "unknown" {
  const [, set, name = "", ifExists] =
    operator.toLowerCase().match(/^(forallvalues:|foranyvalue:)?(\w+?)(ifexists)?$/) ?? [];
  const values = actual === undefined ? [] : [actual].flat();
  if (name === "null") return expected.includes(String(values.length === 0));

  const comparison = COMPARISONS[name];
  if (!comparison) return "unknown";
  const holds = (value: string) => expected.some((each) => comparison.is(value, each)) !== Boolean(comparison.negated);
  if (set === "forallvalues:") return values.every(holds);
  if (set === "foranyvalue:") return values.some(holds);
  if (values.length === 0) return Boolean(ifExists) || Boolean(comparison.negated);
  return values.every(holds);
}

function anyMatches(patterns: string | readonly string[], value: string, anyCase = false): boolean {
  return [patterns].flat().some((pattern) => like(value, anyCase ? pattern.toLowerCase() : pattern));
}

const compiled = new Map<string, RegExp>();

/** IAM's wildcards: `*` for any characters, `?` for one. */
function like(value: string, pattern: string): boolean {
  let expression = compiled.get(pattern);
  if (!expression) {
    const literal = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
    expression = new RegExp(`^${literal.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s");
    compiled.set(pattern, expression);
  }
  return expression.test(value);
}
