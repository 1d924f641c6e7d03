import type { ModalView } from "@slack/types";
import type { StepRef } from "@sluice/events";
import { plain, section } from "@sluice/slack";
import { stepKey } from "@sluice/words/facts";
import type { Accepted } from "../core/record.ts";
import { pageRefOf, stepRefOf } from "./button-values.ts";
import { evidenceView, readEvidence } from "./evidence-view.ts";
import { NOT_TO_SEE, requestToSee } from "./people.ts";
import { planView, readPlanPage } from "./plan-view.ts";
import type { Click, PrivateMessage } from "./ports.ts";

/** Opens the plan that a message is about, to whoever may see it: what an approver signs for, by the same digest. */
export async function showPlan(click: Click): Promise<PrivateMessage | undefined> {
  return show(click, stepRefOf(click.value), 1);
}

/** Opens what a scan asked and what came back. */
export async function showEvidence(click: Click): Promise<PrivateMessage | undefined> {
  return show(click, stepRefOf(click.value), 1);
}

/** Another page, in the same window. */
export async function turnPage(click: Click): Promise<PrivateMessage | undefined> {
  const { ports, clicked, value } = click;
  const wanted = pageRefOf(value);
  const view = wanted && (await viewOf(click, wanted.ref, wanted.page));
  if (!clicked.view || !view) return { text: NOT_TO_SEE };
  await ports.slack.updateView(clicked.view.id, typeof view === "string" ? sentence(view) : view, clicked.view.hash);
  return undefined;
}

async function show(click: Click, ref: StepRef | undefined, page: number): Promise<PrivateMessage | undefined> {
  if (!ref) return { text: NOT_TO_SEE };
  const view = await viewOf(click, ref, page);
  if (typeof view === "string") return { text: view };
  const opened = await click.ports.slack.openView(click.clicked.trigger_id, view);
  return opened.outcome === "done" ? undefined : { text: "It could not open in time. Press the button again." };
}

/** The window, or a sentence that says why there is none. */
async function viewOf({ ports, caller }: Click, ref: StepRef, page: number): Promise<ModalView | string> {
  const seen = await requestToSee(ports, caller, ref.request);
  if (typeof seen === "string") return seen;
  const ended = (await ports.requests.facts(ref.request)).find(
    ({ key }) => key === stepKey(ref.step, ref.attempt, "ended"),
  );
  const kind = kindOf(seen, ref);
  if (kind === "plan" && ended?.type === "plan.completed.v1") {
    const { output } = ended.data;
    const text = await ports.result(output.page);
    return text === undefined ? gone("plan") : planView(readPlanPage(text), { ref, digest: output.changeDigest, page });
  }
  if (kind === "scan" && ended?.type === "scan.completed.v1") {
    const { output } = ended.data;
    const text = await ports.result(output.evidence);
    return text === undefined ? gone("evidence") : evidenceView(readEvidence(text), { ref, page });
  }
  return "There is nothing to see of this step yet.";
}

function kindOf({ itinerary }: Accepted, { step }: StepRef): string | undefined {
  return itinerary.steps.find(({ name }) => name === step)?.kind;
}

function gone(what: string): string {
  return `The ${what} that was made is not there any more, or is not as it was made. It is not shown.`;
}

function sentence(text: string): ModalView {
  return { type: "modal", title: plain("Sluice"), close: plain("Close"), blocks: [section(text)] };
}
