import type { Button } from "@slack/types";
import {
  actions,
  button,
  code,
  context,
  cut,
  dayAndTime,
  durationInWords,
  escapeMrkdwn,
  type MessageContent,
  quote,
  section,
  timeOfDay,
} from "@sluice/slack";
import { type Picture, type StepPicture, told } from "./picture.ts";
import { called, countsInWords, glyphs, listed, type People, shortDigest, stepTitle } from "./words.ts";

/** The one message of a request in its environment's channel, as it is now. */
export function requestMessage(picture: Picture, people: People): MessageContent {
  const { itinerary, steps } = picture;
  const where = `${code(itinerary.subject, 120)} in ${escapeMrkdwn(itinerary.environment)}`;
  const reason = itinerary.reason ? `: ${quote(itinerary.reason, 200)}` : "";
  const asked = `asked by ${called(people, itinerary.requester)}${itinerary.onBehalfOf ? ` for ${called(people, itinerary.onBehalfOf)}` : ""}${reason}`;
  const lines = steps.map((step) => stepLine(step, people));
  const outcome = outcomeOf(picture, people);
  const buttons = buttonsOf(picture);
  const planned = told.plan(steps.find(({ kind }) => kind === "plan"));

  return {
    text: `${itinerary.subject} in ${itinerary.environment}: ${outcome?.plain ?? headline(picture)}`,
    blocks: [
      section(`*${where}*\n${asked}`),
      section(cut(lines.join("\n"), 2_900)),
      ...(outcome ? [section(cut(outcome.shown, 2_900))] : []),
      ...(buttons.length > 0 ? [actions(`request.${itinerary.request}`, ...buttons)] : []),
      context(
        [
          itinerary.request,
          `workspace ${itinerary.workspace}`,
          ...(planned ? [`plan ${shortDigest(planned.output.contentDigest)}`] : []),
        ].join(" · "),
      ),
    ],
  };
}

/** What the request is doing, for whoever sees the text alone. */
function headline({ steps }: Picture): string {
  const current = steps.find(({ state }) => state === "running" || state === "waiting" || state === "failed");
  if (!current) return "accepted";
  const title = stepTitle(current.kind, current.name);
  return current.state === "failed"
    ? `${title} failed`
    : `${title} is ${current.state === "running" ? "running" : "waiting"}`;
}

const stateWords = {
  done: "",
  running: "running",
  waiting: "waiting",
  to_come: "",
  failed: "failed",
  skipped: "skipped",
} as const;

function stepLine(step: StepPicture, people: People): string {
  const title = stepTitle(step.kind, step.name);
  const words = detailOf(step, people);
  const state = words ? "" : stateWords[step.state];
  const seconds =
    step.seconds !== undefined && step.kind !== "approval" && step.state !== "skipped"
      ? `_${durationInWords(step.seconds * 1_000)}_`
      : "";
  const again = step.attempt > 1 ? `attempt ${step.attempt}` : "";
  const head = step.state === "to_come" ? `${glyphs.to_come} ${title}` : `${glyphs[step.state]} *${title}*`;
  return [head, state, words, again, seconds].filter(Boolean).join("   ");
}

function detailOf(step: StepPicture, people: People): string {
  const failure = told.failure(step);
  if (failure) return `failed: ${code(failure.sentence, 160)}`;
  if (step.state === "running") {
    const progress = told.progress(step);
    return progress
      ? `${escapeMrkdwn(progress.doing)}${progress.seconds ? `, ${durationInWords(progress.seconds * 1_000)}` : ""}`
      : "";
  }
  if (step.state === "waiting" && step.kind !== "approval") {
    const waits = told.waits(step);
    if (waits?.waitsFor === "workspace")
      return `waiting for the workspace${waits.holder ? `, held by ${escapeMrkdwn(waits.holder)}` : ""}${waits.position ? `, number ${waits.position} in line` : ""}`;
    return "waiting for a build";
  }
  if (step.kind === "plan") {
    const planned = told.plan(step);
    return planned ? countsInWords(planned.output) : "";
  }
  if (step.kind === "approval") return approvalDetail(step, people);
  if (step.kind === "configuration") {
    const configured = told.configuration(step)?.output;
    if (!configured) return "";
    return configured.ran
      ? `${configured.changed} changed on ${configured.hosts} hosts`
      : `skipped: ${escapeMrkdwn(configured.reason)}`;
  }
  const applied = told.apply(step)?.output.resources;
  if (applied) return `${applied.added} added, ${applied.changed} changed, ${applied.destroyed} destroyed`;
  const scanned = told.scan(step)?.output;
  if (scanned) {
    const skipped = scanned.skipped
      ? `, ${scanned.skipped} skipped${scanned.skippedBecause ? `: ${escapeMrkdwn(scanned.skippedBecause)}` : ""}`
      : "";
    return `all ${scanned.passed} checks passed${skipped}`;
  }
  return "";
}

function approvalDetail(step: StepPicture, people: People): string {
  const granted = told.granted(step);
  if (granted)
    return Array.isArray(granted.decidedBy)
      ? `approved by ${listed(people, granted.decidedBy)} at ${timeOfDay(Date.parse(granted.grantedAt))}`
      : granted.decidedBy.rule === "automatic"
        ? "passed by this environment's rule: nobody has to approve here"
        : "passed by rule: the plan changes nothing";
  const denied = told.denied(step);
  if (denied?.how === "rejected" && denied.by)
    return `rejected by ${called(people, denied.by)}: ${quote(denied.reason ?? "", 200)}`;
  if (denied) return "nobody decided in time";
  const opened = told.opened(step);
  if (!opened) return "";
  return `waiting for ${numberOf(opened.needed)} of ${groupsOf(opened.groups)}, until ${timeOfDay(Date.parse(opened.until))}, then it is refused`;
}

