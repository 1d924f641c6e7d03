import { blueprintOf, blueprints } from "@sluice/blueprints";
import { code, parseArguments } from "@sluice/slack";
import type { Entry } from "../core/inventory.ts";

/** What a form begins with. Values are as they were typed or sent; the form shows also what its schema would refuse. */
export type Prefill = Readonly<{
  blueprint?: string | undefined;
  environment?: string | undefined;
  reason?: string | undefined;
  parameters?: Readonly<Record<string, unknown>>;
  /** What stands under that name already: the form says that it is changed. */
  stands?: Entry;
}>;

/** What was typed, as the form's beginning; or a sentence that says what is wrong with it. */
export function prefillOf(typed: string): Prefill | string {
  const read = parseArguments(typed);
  if (!read.ok) return read.error;
  const [word, more] = read.words;
  const { environment, reason, ...parameters } = read.named;
  if (more !== undefined) return `I do not know what to do with ${code(more, 40)}. Write values as name=value.`;

  const blueprint = word === undefined ? undefined : blueprintOf(word);
  if (word !== undefined && !blueprint)
    return `There is no blueprint ${code(word, 40)}. There is ${blueprints.map(({ id }) => code(id, 40)).join(" and ")}.`;
  const known = Object.keys((blueprint ?? blueprints[0])?.parameters.shape ?? {});
  const unknown = Object.keys(parameters).find((name) => !known.includes(name));
  if (unknown !== undefined)
    return `There is no value ${code(unknown, 40)}. There is environment, reason, ${known.join(", ")}.`;
  return { blueprint: blueprint?.id, environment, reason, parameters };
}
