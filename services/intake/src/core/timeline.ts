import { MAX_REASON } from "@sluice/events";
import { code, dayAndTime, link, quoting } from "@sluice/slack";
import type { Fact } from "./facts.ts";
import type { Accepted } from "./record.ts";
import { type NameOf, type Reader, whatStays } from "./status.ts";

/** Everything that happened to a request, the oldest first: a time, who, a sentence each, and the log of the build that did it. */
export function timelineOf(record: Accepted, facts: readonly Fact[], { nameOf, logUrl }: Reader): readonly string[] {
  const logOf = ({ build }: Data) => (build ? ` · ${link(logUrl(String(build)), "log")}` : "");
  const told = facts.map(({ at, actor, type, data }) => ({
    at,
    text: sentenceOf(type, data, nameOf(actor), nameOf) + logOf(data),
    said: wordsIn(type, data),
  }));
  const accepted = { at: record.askedAt, text: `${nameOf(record.itinerary.requester)} asked for it`, said: undefined };
  const end = record.end
    ? [
        {
          at: record.end.at,
          text: `${sentenceOf(record.end.type, record.end.data, "", nameOf)}${whatStays(record.end.type, facts)}`,
          said: undefined, // What a withdrawal's person wrote stands at their click.
        },
      ]
    : [];
  return [accepted, ...told.toSorted((one, other) => one.at - other.at), ...end].flatMap(({ at, text, said }) =>
    quoting(`${dayAndTime(at)}  ${text}`, said, MAX_REASON).split("\n"),
  );
}

type Data = Readonly<Record<string, unknown>>;

/** One event as a sentence. A type that is not known here is told by its name rather than left out. */
function sentenceOf(type: string, data: Data, who: string, nameOf: NameOf): string {
  const known = sentences[type] ?? stepSentence(type);
  return known ? known(data, who, nameOf) : `${who}: ${type.replaceAll(".", " ")}`;
}

type Sentence = (data: Data, who: string, nameOf: NameOf) => string;

/** Events whose `reason` a person wrote; elsewhere it is a word of ours. */
const saying = ["approval.denied.v1", "withdrawal.submitted.v1", "workspace.unlocked.v1"];

function wordsIn(type: string, { reason }: Data): string | undefined {
  return saying.includes(type) && typeof reason === "string" ? reason : undefined;
}

const text = (value: unknown, most = 300) => code(String(value ?? ""), most);
const by = ({ by }: Data, nameOf: NameOf) => nameOf(String(by ?? ""));

/** Whose approval counted before this decision and does not any more. */
function lapsedIn({ lapsed }: Data, nameOf: NameOf): string {
  return Array.isArray(lapsed) ? `; the approval of ${lapsed.map(nameOf).join(" and ")} does not count any more` : "";
}

const sentences: Readonly<Record<string, Sentence>> = {
  "approval.opened.v1": (data) => `Approval is open, until ${dayAndTime(Date.parse(String(data.until)))}`,
  "approval.granted.v1": ({ decidedBy }, _who, nameOf) =>
    Array.isArray(decidedBy) ? `Approved by ${decidedBy.map(nameOf).join(" and ")}` : "Passed by rule, without anybody",
  "approval.denied.v1": (data, _who, nameOf) =>
    data.how === "rejected" ? `Rejected by ${by(data, nameOf)}` : "Nobody decided in time",
  "decision.recorded.v1": (data, _who, nameOf) =>
    `${by(data, nameOf)} ${data.verdict === "approve" ? "approved" : "rejected"}, ${data.have} of ${data.needed}${lapsedIn(data, nameOf)}`,
  "decision.refused.v1": ({ code }, who) => `${who} may not decide, or not any more (${text(code, 40)})`,
  "step.suspended.v1": ({ waitsFor, holder }) =>
    waitsFor === "build"
      ? "Waits for a build"
      : `Waits for the workspace${holder ? `, held by ${text(holder, 40)}` : ""}`,
  "workspace.taken.v1": () => "Holds its workspace",
  "workspace.blocked.v1": ({ sentence }) => `The workspace is blocked: ${text(sentence)}`,
  "workspace.unlocked.v1": (data, _who, nameOf) => `${by(data, nameOf)} unlocked the workspace`,
  "workspace.refused.v1": ({ sentence }) => `The workspace was not given: ${text(sentence)}`,
  "withdrawal.submitted.v1": (_data, who) => `${who} wants to withdraw it`,
  "closing.refused.v1": () => "Too late to withdraw it",
  "closing.completed.v1": () => "Nothing of it runs any more",
  "repetition.submitted.v1": ({ step }, who) => `${who} wants ${text(step, 40)} done again`,
  "repetition.refused.v1": ({ sentence }) => `Not done again: ${text(sentence)}`,
  "unlock.refused.v1": ({ sentence }) => `Not unlocked: ${text(sentence)}`,
  "proposal.refused.v1": ({ sentence }) => `Refused a proposal of the same id: ${text(sentence)}`,
  "request.completed.v1": () => "Done",
  "request.rejected.v1": () => "Ended: rejected",
  "request.expired.v1": () => "Ended: nobody decided in time",
  "request.withdrawn.v1": (data, _who, nameOf) => `Ended: withdrawn by ${by(data, nameOf)}`,
  "request.failed.v1": ({ sentence }) => `Ended: failed. ${text(sentence, 600)}`,
};

/** A step's own events read alike, whatever its kind. */
function stepSentence(type: string): Sentence | undefined {
  const [kind = "", participle] = type.split(".");
  const attempt = ({ attempt }: Data) => (Number(attempt) > 1 ? `, attempt ${attempt}` : "");
  const title = kind.charAt(0).toUpperCase() + kind.slice(1);
  if (participle === "requested") return (data, who) => `${title} was asked for by ${who}${attempt(data)}`;
  if (participle === "completed") return (data) => `${title} is done${attempt(data)}`;
  if (participle === "failed") return (data) => `${title} failed${attempt(data)}: ${text(data.sentence, 600)}`;
  return undefined;
}
