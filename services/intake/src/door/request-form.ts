import type { InputBlock, ModalView, PlainTextOption } from "@slack/types";
import { type Blueprint, blueprintOf, blueprints, type EnvironmentTable } from "@sluice/blueprints";
import { type Directory, mayAsk } from "@sluice/directory";
import { MAX_REASON, type PrincipalId, RequestId } from "@sluice/events";
import {
  code,
  dayAndTime,
  escapeMrkdwn,
  FIELD_ACTION,
  formBlocks,
  plain,
  type StateValues,
  section,
} from "@sluice/slack";
import { cut, isBlank } from "@sluice/text";
import * as z from "zod";
import type { Entry } from "../core/inventory.ts";
import type { Prefill } from "./prefill.ts";

/** The form's callback id. */
export const ASK = "ask";
/** Block ids of the fields that every blueprint has; a blueprint's own are prefixed by its id and a point. */
export const BLUEPRINT = "blueprint";
export const ENVIRONMENT = "environment";
export const REASON = "reason";

/** What this person may ask for: blueprints in the order of the form, each with its environments here. */
export type Offer = ReadonlyMap<Blueprint, readonly string[]>;

export function offerTo(directory: Directory, person: PrincipalId, environments: EnvironmentTable): Offer {
  const offer = blueprints.map((blueprint) => {
    const names = blueprint.environments.filter(
      (name) => Object.hasOwn(environments, name) && mayAsk(directory, person, blueprint.id, name),
    );
    return [blueprint, names] as const;
  });
  return new Map(offer.filter(([, names]) => names.length > 0));
}

export function prefixOf(blueprint: Blueprint): string {
  return `${blueprint.id}.`;
}

/** Everything that the form asks for one blueprint. The request has its id from here on: sent twice, it is one request. */
export function requestForm(
  request: RequestId,
  offer: Offer,
  prefill: Prefill,
  environments: EnvironmentTable,
): ModalView | undefined {
  const blueprint = [...offer.keys()].find(({ id }) => id === prefill.blueprint) ?? [...offer.keys()][0];
  if (!blueprint) return undefined;
  const names = offer.get(blueprint) ?? [];
  return {
    type: "modal",
    callback_id: ASK,
    private_metadata: JSON.stringify({ request }),
    title: plain("Ask for infrastructure"),
    submit: plain("Ask"),
    close: plain("Cancel"),
    blocks: [
      {
        ...choice(
          BLUEPRINT,
          "What",
          [...offer.keys()].map(({ id, title }) => [id, title] as const),
          blueprint.id,
        ),
        dispatch_action: true,
      },
      section(blueprint.purpose),
      ...(prefill.stands?.blueprint === blueprint.id ? [section(changeInWords(prefill.stands))] : []),
      choice(
        ENVIRONMENT,
        "Where",
        names.map((name) => [name, name] as const),
        prefill.environment ?? only(names),
      ),
      reasonInput(prefill.reason, names, environments),
      ...formBlocks(blueprint.parameters, { initial: prefill.parameters ?? {}, prefix: prefixOf(blueprint) }),
    ],
  };
}

function changeInWords({ subject, environment, since }: Entry): string {
  return `${code(subject, 120)} stands in ${escapeMrkdwn(environment)} since ${dayAndTime(since)}. The form shows it as it is; what you change is planned as a change of it.`;
}

const Metadata = z.object({ request: RequestId });

/** Which request a form is; nothing when the view is none of our forms. */
export function requestOf(privateMetadata: string): RequestId | undefined {
  try {
    return Metadata.safeParse(JSON.parse(privateMetadata)).data?.request;
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

/** What stands in the fields that every blueprint has. */
export function commonFields(state: StateValues) {
  const reason = state[REASON]?.[FIELD_ACTION]?.value?.trim() ?? "";
  const chosen = (block: string) => state[block]?.[FIELD_ACTION]?.selected_option?.value;
  return {
    blueprint: blueprintOf(chosen(BLUEPRINT) ?? ""),
    environment: chosen(ENVIRONMENT) ?? "",
    reason: isBlank(reason) ? "" : reason,
  };
}

function reasonInput(reason: string | undefined, names: readonly string[], environments: EnvironmentTable): InputBlock {
  const wanting = names.filter((name) => environments[name]?.reasonRequired);
  const hint = wanting.length > 0 ? `Needed in ${wanting.join(" and ")}. Approvers read it.` : "Approvers read it.";
  return {
    type: "input",
    block_id: REASON,
    optional: wanting.length < names.length,
    label: plain("Why it is needed"),
    hint: plain(hint),
    element: {
      type: "plain_text_input",
      action_id: FIELD_ACTION,
      max_length: MAX_REASON,
      ...(reason && { initial_value: reason.slice(0, MAX_REASON) }),
    },
  };
}

function choice(
  block: string,
  label: string,
  choices: readonly (readonly [value: string, label: string])[],
  initial: string | undefined,
): InputBlock {
  const options: PlainTextOption[] = choices.map(([value, text]) => ({ value, text: plain(cut(text, 75)) }));
  const chosen = options.find(({ value }) => value === initial);
  return {
    type: "input",
    block_id: block,
    label: plain(label),
    element: {
      type: "static_select",
      action_id: FIELD_ACTION,
      options,
      ...(chosen && { initial_option: chosen }),
    },
  };
}

function only(names: readonly string[]): string | undefined {
  return names.length === 1 ? names[0] : undefined;
}
