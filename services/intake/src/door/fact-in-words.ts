import { titleOf } from "@sluice/events";
import { code, dayAndTime, link } from "@sluice/slack";
import { cut, durationInWords } from "@sluice/text";
import { actorInWords, named, type People, peopleIn, refusedBecause, resultOf } from "@sluice/words";
import { type Fact, failureIn, isRefusal, stepAt, stepInKey } from "@sluice/words/facts";
import type { End } from "../core/record.ts";
import type { Reader } from "./reader.ts";

/** Characters of what a tool or a person wrote, where there is no room for more. */
export const BRIEF = 80;

/** How much is told: characters of a tool's words, and where the logs are, if that is told at all. */
export type Telling = Readonly<{ people: People; logUrl?: Reader["logUrl"]; words: number }>;

/** What is asked for, waits or came to nothing decides nothing; nor does what has no words of its own. */
export function isDetail(fact: Fact): boolean {
  return isRefusal(fact) || isDetailByType(fact) || wordsOf(fact, nobody) === undefined;
}

function isDetailByType({ type }: Fact): boolean {
  switch (type) {
    case "approval.opened.v1":
    case "step.suspended.v1":
    case "workspace.taken.v1":
    case "closing.refused.v1":
      return true;
    default:
      return type.endsWith(".requested.v1");
  }
}

const nobody: Telling = { people: peopleIn(undefined), words: BRIEF };

/** One event as a sentence. What has no words here is told by its name rather than left out. */
export function sentenceIn(fact: Fact, telling: Telling): string {
  const build = "build" in fact.data ? fact.data.build : undefined;
  const log = telling.logUrl && build ? ` · ${link(telling.logUrl(build), "log")}` : "";
  const words =
    wordsOf(fact, telling) ?? `${actorInWords(telling.people, fact.actor)}: ${fact.type.replaceAll(".", " ")}`;
  return words + log;
}

/** What a person wrote, for a line of its own. Elsewhere `reason` is a word of ours. */
export function wordsIn({ type, data }: Fact): string | undefined {
  switch (type) {
    case "approval.denied.v1":
    case "withdrawal.submitted.v1":
    case "workspace.unlocked.v1":
      return "reason" in data ? data.reason : undefined;
    default:
      return undefined;
  }
}

function wordsOf(fact: Fact, telling: Telling): string | undefined {
  const { people, words } = telling;
  const who = actorInWords(people, fact.actor);
  const tool = (sentence: string) => code(sentence, words);
  const why = (sentence: string) => code(sentence, Math.min(words, 300));
  switch (fact.type) {
    case "approval.opened.v1":
      return `Approval is open, until ${dayAndTime(Date.parse(fact.data.until))}`;
    case "approval.granted.v1": {
      const { decidedBy } = fact.data;
      return Array.isArray(decidedBy)
        ? `Approved by ${decidedBy.map((id) => named(people, id)).join(" and ")}`
        : "Passed by rule, without anybody";
    }
    case "approval.denied.v1":
      return fact.data.by ? `Rejected by ${named(people, fact.data.by)}` : "Nobody decided in time";
    case "decision.recorded.v1": {
      const { by, verdict, have, needed, lapsed = [] } = fact.data;
      const decided = `${named(people, by)} ${verdict === "approve" ? "approved" : "rejected"}, ${have} of ${needed}`;
      return lapsed.length > 0
        ? `${decided}; the approval of ${namesOf(lapsed, people)} does not count any more`
        : decided;
    }
    case "decision.refused.v1":
      return `${who} decided, and it does not count: ${refusedBecause[fact.data.code]}`;
    case "step.suspended.v1": {
      const { waitsFor, holder } = fact.data;
      return waitsFor === "build"
        ? "Waits for a build"
        : `Waits for the workspace${holder ? `, held by ${holder}` : ""}`;
    }
    case "workspace.taken.v1":
      return "Holds its workspace";
    case "workspace.blocked.v1":
      return `The workspace is blocked: ${why(fact.data.sentence)}`;
    case "workspace.unlocked.v1":
      return `${named(people, fact.data.by)} unlocked the workspace`;
    case "workspace.refused.v1":
      return `The workspace was not given: ${why(fact.data.sentence)}`;
    case "withdrawal.submitted.v1":
      return `${who} wants to withdraw it`;
    case "closing.refused.v1":
      return "Too late to withdraw it";
    case "closing.completed.v1":
      return "Nothing of it runs any more";
    case "repetition.submitted.v1":
      return `${who} wants ${code(fact.data.step, 40)} done again`;
    case "repetition.refused.v1":
      return `Not done again: ${why(fact.data.sentence)}`;
    case "unlock.refused.v1":
      return `Not unlocked: ${why(fact.data.sentence)}`;
    case "proposal.refused.v1":
      return `Refused a proposal of the same id: ${why(fact.data.sentence)}`;
    default:
      return stepSentence(fact, tool);
  }
}

/** A step's own events read alike, whatever its kind. */
function stepSentence(fact: Fact, tool: (sentence: string) => string): string | undefined {
  const about = stepInKey(fact.key);
  if (!about) return undefined;
  const kind = fact.type.slice(0, fact.type.indexOf("."));
  const title = titleOf(kind, about.name);
  const again = about.attempt > 1 ? `, attempt ${about.attempt}` : "";
  if (about.phase === "asked") return `${title} was asked for${again}`;
  if (about.phase !== "ended") return undefined;
  const failure = failureIn(fact);
  if (failure) return `${title} failed${again}: ${tool(failure.sentence)}`;
  const step = stepAt([fact], about.name, kind, about.attempt);
  const result = resultOf(step);
  if (step.state === "skipped") return `${title} was ${result}`;
  const took = step.seconds === undefined ? "" : ` in ${durationInWords(step.seconds * 1_000)}`;
  return `${title} is done${again}${took}${result ? `: ${result}` : ""}`;
}

/** How a request ended, for the last line of its timeline. */
export function endSentence(end: End, { people, words }: Telling): string {
  switch (end.type) {
    case "request.completed.v1":
      return "Done";
    case "request.rejected.v1":
      return "Ended: rejected";
    case "request.expired.v1":
      return "Ended: nobody decided in time";
    case "request.withdrawn.v1":
      return `Ended: withdrawn by ${named(people, end.data.by)}`;
    case "request.failed.v1":
      return `Ended: failed. ${code(end.data.sentence, words)}`;
    case "request.refused.v1":
      return `Ended: refused. ${code(end.data.sentence, words)}`;
  }
}

const namesOf = (ids: readonly string[], people: People) => cut(ids.map((id) => named(people, id)).join(" and "), 200);
