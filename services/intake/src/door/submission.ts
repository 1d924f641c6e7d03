import { mayAsk } from "@sluice/directory";
import {
  DecisionSubmitted,
  MAX_REASON,
  Parameters,
  type PrincipalId,
  type RequestId,
  RequestProposed,
  UnlockSubmitted,
  WithdrawalSubmitted,
} from "@sluice/events";
import { plain, readForm, section, type ViewSubmission } from "@sluice/slack";
import { owe } from "@sluice/steps";
import { environmentsInWords, mayNotAskSentence, offered, reasonSentence } from "../core/judge-proposal.ts";
import { quotaRefusal, withRequest } from "../core/quotas.ts";
import { isAccepted } from "../core/record.ts";
import { stepRefOf } from "./button-values.ts";
import { personAtDoor, UNKNOWN_PERSON } from "./people.ts";
import type { Caller, DoorAnswer, DoorPorts } from "./ports.ts";
import { REASON_BLOCK, REJECT, reasonIn, UNLOCK, WITHDRAW } from "./reason-form.ts";
import { ASK, BLUEPRINT, commonFields, ENVIRONMENT, prefixOf, REASON, requestOf } from "./request-form.ts";

const NO_REASON = errors({ [REASON_BLOCK]: "Say why. Nothing was given." });
const UNKNOWN_FORM = sentenceView("Sluice no longer knows this form. Nothing was changed.");

/** What one click causes: its signature is the cause, so that it causes it once. */
export function causeOf({ who, signature }: Caller) {
  return { cause: signature, actor: `slack:${who.team}/${who.user}` };
}

/** Publishes what a sent form says, or answers what is wrong at the field where it is. */
export async function answerSubmission(
  ports: DoorPorts,
  caller: Caller,
  { view }: ViewSubmission,
): Promise<DoorAnswer> {
  if (view.callback_id === ASK) return proposeFromForm(ports, caller, view);
  if (![REJECT, WITHDRAW, UNLOCK].includes(view.callback_id)) return UNKNOWN_FORM;

  const reason = reasonIn(view.state.values);
  const { who, signedAt } = caller;
  if (view.callback_id === WITHDRAW) return withdrawFromForm(ports, caller, view, reason);
  if (!reason) return NO_REASON;
  if (view.callback_id === REJECT) {
    const gate = stepRefOf(view.private_metadata);
    if (!gate) return UNKNOWN_FORM;
    await ports.publish([
      owe(DecisionSubmitted, gate.request, { gate, verdict: "reject", reason, who, signedAt }, causeOf(caller)),
    ]);
    return undefined;
  }
  const request = requestOf(view.private_metadata);
  if (!request) return UNKNOWN_FORM;
  const record = await ports.requests.request(request);
  if (!record || !isAccepted(record)) return sentenceView("There is no such request. Nothing was changed.");
  const { environment, workspace } = record.itinerary;
  await ports.publish([
    owe(UnlockSubmitted, request, { request, environment, workspace, reason, who, signedAt }, causeOf(caller)),
  ]);
  return undefined;
}

/** Who asked for it needs no reason. */
async function withdrawFromForm(
  ports: DoorPorts,
  caller: Caller,
  view: ViewSubmission["view"],
  reason: string,
): Promise<DoorAnswer> {
  const request = requestOf(view.private_metadata);
  if (!request) return UNKNOWN_FORM;
  const known = await personAtDoor(ports, caller);
  const record = await ports.requests.request(request);
  const isOwn = known !== undefined && record?.itinerary?.requester === known.person.id;
  if (!reason && !isOwn) return NO_REASON;
  const { who, signedAt } = caller;
  const data = { request, ...(reason && { reason }), who, signedAt };
  await ports.publish([owe(WithdrawalSubmitted, request, data, causeOf(caller))]);
  return undefined;
}

/** What the door refuses here, the consumer would refuse too; here it stands at the field and nothing is lost. */
async function proposeFromForm(ports: DoorPorts, caller: Caller, view: ViewSubmission["view"]): Promise<DoorAnswer> {
  const request = requestOf(view.private_metadata);
  if (!request) return UNKNOWN_FORM;
  const known = await personAtDoor(ports, caller);
  if (!known) return errors({ [BLUEPRINT]: UNKNOWN_PERSON });
  const { blueprint, environment, reason } = commonFields(view.state.values);
  if (!blueprint) return errors({ [BLUEPRINT]: "Use one of the list." });

  const facts = offered(blueprint, ports.environments, environment);
  const form = readForm(blueprint.parameters, view.state.values, { prefix: prefixOf(blueprint) });
  const wrong = {
    ...(!form.ok && form.errors),
    ...(reason.length > MAX_REASON && {
      [REASON]: `Use at most ${MAX_REASON} characters. There are ${reason.length}.`,
    }),
    ...(facts?.reasonRequired && !reason && { [REASON]: reasonSentence(environment) }),
    ...(!facts && { [ENVIRONMENT]: environmentsInWords(blueprint, ports.environments) }),
    ...(facts &&
      !mayAsk(known.directory, known.person.id, blueprint.id, environment) && {
        [ENVIRONMENT]: mayNotAskSentence(blueprint, environment),
      }),
  };
  if (!form.ok || Object.keys(wrong).length > 0) return errors(wrong);
  const full = await fullFor(ports, known.person.id, request);
  if (full) return errors({ [BLUEPRINT]: full });

  const { who, signedAt } = caller;
  const parameters = Parameters.parse(
    Object.fromEntries(Object.entries(form.values).filter(([, value]) => value !== undefined)),
  );
  const proposal = {
    request,
    blueprint: blueprint.id,
    environment,
    ...(reason && { reason }),
    parameters,
    who,
    signedAt,
  };
  await ports.publish([owe(RequestProposed, request, proposal, causeOf(caller))]);
  return undefined;
}

/** Why one more request is too many of this person now, before what was typed is lost; what counts is judged when it is taken up. */
async function fullFor(
  { requests, quotas, now }: DoorPorts,
  person: PrincipalId,
  request: RequestId,
): Promise<string | undefined> {
  const after = withRequest(await requests.used(person), request, quotas, now());
  return typeof after === "string" ? quotaRefusal(after, quotas, now()).sentence : undefined;
}

function errors(byBlock: Readonly<Record<string, string>>): DoorAnswer {
  return { response_action: "errors", errors: byBlock };
}

function sentenceView(sentence: string): DoorAnswer {
  const view = { type: "modal", title: plain("Sluice"), close: plain("Close"), blocks: [section(sentence)] };
  return { response_action: "update", view };
}