const numberOf = (needed: number) => (needed === 1 ? "one" : String(needed));
const groupsOf = (groups: readonly string[]) =>
  groups.length > 0 ? groups.map((group) => `@${escapeMrkdwn(group)}`).join(", ") : "nobody";

/** How it ended, or why it does not go on: what happened, what it means, what to do. `plain` stands alone in a notification. */
export function outcomeOf(picture: Picture, people: People): { shown: string; plain: string } | undefined {
  const { end, paused, stalled, itinerary, steps } = picture;
  const subject = itinerary.subject;
  if (end) {
    const data = end.data as { by?: string; reason?: string; sentence?: string; at?: string; seconds?: number };
    switch (end.type) {
      case "request.completed.v1": {
        const outputs = told.apply(steps.find(({ kind }) => kind === "apply"))?.output.shown ?? {};
        const table = Object.entries(outputs).map(([name, value]) => `• ${escapeMrkdwn(name)}: ${code(value, 120)}`);
        const done = `${subject} is ready in ${itinerary.environment}`;
        return {
          plain: "ready",
          shown: [
            `✓ *${escapeMrkdwn(done)}.* ${data.seconds === undefined ? "" : `All of it took ${durationInWords(data.seconds * 1_000)}.`}`,
            ...table,
          ].join("\n"),
        };
      }
      case "request.rejected.v1":
        return {
          plain: "rejected. Nothing was changed",
          shown: `✗ *Rejected* by ${called(people, data.by ?? "")}: ${quote(data.reason ?? "", 300)}. Nothing was changed.`,
        };
      case "request.expired.v1":
        return {
          plain: "refused, because nobody decided in time. Nothing was changed",
          shown: `✗ *Nobody decided by ${dayAndTime(Date.parse(data.at ?? ""))}, so this is refused.* Nothing was changed.`,
        };
      case "request.withdrawn.v1":
        return {
          plain: "withdrawn. Nothing was changed",
          shown: `– *Withdrawn* by ${called(people, data.by ?? "")}${data.reason ? `: ${quote(data.reason, 300)}` : ""}. Nothing was changed.`,
        };
      default:
        return { plain: "failed", shown: `✗ *Failed.* ${code(data.sentence ?? "", 900)}` };
    }
  }
  if (paused) {
    const { sentence, until, reason } = paused.data as { sentence: string; until: string; reason: string };
    const next =
      reason === "needs_replan"
        ? "The approval is used up and nothing will be tried again by itself. *Plan again* shows what is left to do."
        : "Nothing will be tried again by itself.";
    const blocked =
      picture.blocked && !picture.unlocked ? " The workspace is blocked for everybody else until then." : "";
    return {
      plain: "stopped and waits for you",
      shown: `✗ *Stopped.* ${code(sentence, 900)}\n${next}${blocked} It is failed at ${dayAndTime(Date.parse(until))} if nobody goes on.`,
    };
  }
  if (stalled) {
    const { kind, owner } = stalled.data as { kind: string; owner: string };
    return {
      plain: "stalled",
      shown: `✗ *Stalled.* ${escapeMrkdwn(owner)} has not answered for the step “${escapeMrkdwn(stepTitle(kind, kind))}”. Nothing is lost; the people who run Sluice have been told.`,
    };
  }
  return undefined;
}

/** Buttons that do something now. A used or stale one would answer privately, but a dead button should not be shown at all. */
function buttonsOf({ itinerary, steps, end, paused }: Picture): Button[] {
  const { request } = itinerary;
  const planStep = steps.find(({ kind }) => kind === "plan");
  const gate = steps.find(({ kind }) => kind === "approval");
  const applyStep = steps.find(({ kind }) => kind === "apply");
  const scanStep = steps.find(({ kind }) => kind === "scan");
  const planned = told.plan(planStep);
  const shown: Button[] = [];
  if (planned)
    shown.push(button("See plan", { actionId: "see_plan", value: `${request}.${planned.step}.${planned.attempt}` }));
  if (told.scan(scanStep))
    shown.push(
      button("See evidence", { actionId: "see_evidence", value: `${request}.${scanStep?.name}.${scanStep?.attempt}` }),
    );
  if (end) {
    if (end.type !== "request.completed.v1")
      shown.push(
        button("Ask again", { actionId: "ask_again", value: request }),
        button("Edit and ask again", { actionId: "edit_and_ask_again", value: request }),
      );
    return shown;
  }
  const replan = paused && (paused.data as { reason: string }).reason === "needs_replan";
  if ((replan || (gate?.state === "waiting" && gate.facts.opened)) && planStep)
    shown.push(
      button("Plan again", { actionId: "plan_again", value: `${request}.${planStep.name}.${planStep.attempt}` }),
    );
  const applying = applyStep && (applyStep.facts.progress || applyStep.state === "done");
  if (!applying || paused) shown.push(button("Withdraw", { actionId: "withdraw", value: request }));
  return shown;
}
