import { ApprovalDenied, EventId, type OwnStepKind, StepName, stepKinds, stepToRepeat } from "@sluice/events";
import { factOf } from "@sluice/words/facts";
import { describe, expect, it } from "vitest";
import { endOf } from "../../src/core/ends.ts";
import { pauseOf, pictureOf } from "../../src/core/picture.ts";
import type { Accepted } from "../../src/core/record.ts";
import { acceptedSlip, failure, noon, request, told } from "../factories.ts";

const NAME = StepName.parse("it");

/** A request whose last step is of the kind, after one of each kind, so that whatever a pause goes on with is there. */
function recordWith(kind: OwnStepKind): Accepted {
  const before = Object.keys(stepKinds).map((each) => ({
    name: StepName.parse(`before-${each}`),
    kind: each,
    config: {},
  }));
  const steps = [...before, { name: NAME, kind, config: {} }];
  return {
    request,
    version: 1,
    proposal: acceptedSlip.digest,
    cause: { cause: "proposal", causationId: EventId.parse(`evt_${"0".repeat(32)}`), actor: "service:intake" },
    askedAt: noon,
    repeats: [],
    itinerary: { ...acceptedSlip.itinerary, steps },
  };
}

function failed(kind: OwnStepKind) {
  const ref = { request, step: NAME, attempt: 1 };
  const contract = stepKinds[kind];
  const data = kind === "approval" ? { ...ApprovalDenied.example, gate: ref } : { ...ref, ...failure };
  const record = recordWith(kind);
  return { record, picture: pictureOf(record, [factOf(told(contract.failed, data))]) };
}

describe.each(Object.keys(stepKinds) as OwnStepKind[])("a failed %s", (kind) => {
  const { whenFailed } = stepKinds[kind];

  it("ends its request or has it wait for a person, as its contract says, and is never waited for", () => {
    const { record, picture } = failed(kind);

    const pause = pauseOf(picture);

    expect(endOf(record, picture, noon) === undefined).toBe(whenFailed !== "ends");
    expect(pause?.means ?? "ends").toEqual(whenFailed);
    if (pause) expect(stepToRepeat(picture.steps, pause.step, pause.means)?.name).toBeDefined();
  });
});
