import { type apply, type EventOf, RequestId } from "@sluice/events";
import { expect, it } from "vitest";
import { keepInventory } from "../../src/core/keep-inventory.ts";
import { proposeByPerson } from "../../src/core/propose.ts";
import { noon, outcomes, proposed, world } from "../factories.ts";

type Applied = EventOf<typeof apply.completed>;

/** An accepted request for the one workspace; a removal when it shall destroy. */
async function accepted({ ports, store }: ReturnType<typeof world>, request: RequestId, destroy: boolean) {
  await proposeByPerson(ports, proposed({ request }));
  const record = store.records.get(request);
  if (!record?.itinerary) throw new Error(`${request} was not accepted`);
  const steps = record.itinerary.steps.map((step) =>
    destroy && step.kind === "plan" ? { ...step, config: { ...step.config, destroy } } : step,
  );
  store.records.set(request, { ...record, itinerary: { ...record.itinerary, steps } });
}

/** An apply of a request is heard, which made this epoch. */
async function applied(sluice: ReturnType<typeof world>, id: string, epoch: number, { destroy = false } = {}) {
  const request = RequestId.parse(id);
  await accepted(sluice, request, destroy);
  const { data, metadata, ...event } = outcomes.apply() as Applied;
  await keepInventory(sluice.ports, {
    ...event,
    metadata: { ...metadata, correlationId: request, occurredAt: new Date(noon + epoch).toISOString() },
    data: { ...data, request, output: { ...data.output, epoch } },
  });
}
const listed = ({ store }: ReturnType<typeof world>) => store.inventory("staging");

it("lists what an apply left: whose, since when, and what changed it last", async () => {
  const sluice = world();

  await applied(sluice, "req_00000one", 1);
  await applied(sluice, "req_00000two", 2);

  expect(await listed(sluice)).toMatchObject([
    { owner: "person_ada", since: noon + 1, request: "req_00000two", blueprint: "probe" },
  ]);
});

it("forgets what was removed, also when an older apply is heard after it", async () => {
  const sluice = world();

  await applied(sluice, "req_00000two", 2, { destroy: true });
  await applied(sluice, "req_00000one", 1);

  expect(await listed(sluice)).toEqual([]);
});

it("lists again what is made again, from then on", async () => {
  const sluice = world();
  await applied(sluice, "req_00000one", 1);
  await applied(sluice, "req_00000two", 2, { destroy: true });
  await applied(sluice, "req_0000three", 3);

  expect(await listed(sluice)).toMatchObject([{ since: noon + 3, request: "req_0000three" }]);
});

it("hears twice what it hears", async () => {
  const sluice = world();
  await applied(sluice, "req_00000one", 1);
  await applied(sluice, "req_00000one", 1);

  expect(await listed(sluice)).toHaveLength(1);
});
