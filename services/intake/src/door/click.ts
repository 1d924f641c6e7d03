import type { ModalView } from "@slack/types";
import { isOperator, membersOf } from "@sluice/directory";
import {
  ApprovalOpened,
  DecisionSubmitted,
  pauseReasons,
  pausingFor,
  RepetitionSubmitted,
  type StepRef,
  WithdrawalSubmitted,
} from "@sluice/events";
import { actionIdOf, type BlockActions, FIELD_ACTION } from "@sluice/slack";
import { owe } from "@sluice/steps";
import { dataOf, stepKey } from "@sluice/words/facts";
import { type Accepted, isAccepted } from "../core/record.ts";
import { requestIn, stepRefOf } from "./button-values.ts";
import { openForm } from "./open-form.ts";
import { NOT_TO_SEE, personAtDoor, requestToSee } from "./people.ts";
import type { Caller, Click, DoorPorts, PrivateMessage } from "./ports.ts";
import { type Prefill, prefillOf } from "./prefill.ts";
import { REJECT, reasonForm, UNLOCK, WITHDRAW } from "./reason-form.ts";
import { BLUEPRINT, commonFields, offerTo, requestForm, requestOf } from "./request-form.ts";
import { showEvidence, showPlan, turnPage } from "./show-result.ts";
import { causeOf } from "./submission.ts";

/** What a button does. It answers with what only its presser is told, if there is anything to tell. */
type Verb = (click: Click) => Promise<PrivateMessage | undefined>;

const verbs: Readonly<Record<string, Verb>> = {
  approve,
  reject,
  see_plan: showPlan,
  see_evidence: showEvidence,
  first_page: turnPage,
  previous_page: turnPage,
  next_page: turnPage,
  last_page: turnPage,
  jump_to_page: turnPage,
  withdraw,
  ...Object.fromEntries(pauseReasons.map((reason) => [actionIdOf(pausingFor(reason).verb), again])),
  ask_again: askAgain,
  change,
  edit_and_ask_again: askAgain,
  open_form: reopenForm,
  unlock,
};

const UNKNOWN_BUTTON: PrivateMessage = { text: "Sluice does not know this button any more. Nothing was changed." };

/** Does what a button says, by its `action_id`; its value is only an id. What nobody knows changes nothing and says so. */
export async function answerClick(ports: DoorPorts, caller: Caller, clicked: BlockActions): Promise<void> {
  const [action] = clicked.actions;
  if (!action) return;
  if (action.action_id === FIELD_ACTION && action.block_id === BLUEPRINT) return changeForm(ports, caller, clicked);

  const verb = Object.hasOwn(verbs, action.action_id) ? verbs[action.action_id] : undefined;
  const value = action.value ?? action.selected_option?.value ?? "";
  const answer = verb ? await verb({ ports, caller, clicked, value }) : UNKNOWN_BUTTON;
  if (answer && clicked.response_url) await ports.tell(clicked.response_url, answer);
}

async function approve(click: Click) {
  const gate = stepRefOf(click.value);
  return gate ? decide(click, gate, "approve") : UNKNOWN_BUTTON;
}

async function decide({ ports, caller }: Click, gate: StepRef, verdict: "approve" | "reject") {
  const { who, signedAt } = caller;
  await ports.publish([owe(DecisionSubmitted, gate.request, { gate, verdict, who, signedAt }, causeOf(caller))]);
  return undefined;
}

/** Who may not decide hears so before they have typed a reason: approvals refuses theirs whatever it says, and keeps it as any other. */
async function reject(click: Click) {
  const gate = stepRefOf(click.value);
  if (!gate) return UNKNOWN_BUTTON;
  if (!(await seemsToDecide(click, gate))) return decide(click, gate, "reject");
  const words = {
    title: "Reject",
    says: "Who asked for it reads this. The request ends and nothing is changed.",
    verb: "Reject",
  };
  return open(click, reasonForm(REJECT, click.value, words));
}

