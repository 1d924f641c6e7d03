import { RequestId } from "@sluice/events";
import { type EarlySteps, earlySteps } from "@sluice/jobs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { emulatedTable } from "../../../../test/emulated-table.ts";
import { eventId, request, scanRequested } from "../factories.ts";

let emulated: Awaited<ReturnType<typeof emulatedTable>>;
let early: EarlySteps;

beforeAll(async () => {
  emulated = await emulatedTable();
  early = earlySteps(emulated.documents, emulated.table);
});
afterAll(() => emulated?.stop());

it("gives back what came too early, each event once and whole", async () => {
  const [one, other] = [scanRequested({}, eventId(1)), scanRequested({ attempt: 2 }, eventId(2))];

  for (const event of [one, other, one]) await early.keep(event);

  expect(await early.of(request)).toEqual([one, other]);
  expect(await early.of("req_00000000")).toEqual([]);
});

it("gives back more than a page of the table holds", async () => {
  const forged = RequestId.parse("req_forged01");
  const subject = "x".repeat(60_000);
  const many = Array.from({ length: 20 }, (_, n) => {
    const event = scanRequested({ request: forged }, eventId(100 + n));
    return { ...event, data: { ...event.data, slip: { ...event.data.slip, digest: subject as never } } };
  });

  await Promise.all(many.map((event) => early.keep(event)));

  expect(await early.of(forged)).toHaveLength(many.length);
});
