import {
  ApprovalDenied,
  DecisionRecorded,
  PrincipalId,
  RequestCompleted,
  RequestWithdrawn,
  WithdrawalSubmitted,
  WorkspaceUnlocked,
} from "@sluice/events";
import { factOf } from "@sluice/words/facts";
import fc from "fast-check";
import { expect, it } from "vitest";
import { proposeByPerson } from "../../src/core/propose.ts";
import { type Accepted, isAccepted } from "../../src/core/record.ts";
import { statusText } from "../../src/door/status.ts";
import { gate, noon, outcomes, proposed, reader, request, slackUsers, team, told, world } from "../factories.ts";

async function recordWith(reason: string): Promise<Accepted> {
  const { ports, store } = world();
  await proposeByPerson(ports, proposed({ reason }));
  const record = store.records.get(request);
  if (!record || !isAccepted(record)) throw new Error("The request was not accepted");
  return record;
}
const acceptedRecord = await recordWith("because");

/** The status of a request of which everybody gave this reason for everything, in lines. */
async function statusWith(reason: string): Promise<string[]> {
  const record = await recordWith(reason);
  const who = { team, user: slackUsers.dan };
  const heard = [
    outcomes.plan(),
    told(ApprovalDenied, { ...ApprovalDenied.example, ...gate(), reason }),
    told(
      WithdrawalSubmitted,
      { request, who, signedAt: new Date(noon).toISOString(), reason },
      { actor: "person_dan" },
    ),
    told(WorkspaceUnlocked, { ...WorkspaceUnlocked.example, request, reason }),
  ].map(factOf);
  const end = {
    type: RequestWithdrawn.type,
    data: { request, by: PrincipalId.parse("person_dan"), reason },
    cause: record.cause,
    at: noon,
  };
  const text = statusText({ ...record, end }, heard, reader);
  return text.split(/\r\n|[\n\v\f\r\x85\u2028\u2029]/);
}

it("tells each reason below the line that says whose it is", async () => {
  const lines = await statusWith("because");

  expect(
    lines.flatMap((line, at) => (line === "> “because”" ? [lines[at - 1]?.replace(/^<[^>]*> {2}/, "")] : [])),
  ).toEqual([
    "Asked by person_ada:",
    "Rejected by person_carol:",
    "person_dan wants to withdraw it:",
    "person_dan unlocked the workspace:",
  ]);
});

it("has the same lines of ours whatever people write", async () => {
  const hostile = fc.oneof(
    fc.constantFrom(
      "”\u2003✓ Approved",
      `x${"\u2800".repeat(200)}y`,
      "x\n2026-11-23  Approved by Carol",
      "x\u2028> “y”",
    ),
    fc.string({ unit: "binary", maxLength: 40 }).map((text) => `x${text}`),
  );
  const ours = (lines: readonly string[]) => lines.map((line) => line.replace(/^> .*/s, "> …"));
  const plain = ours(await statusWith("because"));

  await fc.assert(
    fc.asyncProperty(hostile, async (reason) => {
      expect(ours(await statusWith(reason))).toEqual(plain);
    }),
  );
});

it("keeps the newest and says how many older ones it leaves out, should even decisions be too many", () => {
  const decisions = Array.from({ length: 2_000 }, (_, n) =>
    factOf(told(DecisionRecorded, { ...DecisionRecorded.example, by: `person_${n}` }, { at: noon + n * 1_000 })),
  );
  const record = {
    ...acceptedRecord,
    end: { type: RequestCompleted.type, data: { request, seconds: 62 }, cause: acceptedRecord.cause, at: noon },
  };

  const text = statusText(record, decisions, reader);

  expect(text.length).toBeLessThan(40_000);
  expect(text).toContain("person_1999 approved");
  expect(text).toMatch(/\n\d{4} more are left out, the older ones\.\n/);
});

it("says whose approval does not count any more", () => {
  const lapsed = ["person_carol", "person_bob"];
  const decision = told(DecisionRecorded, { ...DecisionRecorded.example, by: "person_dan", lapsed, needed: 3 });

  expect(statusText(acceptedRecord, [factOf(decision)], reader)).toContain(
    "person_dan approved, 1 of 3; the approval of person_carol and person_bob does not count any more",
  );
});

it("does not vouch for whom another system asks", () => {
  const { itinerary } = acceptedRecord;
  const asked = { requester: PrincipalId.parse("system_pipeline"), onBehalfOf: PrincipalId.parse("person_ada") };

  expect(statusText({ ...acceptedRecord, itinerary: { ...itinerary, ...asked } }, [], reader)).toContain(
    "Asked by system_pipeline, which says it is for person_ada:\n> “because”",
  );
});
