import { apply, configuration, mayChange } from "@sluice/events";
import {
  actions,
  button,
  code,
  context,
  escapeMrkdwn,
  fitting,
  inWords,
  listAtMost,
  type MessageContent,
  paragraphs,
  quoting,
  section,
  timeOfDay,
} from "@sluice/slack";
import { buttonValue } from "./buttons.ts";
import { whatStays } from "./outcome.ts";
import { type Picture, type StepPicture, stepAt, told } from "./picture.ts";
import { askedBy, passedBy, stillNeeded } from "./request-message.ts";
import { groupsInWords, listed, MAX_REASON, named, type People, shortDigest, subjectInWords } from "./words.ts";

/** What approvers are asked, in their own channel; afterwards, for everybody, who decided and when. Nothing while its gate is not open. */
export function approvalMessage(picture: Picture, gate: StepPicture, people: People): MessageContent | undefined {
  const opened = told.opened(gate);
  if (!opened) return undefined;
  const { request, subject, environment, workspace } = picture.itinerary;
  const planned = told.plan(stepAt(picture.facts, opened.of.step, "plan", opened.of.attempt));
  const digest = shortDigest(opened.contentDigest);
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
        ? paragraphs(changesInWords(planned.output, changesAfter(picture, gate))).map((text) => section(text))
        : []),
      section(decided ? decided.shown : ruleInWords(picture, gate, people, digest)),
      decided
        ? actions(`decided.${id}`, seePlan)
        : actions(
            `gate.${id}`,
            button("Approve", { actionId: "approve", value: id, destroys: opened.destructive }),
            button("Reject…", { actionId: "reject", value: id }),
            seePlan,
          ),
      context(`${request} · workspace ${workspace}`),
    ],
  };
}

/** What is approved, by how many of whom, and what silence means. */
function ruleInWords({ itinerary }: Picture, gate: StepPicture, people: People, digest: string): string {
  const { groups = [], until = "" } = told.opened(gate) ?? {};
  const askers = [itinerary.requester, ...(itinerary.onBehalfOf ? [itinerary.onBehalfOf] : [])];
  const needed = stillNeeded(gate, people).replace(/^./, (first) => first.toUpperCase());
  const but = listed(
    askers.map((each) => named(people, each)),
    "or",
  );
  return `You approve exactly plan ${digest}. ${needed} of ${groupsInWords(groups)}, but not ${but}. Until ${timeOfDay(Date.parse(until))}, then it is refused.`;
}

type Plan = NonNullable<ReturnType<typeof told.plan>>["output"];

/** Destroys and replacements first, never folded away; then what nobody knows of; then counts. One line each, of at most 2,900. */
function changesInWords({ counts, destroys, replaces, orphans, empty }: Plan, after: readonly string[]): string[] {
  return [
    ...(destroys.count ? [`*− destroys ${destroys.count}:* ${addressesInWords(destroys)}`] : []),
    ...(replaces.count ? [`*± replaces ${replaces.count}:* ${addressesInWords(replaces)}`] : []),
    ...(counts.forget
      ? [`*− forgets ${counts.forget}:* they stay in the account and Terraform no longer knows them`]
      : []),
    ...(orphans.count
      ? [
          `*${orphans.count} in the account that no state knows*, left by a killed apply: ${addressesInWords(orphans)}. Delete them by hand and plan again, or they stay.`,
        ]
      : []),
    empty
      ? "No changes to infrastructure"
      : `+ adds ${counts.add}     ~ changes ${counts.change}${counts.import ? `     imports ${counts.import}` : ""}`,
    ...after,
  ];
}

function addressesInWords({ count, first }: Plan["destroys"]): string {
  const unnamed = Array.from({ length: Math.max(0, count - first.length) }, () => "");
  return listAtMost([...first.map((each) => fitting((n) => code(each, n), 120, 260)), ...unnamed], first.length);
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
  const granted = told.granted(gate);
  const planStep = picture.steps.find(({ name }) => name === told.opened(gate)?.of.step);
  const isSuperseded = planStep !== undefined && planStep.attempt > (told.opened(gate)?.of.attempt ?? 0);
  if (granted) {
    const passed = passedBy(granted, people);
    const since = isSuperseded ? ". A newer plan has taken its place." : "";
    return { plain: passed, shown: `✓ ${passed.replace(/^\w+/, boldCapital)} · plan ${digest}${since}` };
  }
  const denied = told.denied(gate);
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
      shown: `✗ *Refused*, because nobody decided by ${timeOfDay(Date.parse(told.opened(gate)?.until ?? ""))}. ${whatStays(picture)}`,
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

const boldCapital = (word: string) => `*${word.charAt(0).toUpperCase()}${word.slice(1)}*`;
