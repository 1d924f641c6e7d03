import { type Exact, isList, isObject, memberOf } from "../json/exact-json.ts";
import { NotUnderstood } from "../terraform/plan-json.ts";

/** One module of the configuration, and whether an input of it can be followed to the root's variables alone. */
type Scope = Readonly<{ module: Exact | undefined; follows: (variable: string) => boolean }>;

/**
 * Values that act and stand in no plan: a provider's configuration and what a provisioner runs. They are taken as approved only where they follow from the
 * request's own parameters: then they are the same at every plan. A local cannot be followed, and a connection does not stand in the plan at all.
 *
 * @param configuration the plan's own part of that name
 * @throws NotUnderstood naming the provider or the resource
 */
export function refuseActingValues(configuration: Exact | undefined): void {
  const root: Scope = { module: memberOf(configuration, "root_module"), follows: () => true };
  for (const provider of valuesOf(memberOf(configuration, "provider_config"))) {
    const scope = scopeAt(root, memberOf(provider, "module_address"));
    const from = referencesIn(memberOf(provider, "expressions")).find((each) => !follows(scope, undefined, each));
    if (from) throw refusal(`The provider ${nameOf(provider)}`, from);
  }
  refuseProvisioners(root);
}

function refuseProvisioners(scope: Scope): void {
  for (const resource of itemsOf(memberOf(scope.module, "resources")))
    for (const provisioner of itemsOf(memberOf(resource, "provisioners"))) {
      const what = `A provisioner of ${nameOf(resource, "address")}`;
      if (memberOf(provisioner, "type") !== "local-exec")
        throw new NotUnderstood(`${what} needs a connection, which stands in no plan`);
      const from = referencesIn(memberOf(provisioner, "expressions")).find((each) => !follows(scope, resource, each));
      if (from) throw refusal(what, from);
    }
  const calls = memberOf(scope.module, "module_calls");
  for (const name of isObject(calls) ? Object.keys(calls) : []) refuseProvisioners(called(scope, name));
}

/** `self` is the resource itself, whose own values are in the change; a key of `for_each` and a number of `count` are in its address. */
function follows(scope: Scope, resource: Exact | undefined, reference: string): boolean {
  const [first = "", second = ""] = reference.split(/[.[]/);
  if (first === "var") return scope.follows(second);
  if (reference === "each.key" || reference === "count.index" || reference === "path.module") return true;
  if (resource === undefined) return false;
  if (first === "self") return true;
  if (first === "each")
    return referencesIn(memberOf(resource, "for_each_expression")).every((each) => follows(scope, undefined, each));
  return false;
}

/** The module that a call names, whose inputs follow where what the call gives them does. */
function called(above: Scope, name: string): Scope {
  const call = memberOf(memberOf(above.module, "module_calls"), name);
  return {
    module: memberOf(call, "module"),
    follows: (variable) =>
      referencesIn(memberOf(memberOf(call, "expressions"), variable)).every((each) => follows(above, undefined, each)),
  };
}

/** `module.network.module.dns` without its keys: all instances of a call have one configuration. */
function scopeAt(root: Scope, address: Exact | undefined): Scope {
  if (typeof address !== "string") return root;
  const names = [...address.matchAll(/module\.([A-Za-z_][\w-]*)/g)].flatMap(([, name]) => name ?? []);
  return names.reduce(called, root);
}

/** Every reference in a tree of expressions: `{ references: [...] }` at any depth. */
function referencesIn(expressions: Exact | undefined): string[] {
  if (isList(expressions)) return expressions.flatMap(referencesIn);
  if (!isObject(expressions)) return [];
  return Object.entries(expressions).flatMap(([name, each]) =>
    name === "references" && isList(each) && each.every((item) => typeof item === "string")
      ? (each as readonly string[])
      : name === "constant_value"
        ? []
        : referencesIn(each),
  );
}

function refusal(what: string, from: string): NotUnderstood {
  return new NotUnderstood(
    `${what} takes a value from ${from}, which stands in no plan: it may be another one when the plan is applied. Take it from a variable`,
  );
}

function nameOf(value: Exact | undefined, key = "name"): string {
  const name = memberOf(value, key);
  return typeof name === "string" ? name : "without a name";
}

function itemsOf(value: Exact | undefined): readonly Exact[] {
  return isList(value) ? value : [];
}

function valuesOf(value: Exact | undefined): readonly Exact[] {
  return isObject(value) ? Object.values(value) : [];
}
