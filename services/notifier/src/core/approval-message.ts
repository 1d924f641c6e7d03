import {
  actions,
  button,
  code,
  context,
  escapeMrkdwn,
  listAtMost,
  type MessageContent,
  quote,
  section,
  timeOfDay,
} from "@sluice/slack";
import { type Picture, type StepPicture, told } from "./picture.ts";
import { called, listed, type People, shortDigest } from "./words.ts";

/** What approvers are asked, in their own channel; afterwards, for everybody, who decided and when. Nothing while its gate is not open. */
export function approvalMessage(picture: Picture, gate: StepPicture, people: People): MessageContent | undefined {
  const opened = told.opened(gate);
  if (!opened) return undefined;
  const { itinerary } = picture;
  const planned = told.plan(picture.steps.find(({ name }) => name === opened.of.step));
  const digest = shortDigest(opened.contentDigest);
  const question = `Approve ${itinerary.subject} in ${itinerary.environment}?`;
  const asked = `Asked by ${called(people, itinerary.requester)}${itinerary.reason ? `: ${quote(itinerary.reason, 300)}` : ""}`;
  const id = `${gate.facts.opened?.request}.${gate.name}.${gate.attempt}`;
  const seePlan = button("See plan", {
    actionId: "see_plan",
    value: `${itinerary.request}.${opened.of.step}.${opened.of.attempt}`,
  });

  const decided = decisionOf(picture, gate, people, digest);
  const askers = [itinerary.requester, ...(itinerary.onBehalfOf ? [itinerary.onBehalfOf] : [])];
  const groups = opened.groups.map((group) => `@${escapeMrkdwn(group)}`).join(", ") || "nobody";
  const rule = `You approve exactly plan ${digest}. ${opened.needed === 1 ? "One" : opened.needed} of ${groups}, but not ${listed(people, askers, "or")}. Until ${timeOfDay(Date.parse(opened.until))}, then it is refused.`;

  return {
    text: decided ? `${itinerary.subject} in ${itinerary.environment}: ${decided.plain}` : `${question} ${digest}`,
    blocks: [
      section(`*Approve ${code(itinerary.subject, 120)} in ${escapeMrkdwn(itinerary.environment)}?*\n${asked}`),
      ...(planned ? [section(changesInWords(planned.output, later(picture, gate)))] : []),
      ...(decided
        ? [section(decided.shown), actions(`decided.${id}`, seePlan)]
        : [
            section(rule),
            actions(
              `gate.${id}`,
              button("Approve", { actionId: "approve", value: id, destroys: opened.destructive }),
              button("Reject…", { actionId: "reject", value: id }),
              seePlan,
            ),
          ]),
      context(`${itinerary.request} · workspace ${itinerary.workspace}`),
    ],
  };
}

type Plan = NonNullable<ReturnType<typeof told.plan>>["output"];

/** Destroys and replacements first, never folded away; then what nobody knows of; then counts. */
function changesInWords({ counts, destroys, replaces, orphans, empty }: Plan, playbooks: readonly string[]): string {
  const addresses = ({ count, first }: { count: number; first: string[] }) =>
    listAtMost(
      [...first.map((address) => code(address, 120)), ...Array.from({ length: count - first.length }, () => "")],
      first.length,
    );
  const lines = [
    ...(destroys.count ? [`*− destroys ${destroys.count}:* ${addresses(destroys)}`] : []),
    ...(replaces.count ? [`*± replaces ${replaces.count}:* ${addresses(replaces)}`] : []),
    ...(counts.forget
      ? [`*− forgets ${counts.forget}:* they stay in the account and Terraform no longer knows them`]
      : []),
    ...(orphans.count
      ? [
          `*! ${orphans.count} in the account that no state knows*, left by a killed apply: ${addresses(orphans)}. Delete them by hand and plan again, or they stay.`,
        ]
      : []),
    empty
      ? "No changes to infrastructure"
      : `+ adds ${counts.add}     ~ changes ${counts.change}${counts.import ? `     imports ${counts.import}` : ""}`,
    ...playbooks.map((playbook) => `Runs playbook ${code(playbook, 60)} afterwards`),
  ];
  return lines.join("\n");
}

function later({ itinerary }: Picture, gate: StepPicture): string[] {
  const at = itinerary.steps.findIndex(({ name }) => name === gate.name);
  return itinerary.steps
    .slice(at + 1)
    .flatMap(({ kind, config }) => (kind === "configuration" ? [String(config.playbook)] : []));
}

function decisionOf(picture: Picture, gate: StepPicture, people: People, digest: string) {
  const granted = told.granted(gate);
  if (granted && Array.isArray(granted.decidedBy)) {
    const at = timeOfDay(Date.parse(granted.grantedAt));
    return {
      plain: `approved, plan ${digest}`,
      shown: `✓ *Approved* by ${listed(people, granted.decidedBy)} at ${at} · plan ${digest}`,
    };
  }
  if (granted) return { plain: "passed by rule", shown: `✓ *Passed by rule* · plan ${digest}` };
  const denied = told.denied(gate);
  if (denied?.how === "rejected" && denied.by)
    return {
      plain: "rejected",
      shown: `✗ *Rejected* by ${called(people, denied.by)} at ${timeOfDay(Date.parse(denied.deniedAt))}: ${quote(denied.reason ?? "", 300)}`,
    };
  if (denied)
    return { plain: "refused: nobody decided in time", shown: "✗ *Nobody decided in time, so this is refused.*" };
  if (picture.end)
    return { plain: "ended before a decision", shown: "– *The request has ended* before anybody decided." };
  const planStep = picture.steps.find(({ kind }) => kind === "plan");
  const newer = planStep && planStep.attempt > (told.opened(gate)?.of.attempt ?? 0);
  return newer
    ? { plain: "superseded by a newer plan", shown: "– *Superseded.* A newer plan is on its way; its message follows." }
    : undefined;
}
