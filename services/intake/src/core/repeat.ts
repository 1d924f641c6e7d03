import {
  type EventOf,
  RepetitionRefused,
  type RepetitionSubmitted,
  stepToRepeat,
  WorkspaceRefused,
  type WorkspaceTaken,
} from "@sluice/events";
import { owe } from "@sluice/steps";
import { factOf, isFactOf, refusedClick } from "@sluice/words/facts";
import { type ClickRefusal, clicker, endedSentence } from "./clicker.ts";
import { exhausted, overtaken } from "./ends.ts";
import { hear, known } from "./hear.ts";
import { owedStep } from "./owed.ts";
import { needsWorkspaceFirst, owedRepeat, slipOf, stepIn } from "./owed-repeat.ts";
import { type Picture, pauseOf, pictureOf, stepNamed } from "./picture.ts";
import type { Ports } from "./ports.ts";
import { quotaRefusal, withPlan } from "./quotas.ts";
import { type Accepted, type End, MAX_ATTEMPTS, type Repeat, withEnd } from "./record.ts";
import { changeUsed, giveBackPlan } from "./use-quota.ts";
import { SILENCE_MS } from "./watch.ts";

/**
 * Judges who wants a step done again, and asks for attempt n + 1 of it: a plan of its owner at once, anything after the apply once the workspace is held again.
 * Two clicks on one button are one attempt: the second is told that it was made.
 *
 * @throws NonRetriableError `unknown_request`
 */
export async function repeat(ports: Ports, event: EventOf<typeof RepetitionSubmitted>): Promise<void> {
  const { data, metadata } = event;
  const record = await known(ports, data.request, event.type);
  const facts = await ports.store.facts(data.request);
  const mine = record.repeats.find(({ asked }) => asked === metadata.id);
  if (mine) await ports.store.keep(factOf(event));
  if (mine && !mine.refused && !record.end) return ports.publish([owedRepeat(record, mine, facts)]);
  if (mine) return;

  const picture = pictureOf(record, facts);
  const click = { who: data.who, signedAt: Date.parse(data.signedAt) };
  const clicked = clicker(await ports.directory(), click, record, ports.now());
  if ("code" in clicked) return refuse(ports, event, clicked);
  const refusal = refusalOf(record, picture, data, clicked);
  if (refusal) {
    await giveBackPlan(ports, clicked.person.id, metadata.id); // It was counted, and somebody else was first.
    return refuse(ports, event, refusal);
  }

  const made: Repeat = {
    step: data.step,
    attempt: nextAttempt(record, picture),
    asked: metadata.id,
    by: clicked.person.id,
    who: data.who,
    at: ports.now(),
  };
  const { nudged: _, ...rest } = record;
  const after = { ...rest, repeats: [...record.repeats, made], dueAt: ports.now() + SILENCE_MS };
  const usedUp = await countRepeat(ports, record, made);
  if (usedUp) return refuse(ports, event, quotaRefusal(usedUp, ports.quotas, ports.now()));
  if (!(await ports.store.replace(record, after))) return repeat(ports, event); // Ends: each loss is somebody else's change.
  await ports.store.keep(factOf(event));
  await ports.publish([owedRepeat(after, made, facts)]);
}

/** A plan made again is one more plan of whoever wants it, counted before it is stored: should we die in between, the same click is counted already. */
async function countRepeat(ports: Ports, record: Accepted, { step, by, asked }: Repeat) {
  if (stepIn(record, step).kind !== "plan") return undefined;
  return changeUsed(ports, by, (used) => withPlan(used, asked, ports.quotas, ports.now()));
}

async function refuse(ports: Ports, event: EventOf<typeof RepetitionSubmitted>, refusal: ClickRefusal): Promise<void> {
  const { data, metadata } = event;
  const { request, step, attempt, who } = data;
  await ports.store.keep(refusedClick(event, refusal.code));
  const cause = { cause: metadata.id, causationId: metadata.id, actor: metadata.actor };
  await ports.publish([owe(RepetitionRefused, request, { request, step, attempt, ...refusal, who }, cause)]);
}

/** The request holds its workspace again: now the repeated step itself is asked for. Any other taking is only heard. */
export async function repeatInWorkspace(ports: Ports, event: EventOf<typeof WorkspaceTaken>): Promise<void> {
  await hear(ports, event);
  const { request, step, attempt } = event.data;
  const record = await known(ports, request, event.type);
  const taken = record.repeats.find((each) => each.step === step && each.attempt === attempt && !each.refused);
  if (!taken || !needsWorkspaceFirst(record, taken.step) || record.end) return;

  const slip = slipOf(await ports.store.facts(request), record, taken);
  const cause = { cause: event.metadata.id, causationId: event.metadata.id, actor: "service:intake" };
  await ports.publish([owedStep(stepIn(record, taken.step), taken.attempt, slip, cause)]);
}

