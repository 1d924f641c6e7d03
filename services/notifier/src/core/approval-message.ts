import { apply, configuration, MAX_REASON, mayChange, type PlanOutput } from "@sluice/events";
import {
  actions,
  button,
  code,
  context,
  escapeMrkdwn,
  inWords,
  type MessageContent,
  paragraphs,
  quoting,
  section,
  timeOfDay,
} from "@sluice/slack";
import {
  calledToDecide,
  groupsInWords,
  listed,
  named,
  outcomeOf,
  type People,
  passedBy,
  resultOf,
  sentenceIn,
  shortDigest,
  stepTitle,
  stillNeeded,
  subjectInWords,
  whatStays,
} from "@sluice/words";
import { known, type Picture, type StepPicture, stepAt } from "@sluice/words/facts";
import { buttonValue } from "./buttons.ts";
import { changesInWords } from "./changes.ts";
import { askedBy } from "./request-message.ts";

/** What approvers are asked, in their own channel; afterwards, for everybody, who decided and when. Nothing while its gate is not open. */
export function approvalMessage(picture: Picture, gate: StepPicture, people: People): MessageContent | undefined {
  const opened = known.opened(gate);
  if (!opened) return undefined;
  const { request, subject, environment, workspace } = picture.itinerary;
  const planned = known.plan(stepAt(picture.facts, opened.of.step, "plan", opened.of.attempt));
  const digest = shortDigest(opened.changeDigest);
  const decided = decisionOf(picture, gate, people, digest);
  const where = `in ${escapeMrkdwn(environment)}`;
  const id = buttonValue(request, { step: gate.name, attempt: gate.attempt });
  const seePlan = button("See plan", { actionId: "see_plan", value: buttonValue(request, opened.of) });

  return {
    text: decided
      ? `${inWords(subject, 120)} ${where}: ${decided.plain}`
      : `Approve ${inWords(subject, 120)} ${where}? Plan ${digest}, until ${timeOfDay(Date.parse(opened.until))}.`,
    blocks: [
      section(
        decided ? `*${subjectInWords(subject)} ${where}*` : `*Approve ${subjectInWords(subject, "inside")} ${where}?*`,
      ),
      section(askedBy(picture, people)),
      ...(planned
        ? paragraphs(changesInWords(planned.output, changesAfter(picture, gate))).map((text) => ({
            ...section(text),
            expand: true,
          }))
        : []),
      ...paragraphs((decided?.shown ?? ruleInWords(picture, gate, people, digest)).split("\n")).map((text) =>
        section(text),
      ),
      decided
        ? actions(`decided.${id}`, seePlan)
        : actions(
            `gate.${id}`,
            button("Approve", {
              actionId: "approve",
              value: id,
              style: opened.destructive ? "danger" : "primary",
              asks: opened.destructive ? confirmation(planned?.output, digest) : undefined,
            }),
            button("Reject…", { actionId: "reject", value: id }),
            seePlan,
          ),
      context(`${request} · workspace ${workspace}`),
    ],
  };
}

/** What Slack asks once more before something is destroyed. Plain text: only counts of ours. */
function confirmation(planned: PlanOutput | undefined, digest: string) {
  const { destroys, replaces } = planned?.summary ?? {};
  const counted = [
    ...(destroys?.count ? [`destroys ${destroys.count}`] : []),
    ...(replaces?.count ? [`replaces ${replaces.count}`] : []),
  ];
  const what = counted.length > 0 ? counted.join(" and ") : "takes something away";
  return {
    title: "Approve what takes something away?",
    says: `Plan ${digest} ${what}. What is destroyed does not come back by itself.`,
  };
}

/** What is approved, by how many of whom, and what silence means. */
function ruleInWords({ itinerary }: Picture, gate: StepPicture, people: People, digest: string): string {
  const { groups = [], approvers = [], until = "" } = known.opened(gate) ?? {};
  const askers = [itinerary.requester, ...(itinerary.onBehalfOf ? [itinerary.onBehalfOf] : [])];
  const needed = stillNeeded(gate, people).replace(/^./, (first) => first.toUpperCase());
  const but = listed(
    askers.map((each) => named(people, each)),
    "or",
  );
  return `You approve exactly plan ${digest}. ${needed} of ${groupsInWords(groups)}, but not ${but}. Until ${timeOfDay(Date.parse(until))}, then it is refused.${lapsedInWords(gate, people)}\nAsked to decide: ${calledToDecide(people, groups, approvers)}`;
}