/** Whether somebody may decide at this gate as far as can be seen here. Only approvals judges. */
async function seemsToDecide({ ports, caller }: Click, gate: StepRef): Promise<boolean> {
  const here = await personAtDoor(ports, caller);
  if (!here) return false;
  const { request, step, attempt } = gate;
  const [record, facts] = await Promise.all([ports.requests.request(request), ports.requests.facts(request)]);
  const told = facts.find(({ key }) => key === stepKey(step, attempt, "opened"));
  const opened = dataOf(ApprovalOpened, told);
  if (!record?.itinerary || !opened) return true; // Nothing is known here that speaks against it.
  const { requester, onBehalfOf } = record.itinerary;
  const { person, directory } = here;
  return ![requester, onBehalfOf].includes(person.id) && membersOf(directory, opened.groups).has(person.id);
}

/** Who asked for it is asked once more, an operator who did not is asked why; of anybody else the consumer judges at once, and says so. */
async function withdraw(click: Click) {
  const { ports, caller, value } = click;
  const request = requestIn(value);
  if (!request) return UNKNOWN_BUTTON;
  const known = await personAtDoor(ports, caller);
  const record = await ports.requests.request(request);
  if (known && record && isAccepted(record) && !record.end) {
    const isOwn = record.itinerary.requester === known.person.id;
    const says = isOwn
      ? "This ends your request. Nothing more of it is planned, approved or applied."
      : "You did not ask for this, so say why you take it back.";
    const words = { title: "Withdraw", says, verb: "Withdraw", isOptional: isOwn };
    if (isOwn || isOperator(known.directory, known.person.id))
      return open(click, reasonForm(WITHDRAW, JSON.stringify({ request }), words));
  }
  const { who, signedAt } = caller;
  await ports.publish([owe(WithdrawalSubmitted, request, { request, who, signedAt }, causeOf(caller))]);
  return undefined;
}

async function unlock(click: Click) {
  const request = requestIn(click.value);
  if (!request) return UNKNOWN_BUTTON;
  const says =
    "The apply that blocked this workspace may have left things that no state knows. Look at the account first. Nothing is deleted by unlocking.";
  return open(click, reasonForm(UNLOCK, JSON.stringify({ request }), { title: "Unlock", says, verb: "Unlock" }));
}

async function again({ ports, caller, value }: Click) {
  const ref = stepRefOf(value);
  if (!ref) return UNKNOWN_BUTTON;
  const { who, signedAt } = caller;
  await ports.publish([owe(RepetitionSubmitted, ref.request, { ...ref, who, signedAt }, causeOf(caller))]);
  return undefined;
}

/** The form as it was sent for that request; what comes of it is a new one. */
async function askAgain(click: Click) {
  return openFormOf(click, ({ reason }) => ({ reason }));
}

/** The form with what stands: what is sent is a request of its own, with a reason of its own. */
async function change(click: Click) {
  return openFormOf(click, () => ({}));
}

async function openFormOf({ ports, caller, value, clicked }: Click, more: (asked: Accepted["itinerary"]) => Prefill) {
  const request = requestIn(value);
  const seen = request && (await requestToSee(ports, caller, request));
  if (!seen) return { text: NOT_TO_SEE };
  if (typeof seen === "string") return { text: seen };
  const { blueprint, environment, parameters } = seen.itinerary;
  const prefill = { blueprint: blueprint.id, environment, parameters, ...more(seen.itinerary) };
  return openForm(ports, caller, clicked.trigger_id, prefill);
}

async function reopenForm({ ports, caller, value, clicked }: Click) {
  const prefill = value === "form" ? {} : prefillOf(value);
  return openForm(ports, caller, clicked.trigger_id, typeof prefill === "string" ? {} : prefill, value);
}

/** Another blueprint was chosen: the same form of the same request, with that one's fields. What both have stays. */
async function changeForm(ports: DoorPorts, caller: Caller, { actions: [action], view }: BlockActions): Promise<void> {
  const known = await personAtDoor(ports, caller);
  const request = view && requestOf(view.private_metadata);
  if (!known || !view || !request) return;
  const { environment, reason } = commonFields(view.state.values);
  const prefill: Prefill = { blueprint: action?.selected_option?.value, environment, reason };
  const offer = offerTo(known.directory, known.person.id, ports.environments);
  const form = requestForm(request, offer, prefill, ports.environments);
  if (form) await ports.slack.updateView(view.id, form, view.hash);
}

async function open({ ports, clicked }: Click, view: ModalView): Promise<PrivateMessage | undefined> {
  const opened = await ports.slack.openView(clicked.trigger_id, view);
  return opened.outcome === "done"
    ? undefined
    : { text: "The dialogue could not open in time. Nothing was changed. Press the button again." };
}