/**
 * The owner made no such attempt, and whoever asked for it is told, by us who know them. The request is as it was, unless no repeat can ever be allowed: then this
 * is its end.
 */
export async function undoRepeat(ports: Ports, event: RefusedRepeat): Promise<void> {
  const { request, step, attempt, sentence } = event.data;
  const record = await known(ports, request, event.type);
  const isOwn = event.source !== "sluice.provisioner";
  if (isOwn) return record.end ? undefined : ports.store.keep(factOf(event)); // Nothing was made of it.
  const made = record.repeats.find((each) => each.step === step && each.attempt === attempt);
  if (made && !record.end) {
    const refusal = {
      request,
      step,
      attempt,
      code: "code" in event.data ? event.data.code : "workspace_changed",
      sentence,
      who: made.who,
    };
    const cause = { cause: event.metadata.id, causationId: event.metadata.id, actor: "service:intake" };
    await ports.publish([owe(RepetitionRefused, request, refusal, cause)]);
    const repeats = record.repeats.map((each) => (each === made ? { ...each, refused: true as const } : each));
    const end = endAfterRefusal(event, attempt);
    const after = end ? withEnd(record, end) : record;
    if (!made.refused && !(await ports.store.replace(record, { ...after, repeats }))) return undoRepeat(ports, event);
  }
  await hear(ports, event);
}

/** Whether no repeat can ever be allowed: another one has changed the workspace, and that stays so; or there is no further attempt. */
function endAfterRefusal(event: RefusedRepeat, attempt: number): End | undefined {
  const refused = factOf(event);
  if (isFactOf(WorkspaceRefused, refused)) return overtaken(refused);
  return isFactOf(RepetitionRefused, refused) && attempt >= MAX_ATTEMPTS ? exhausted(refused) : undefined;
}

type RefusedRepeat = EventOf<typeof RepetitionRefused> | EventOf<typeof WorkspaceRefused>;

const noMoreAttempts: ClickRefusal = {
  code: "too_many_attempts",
  sentence: `A request has at most ${MAX_ATTEMPTS} attempts. Have this plan decided, or withdraw it and ask again. Nothing was changed.`,
};

function refusalOf(
  record: Accepted,
  picture: Picture,
  clicked: Readonly<{ step: string; attempt: number }>,
  by: Readonly<{ isRequester: boolean; isOperator: boolean }>,
): ClickRefusal | undefined {
  if (record.end) return { code: "closed", sentence: endedSentence(record) };
  if (record.closing)
    return { code: "closing", sentence: "This request is being withdrawn. Nothing was changed by your click." };
  const step = stepNamed(picture, clicked.step);
  if (!step) return { code: "unknown_step", sentence: "This request has no such step. Nothing was changed." };
  if (clicked.attempt !== step.attempt)
    return {
      code: "older_attempt",
      sentence: "This was repeated already; the request's message shows the newer attempt.",
    };

  const pause = pauseOf(picture);
  if (pause && stepToRepeat(picture.steps, pause.step, pause.means) === step)
    return by.isRequester || by.isOperator
      ? undefined
      : {
          code: "not_yours",
          sentence: "Only who asked for this, or an operator, can go on with it. Nothing was changed.",
        };
  if (step.kind === "plan" && isGateOpen(picture)) {
    if (!by.isRequester)
      return {
        code: "not_yours",
        sentence: "Only who asked for this can plan it again while it waits for approval. Nothing was changed.",
      };
    return nextAttempt(record, picture) <= MAX_ATTEMPTS ? undefined : noMoreAttempts;
  }
  return {
    code: "not_now",
    sentence: "There is nothing to repeat now: the request goes on by itself. Nothing was changed.",
  };
}

function isGateOpen({ front }: Picture): boolean {
  return front?.kind === "approval" && front.facts.ended === undefined;
}

/** Above every attempt that was ever asked for, also one that was refused: an attempt's number is used once. */
function nextAttempt({ repeats }: Accepted, { steps }: Picture): number {
  return 1 + Math.max(1, ...repeats.map(({ attempt }) => attempt), ...steps.map(({ attempt }) => attempt));
}