/** Approvals are counted anew at each decision: who has left the group meanwhile sees why theirs was not enough. */
function lapsedInWords(gate: StepPicture, people: People): string {
  const { lapsed } = known.approvals(gate);
  const who = listed(lapsed.map((each) => named(people, each)));
  return lapsed.length > 0 ? ` ${who} approved before and may not approve any more, so that does not count.` : "";
}

/** What follows an approval without another one, so that nothing that changes something is approved unseen. Each apply has a gate of its own. */
function changesAfter({ itinerary }: Picture, gate: StepPicture): string[] {
  const at = itinerary.steps.findIndex(({ name }) => name === gate.name);
  return itinerary.steps.slice(at + 1).flatMap(({ name, kind, config }) => {
    if (kind === configuration.kind) return [`Runs playbook ${code(String(config.playbook), 60)} afterwards`];
    return kind !== apply.kind && mayChange(kind) ? [`Does step ${code(name, 60)} afterwards`] : [];
  });
}

function decisionOf(picture: Picture, gate: StepPicture, people: People, digest: string) {
  const granted = known.granted(gate);
  const planStep = picture.steps.find(({ name }) => name === known.opened(gate)?.of.step);
  const isSuperseded = planStep !== undefined && planStep.attempt > (known.opened(gate)?.of.attempt ?? 0);
  if (granted) {
    const passed = passedBy(granted, people);
    const since = isSuperseded ? ". A newer plan has taken its place." : "";
    const approved = `✓ ${passed.replace(/^\w+/, boldCapital)} · plan ${digest}${since}`;
    const refused = refusedApply(picture, gate);
    if (!refused) return { plain: passed, shown: [approved, ...becameOf(picture, gate, people)].join("\n") };
    return {
      plain: `${passed}, but not applied`,
      shown: `${approved}\n✗ *Not applied:* ${sentenceIn(refused.sentence)}`,
    };
  }
  const denied = known.denied(gate);
  if (denied?.by) {
    const at = timeOfDay(Date.parse(denied.deniedAt));
    return {
      plain: `rejected by ${named(people, denied.by)}`,
      shown: quoting(`✗ *Rejected* by ${named(people, denied.by)} at ${at}`, denied.reason, MAX_REASON),
    };
  }
  if (denied)
    return {
      plain: "refused, because nobody decided in time",
      shown: `✗ *Refused*, because nobody decided by ${timeOfDay(Date.parse(known.opened(gate)?.until ?? ""))}. ${whatStays(picture)}`,
    };
  if (isSuperseded)
    return {
      plain: "superseded by a newer plan",
      shown: `– *Superseded.* Plan ${digest} is not applied any more; the newer plan has a message of its own.`,
    };
  return picture.end
    ? {
        plain: "ended before anybody decided",
        shown: `– *Ended* before anybody decided. ${whatStays(picture)}`,
      }
    : undefined;
}

/** What became of what was approved here, so that nobody has to look for it in another channel: what the apply did, and how the request ended or why it stands. */
function becameOf(picture: Picture, gate: StepPicture, people: People): string[] {
  const step = applyOf(picture, gate);
  const done = step && resultOf(step);
  const isNewest = picture.steps.some(({ name, attempt }) => name === gate.name && attempt === gate.attempt);
  const [outcome] = isNewest ? (outcomeOf(picture, people)?.shown.split("\n") ?? []) : [];
  return [...(step && done ? [`✓ *${stepTitle(step)}:* ${done}`] : []), ...(outcome ? [outcome] : [])];
}

function applyOf({ itinerary, facts }: Picture, gate: StepPicture): StepPicture | undefined {
  const step = itinerary.steps.find(({ kind, config }) => kind === apply.kind && config.approval === gate.name);
  return step && stepAt(facts, step.name, step.kind, gate.attempt);
}

/** Why the apply of what this gate approved did not even begin, where what was approved turned out to be something else. */
function refusedApply(picture: Picture, gate: StepPicture) {
  const failed = known.failure(applyOf(picture, gate));
  return failed && Object.hasOwn(apply.whenFailedWith ?? {}, failed.code) ? failed : undefined;
}

const boldCapital = (word: string) => `*${word.charAt(0).toUpperCase()}${word.slice(1)}*`;
