import { MAX_REASON, type WorkspaceRefused } from "@sluice/events";
import { code, fitting, inWords, quoting } from "@sluice/slack";
import { durationInWords } from "@sluice/text";
import { called, named, outcomeOf, type People, passedBy, resultOf, shortDigest, stepTitle } from "@sluice/words";
import { attemptsOf, type Fact, type FactOf, known, type Picture, type StepPicture, stepAt } from "@sluice/words/facts";

/** A detail under a request's message. Posted once, under its key; never changed. */
export type ThreadEntry = Readonly<{ key: string; text: string }>;

/** The details that are due, the earliest first: every attempt that ended, every pause, every repeat that was not started. The end comes last and calls who asked. */
export function threadOf(picture: Picture, people: People): readonly ThreadEntry[] {
  const { itinerary, paused, unmade, end } = picture;
  const asker = called(people, itinerary.requester);
  const subject = inWords(itinerary.subject, 120);
  const outcome = outcomeOf(picture, people);
  const entry = (fact: Fact, text: string) => ({ at: fact.at, key: fact.key, text });

  const details = [
    ...endedAttempts(picture).map(([step, ended]) => entry(ended, stepEntry(step, people))),
    ...unmade.map((fact) => entry(fact, `${asker} ${unmadeEntry(fact, picture)}`)),
  ].sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
  const last = end ?? paused;
  return [
    ...details,
    ...(last && outcome
      ? [entry(last, [`${subject} ${outcome.plain} ${asker}`, outcome.said].filter(Boolean).join("\n"))]
      : []),
  ].map(({ key, text }) => ({ key, text }));
}

function endedAttempts({ itinerary, facts }: Picture): [StepPicture, Fact][] {
  return itinerary.steps.flatMap(({ name, kind }) =>
    attemptsOf(facts, name).flatMap((attempt): [StepPicture, Fact][] => {
      const step = stepAt(facts, name, kind, attempt);
      return step.facts.ended ? [[step, step.facts.ended]] : [];
    }),
  );
}

function stepEntry(step: StepPicture, people: People): string {
  const again = step.attempt > 1 ? `, attempt ${step.attempt}` : "";
  const title = `*${stepTitle(step)}*${again}`;
  const took = step.seconds === undefined ? "" : ` in ${durationInWords(step.seconds * 1_000)}`;
  const failure = known.failure(step);
  if (failure) return `✗ ${title} failed${took}: ${fitting((n) => code(failure.sentence, n), 1_000, 3_500)}`;
  const granted = known.granted(step);
  if (granted) return `✓ ${title} ${passedBy(granted, people)}`;
  const denied = known.denied(step);
  if (denied?.by) return quoting(`✗ ${title} rejected by ${named(people, denied.by)}`, denied.reason, MAX_REASON);
  if (denied) return `✗ ${title} refused: nobody decided in time`;
  const configured = known.configuration(step)?.output;
  if (configured?.ran) return `✓ ${title}${took}: ${configured.changed} changed, ${configured.ok} ok`;
  const result = resultOf(step);
  if (step.state === "skipped") return `– ${title} ${result}`;
  const planned = known.plan(step)?.output;
  const digest = planned ? ` · plan ${shortDigest(planned.changeDigest)}` : "";
  return result ? `✓ ${title}${took}: ${result}${digest}` : `✓ ${title} done`;
}

function unmadeEntry({ data: { step: name, sentence } }: FactOf<typeof WorkspaceRefused>, { steps }: Picture): string {
  const step = steps.find((each) => each.name === name) ?? { kind: "", name };
  return `${stepTitle(step)} was not repeated. ${fitting((n) => code(sentence, n), 900, 3_000)}`;
}
