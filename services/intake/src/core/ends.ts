import {
  ApprovalDenied,
  type RepetitionRefused,
  RequestCompleted,
  RequestExpired,
  RequestFailed,
  RequestRejected,
  type WorkspaceRefused,
  whenFailed,
} from "@sluice/events";
import type { Cause } from "@sluice/steps";
import { type Fact, type FactOf, failureIn, isFactOf } from "@sluice/words/facts";
import { type Picture, pauseOf } from "./picture.ts";
import { type Accepted, type End, type Instant, MAX_ATTEMPTS } from "./record.ts";

const because = ({ id }: Pick<Fact, "id">): Cause => ({ cause: id, causationId: id, actor: "service:intake" });
const iso = (instant: Instant) => new Date(instant).toISOString();

/** The end that a picture amounts to, or nothing while the request goes on. A withdrawal is none of these: it is decided, not seen. */
export function endOf(record: Accepted, picture: Picture, now: Instant): End | undefined {
  const { request } = record;
  const { front } = picture;
  const ended = front?.facts.ended;
  if (!front || !ended) return undefined;
  const told = { cause: because(ended), at: ended.at };

  if (isFactOf(ApprovalDenied, ended)) {
    const { how, by, reason = "", deniedAt } = ended.data;
    return how === "rejected" && by
      ? { type: RequestRejected.type, data: { request, by, reason }, ...told }
      : { type: RequestExpired.type, data: { request, at: deniedAt }, ...told };
  }
  const failure = failureIn(ended);
  const isLastAttempt = front.attempt >= MAX_ATTEMPTS;
  if (failure && (isLastAttempt || whenFailed(front.kind, failure.code) === "ends")) {
    const sentence = isLastAttempt ? exhaustedSentence(failure.sentence) : failure.sentence;
    const data = { request, step: front.name, attempt: front.attempt, code: failure.code, sentence };
    return { type: RequestFailed.type, data, ...told };
  }
  if (picture.isLast && !failure) {
    const seconds = Math.max(0, ended.at - record.askedAt) / 1_000;
    return { type: RequestCompleted.type, data: { request, seconds }, ...told };
  }
  return givenUp(record, picture, now);
}

/** What was applied is not there any more as it was: no repeat of a step after it can ever be allowed, so nobody has to wait for one. */
export function overtaken(refused: FactOf<typeof WorkspaceRefused>): End {
  const { request, step, attempt, sentence } = refused.data;
  const data = { request, step, attempt, code: "workspace_changed", sentence };
  return { type: RequestFailed.type, data, cause: because(refused), at: refused.at };
}

/** The last attempt that there can be was not even made, so nobody has to wait for another one. */
export function exhausted(refused: FactOf<typeof RepetitionRefused>): End {
  const { request, step, attempt, sentence } = refused.data;
  const data = { request, step, attempt, code: "too_many_attempts", sentence: exhaustedSentence(sentence) };
  return { type: RequestFailed.type, data, cause: because(refused), at: refused.at };
}

function exhaustedSentence(sentence: string): string {
  return `This was attempt ${MAX_ATTEMPTS}, and a request has no more. ${sentence}`.slice(0, 1_000);
}

/** Nobody went on with a paused request for seven days. */
function givenUp({ request }: Accepted, picture: Picture, now: Instant): End | undefined {
  const pause = pauseOf(picture);
  if (!pause || now < pause.until) return undefined;
  const { step, attempt, until, failed } = pause;
  const sentence = `Nobody went on by ${iso(until)}. ${pause.sentence}`.slice(0, 1_000);
  const data = { request, step, attempt, code: "nobody_went_on", sentence };
  return {
    type: RequestFailed.type,
    data,
    cause: { cause: `deadline of ${failed.id}`, actor: "service:intake" },
    at: until,
  };
}
