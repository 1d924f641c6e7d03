import { Decimal, type Exact, isList, isObject, memberOf } from "../json/exact-json.ts";
import { type FormIndex, formIndex } from "./form-index.ts";
import { formsOf, formsOfNumber, isLongNumber } from "./forms.ts";
import { type OfResource, plainTexts } from "./plain-values.ts";

/** What must not be shown to anybody, ready to be looked for. */
export type Secrets = Readonly<{
  /** Every text and number that is marked. */
  marked: Marked;
  /** Texts that are secret where they are the whole value, whatever their length. A number is one from six digits on. */
  whole: ReadonlySet<string>;
  /** What is looked for within texts. */
  forms: FormIndex;
  /** Values of the root's variables that are not declared sensitive: the request itself says them. */
  open: ReadonlySet<string>;
  /** Texts that Terraform marks though they are none, and that are nothing else that is marked. */
  plain: ReadonlySet<string>;
}>;

type Marked = Readonly<{ texts: ReadonlySet<string>; numbers: ReadonlySet<string> }>;
type Collected = Readonly<{
  texts: Set<string>;
  numbers: Set<string>;
  open: Set<string>;
  plain: Set<string>;
  plainRead: Set<string>;
}>;

/**
 * Everything that a plan of `terraform show -json` marks: in changes, drift, outputs and states, and the values of variables that are declared sensitive.
 * Providers lose the mark (`input.password` is marked, the same word in `output.password` is not), so what is marked once is a secret wherever it stands.
 * Texts and numbers are secrets; a truth value is none.
 *
 * @param known what was a secret before there was a plan
 */
export function secretsOf(plan: Exact, known: Secrets = noSecrets): Secrets {
  const found = collected(known);
  for (const part of ["resource_changes", "resource_drift"])
    for (const each of listAt(plan, part)) collectChange(memberOf(each, "change"), resourceOf(each), found);
  for (const each of listAt(plan, "deferred_changes")) {
    const resource = memberOf(each, "resource_change");
    collectChange(memberOf(resource, "change"), resourceOf(resource), found);
  }
  for (const [, change] of entriesAt(plan, "output_changes")) collectChange(change, undefined, found);
  for (const state of [memberOf(plan, "planned_values"), memberOf(memberOf(plan, "prior_state"), "values")])
    collectState(state, found);

  // A mark goes wherever its value goes: a subnet that was read from a plain parameter is marked in the machine too.
  for (const text of found.plainRead) found.texts.delete(text);
  const declared = memberOf(memberOf(memberOf(plan, "configuration"), "root_module"), "variables");
  for (const [name, variable] of entriesAt(plan, "variables")) {
    const declaration = memberOf(declared, name);
    if (memberOf(declaration, "sensitive") === true) collectAll(memberOf(variable, "value"), found);
    else if (declaration !== undefined)
      for (const leaf of leavesOf(memberOf(variable, "value"))) found.open.add(textOf(leaf));
  }
  return secrets(found);
}

/** These secrets and every text and number in these values: what Terraform marked after the plan, or what is known before it. */
export function secretsAnd(known: Secrets, values: readonly (Exact | undefined)[]): Secrets {
  const found = collected(known);
  for (const value of values) collectAll(value, found);
  return secrets(found);
}

function collected(known?: Secrets): Collected {
  return {
    texts: new Set(known?.marked.texts),
    numbers: new Set(known?.marked.numbers),
    open: new Set(known?.open),
    plain: new Set(known?.plain),
    plainRead: new Set(),
  };
}

function secrets({ texts, numbers, open, plain, plainRead }: Collected): Secrets {
  const forms = new Map<string, string | undefined>();
  const add = (secret: string, all: ReadonlySet<string>) => {
    for (const form of all) forms.set(form, forms.has(form) && forms.get(form) !== secret ? undefined : secret);
  };
  for (const text of texts) add(text, formsOf(text));
  for (const number of numbers) add(number, formsOfNumber(number));
  return {
    marked: { texts, numbers },
    whole: new Set([...texts, ...[...numbers].filter(isLongNumber)]),
    forms: formIndex(forms),
    open,
    plain: new Set([...plain, ...plainRead].filter((text) => !texts.has(text) && !numbers.has(text))),
  };
}

