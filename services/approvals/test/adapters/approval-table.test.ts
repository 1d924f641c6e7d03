import { RequestId } from "@sluice/events";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { allDue, emulatedTable } from "../../../../test/emulated-table.ts";
import { approvalTable } from "../../src/adapters/approval-table.ts";
import { dueGate } from "../../src/adapters/due-gate.ts";
import type { Gate } from "../../src/core/gate.ts";
import type { ApprovalStore } from "../../src/core/ports.ts";
import { accepted, ada, asked, carol, eventNumber, gate, itinerary, made, planned, planOutput } from "../factories.ts";

let account: Awaited<ReturnType<typeof emulatedTable>>;
let store: ApprovalStore;
let request: RequestId;
let requests = 0;
beforeAll(async () => {
  account = await emulatedTable();
  store = approvalTable(account.documents, account.table);
});
afterAll(() => account.stop());
beforeEach(async () => {
  request = RequestId.parse(`req_${String(++requests).padStart(8, "0")}`);
});

const accept = () => store.keepAcceptance(accepted(itinerary({ request })));
const own = (change: Partial<Gate> = {}): Gate => gate({ ref: { ...gate().ref, request }, ...change });
const attempt = (n: number): Partial<Gate> => ({ ref: { ...gate().ref, request, attempt: n } });
const granted = (before: Gate): Gate => ({ ...before, status: "granted", decisions: [made(carol)], endedAt: 1 });
const winners = async (writes: Promise<boolean>[]) => (await Promise.all(writes)).filter(Boolean).length;

describe("the approvals' table", () => {
  it("keeps an acceptance once, with everybody who may not decide", async () => {
    await accept();
    await store.keepAcceptance(accepted(itinerary({ request, requester: "person_mallory" })));

    expect(await store.standing(request)).toEqual({
      digest: accepted(itinerary({ request })).data.digest,
      askedBy: [ada],
      closed: false,
    });
  });

  it("keeps a question once per event, a plan once per attempt, a checked slip once per gate", async () => {
    const question = asked({ ...asked().data.slip, itinerary: itinerary({ request }) });
    await store.keepEarly(question);
    await store.keepEarly({ ...question, type: "changed" });
    await store.keepEarly({ ...question, metadata: { ...question.metadata, id: eventNumber(9) } });
    await store.keepPlan({ ...planned(), request });
    await store.keepPlan({ ...planned(planOutput({ epoch: 9 })), request });
    await store.keepSlip(own().ref, question.data.slip);
    await store.keepSlip(own().ref, { ...question.data.slip, log: [] });

    expect((await store.early(request)).map(({ type }) => type)).toEqual([question.type, question.type]);
    expect(await store.planOf(request, planned().step, 1)).toEqual(planOutput());
    expect(await store.slipOf(own().ref)).toEqual(question.data.slip);
  });

  it("reads questions that are more than a page of DynamoDB's", async () => {
    const question = asked({ ...asked().data.slip, itinerary: itinerary({ request }) });
    for (let n = 0; n < 9; n++)
      await store.keepEarly({
        ...question,
        type: "x".repeat(150_000),
        metadata: { ...question.metadata, id: eventNumber(n) },
      });

    expect(await store.early(request)).toHaveLength(9);
  });

  it("opens no gate before the acceptance, and none after the end", async () => {
    expect(await store.open(own())).toBe(false);
    await accept();
    await store.close(request);

    expect(await store.open(own())).toBe(false);
    expect(await store.gate(own().ref)).toBeUndefined();
  });

  it("lets the end be heard before anything else", async () => {
    await store.close(request);
    expect(await store.standing(request)).toBeUndefined();

    await accept();

    expect((await store.standing(request))?.closed).toBe(true);
  });

  it("opens one gate, whoever else opens it at the same time", async () => {
    await accept();

    expect(await winners(Array.from({ length: 8 }, (_, n) => store.open(own({ openedAt: n }))))).toBe(1);
  });

  it("lets a newer attempt take the place of an older one, and never the other way", async () => {
    await accept();

    expect(await store.open(own())).toBe(true);
    expect(await store.open(own(attempt(2)))).toBe(true);
    expect(await store.open(own(attempt(1)))).toBe(false);
    expect((await store.gate(own().ref))?.ref.attempt).toBe(2);
  });

  it("replaces a gate for one of those who saw it, with that one's grant", async () => {
    await accept();
    await store.open(own());

    const writes = Array.from({ length: 8 }, (_, n) => store.replace(own(), granted(own()), `grant.${n}.x`));

    expect(await winners(writes)).toBe(1);
    expect((await store.gate(own().ref))?.version).toBe(2);
    expect(await store.grantOf(own().ref)).toMatch(/^grant\.\d\.x$/);
  });

  it("keeps neither decision nor grant when somebody else was first", async () => {
    await accept();
    await store.open(own());
    await store.replace(own(), own({ decisions: [made(carol)] }));

    expect(await store.replace(own(), granted(own()), "late.late.late")).toBe(false);
    expect(await store.grantOf(own().ref)).toBeUndefined();
  });

  it("replaces nothing of an older attempt", async () => {
    await accept();
    await store.open(own(attempt(2)));

    expect(await store.replace(own(), granted(own()), "a.b.c")).toBe(false);
  });

  it("ends a race of decision and end with a gate that is either granted or closed, never open", async () => {
    await accept();
    await store.open(own());

    const [won] = await Promise.all([store.replace(own(), granted(own()), "a.b.c"), store.close(request)]);

    const after = await store.gate(own().ref);
    expect(after?.status).toBe(won ? "granted" : "closed");
    expect(await store.grantOf(own().ref)).toBe(won ? "a.b.c" : undefined);
    expect(await store.replace(after ?? own(), granted(own()), "d.e.f")).toBe(false);
  });

  it("is due while a gate is open and its time is over, and no longer when it is decided", async () => {
    await accept();
    await store.open(own({ expiresAt: 1_000 }));
    const due = async (now: number) =>
      (await allDue(account.documents, account.table, now)).map(dueGate).filter((due) => due?.gate.request === request);

    expect(await due(999)).toEqual([]);
    expect(await due(1_000)).toEqual([{ message: "gate.due", gate: own().ref }]);

    await store.replace(own({ expiresAt: 1_000 }), { ...own({ expiresAt: 1_000 }), status: "denied" });
    expect(await due(1_000)).toEqual([]);
  });
});
