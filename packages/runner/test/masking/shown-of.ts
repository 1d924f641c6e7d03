import { Decimal, type Exact, isList, isObject } from "../../src/json/exact-json.ts";
import { isSecret } from "../../src/masking/masked.ts";
import type { Secrets } from "../../src/masking/secrets.ts";

/** Every text and number of a plan's changes that is shown to somebody: not marked there and not secret. */
export function shownOf(plan: Exact, secrets: Secrets): string[] {
  const shown: string[] = [];
  const walk = (value: Exact | undefined, marks: Exact | undefined): void => {
    if (marks === true || (isSecret(value, secrets) && !isList(value) && !isObject(value))) return;
    if (isList(value))
      for (const [index, each] of value.entries()) walk(each, isList(marks) ? marks[index] : undefined);
    else if (isObject(value))
      for (const [name, each] of Object.entries(value)) walk(each, isObject(marks) ? marks[name] : undefined);
    else shown.push(value instanceof Decimal ? value.text : String(value));
  };
  const changes = isObject(plan) && isList(plan.resource_changes) ? plan.resource_changes : [];
  for (const each of changes) {
    const { before, after, before_sensitive, after_sensitive } = (
      isObject(each) && isObject(each.change) ? each.change : {}
    ) as Record<string, Exact>;
    walk(before, before_sensitive);
    walk(after, after_sensitive);
  }
  return shown;
}