/** `before_sensitive` and `after_sensitive` are the marks of `before` and `after`. */
function collectChange(change: Exact | undefined, resource: OfResource | undefined, found: Collected): void {
  collectObject(memberOf(change, "before"), memberOf(change, "before_sensitive"), resource, found);
  collectObject(memberOf(change, "after"), memberOf(change, "after_sensitive"), resource, found);
}

function collectState(values: Exact | undefined, found: Collected): void {
  for (const [, output] of entriesAt(values, "outputs"))
    if (memberOf(output, "sensitive") === true) collectAll(memberOf(output, "value"), found);
  collectModule(memberOf(values, "root_module"), found);
}

function collectModule(module: Exact | undefined, found: Collected): void {
  for (const each of listAt(module, "resources"))
    collectObject(memberOf(each, "values"), memberOf(each, "sensitive_values"), resourceOf(each), found);
  for (const each of listAt(module, "child_modules")) collectModule(each, found);
}

/** The attributes of an object, but for those whose mark says nothing. */
function collectObject(
  values: Exact | undefined,
  marks: Exact | undefined,
  resource: OfResource | undefined,
  found: Collected,
): void {
  if (!resource || !isObject(values) || !isObject(marks)) {
    collectMarked(values, marks, found);
    return;
  }
  for (const [name, value] of Object.entries(values)) {
    const plain = isMarked(memberOf(marks, name)) ? plainTexts(resource, values, name) : undefined;
    if (!plain) collectMarked(value, memberOf(marks, name), found);
    else for (const text of plain) (resource.mode === "data" ? found.plainRead : found.plain).add(text);
  }
}

/** A mark is `true`, or a tree of marks in the value's own shape. */
function collectMarked(value: Exact | undefined, marks: Exact | undefined, found: Collected): void {
  if (marks === true) collectAll(value, found);
  else if (isList(value) && isList(marks))
    for (const [index, each] of value.entries()) collectMarked(each, marks[index], found);
  else if (isObject(value) && isObject(marks))
    for (const [name, each] of Object.entries(value)) collectMarked(each, memberOf(marks, name), found);
}

function collectAll(value: Exact | undefined, found: Collected): void {
  for (const leaf of leavesOf(value)) {
    if (leaf instanceof Decimal) found.numbers.add(leaf.text);
    else if (leaf !== "") found.texts.add(leaf);
  }
}

function* leavesOf(value: Exact | undefined): Generator<string | Decimal> {
  if (typeof value === "string" || value instanceof Decimal) yield value;
  else if (isList(value)) for (const each of value) yield* leavesOf(each);
  else if (isObject(value)) for (const each of Object.values(value)) yield* leavesOf(each);
}

/** Whether Terraform marks anything in a value: `true`, or a tree that holds one. */
export function isMarked(marks: Exact | undefined): boolean {
  if (isList(marks)) return marks.some(isMarked);
  return isObject(marks) ? Object.values(marks).some(isMarked) : marks === true;
}

/** A value as a text: a number by its decimal. */
export function textOf(leaf: string | Decimal): string {
  return leaf instanceof Decimal ? leaf.text : leaf;
}

function resourceOf(object: Exact | undefined): OfResource {
  return {
    mode: memberOf(object, "mode"),
    type: memberOf(object, "type"),
    provider: memberOf(object, "provider_name"),
  };
}

function listAt(object: Exact | undefined, name: string): readonly Exact[] {
  const list = memberOf(object, name);
  return isList(list) ? list : [];
}

function entriesAt(object: Exact | undefined, name: string): [string, Exact][] {
  const entries = memberOf(object, name);
  return isObject(entries) ? Object.entries(entries) : [];
}

/** Nothing is known to be secret. */
export const noSecrets: Secrets = secrets(collected());
