import { tellProgress } from "@sluice/jobs";
import { digestOf } from "@sluice/steps";
import { describe, expect, it } from "vitest";
import { acceptRequest } from "../../src/core/accept-request.ts";
import { keepApplied } from "../../src/core/applied.ts";
import { endRequest } from "../../src/core/end-request.ts";
import { scanStep } from "../../src/core/scan-step.ts";
import { settleHeard, settleRequest } from "../../src/core/settle-scan.ts";
import {
  accepted,
  applied,
  applyCompleted,
  buildId,
  environment,
  eventId,
  passed,
  request,
  scanRequested,
  service,
  slip,
} from "../factories.ts";

const job = "job_7k3m9qx2_check_1" as never;
type Service = ReturnType<typeof service>;

const arrivals = {
  accepted: ({ ports }: Service) => acceptRequest(ports, accepted),
  applied: ({ ports }: Service) => keepApplied(ports, applyCompleted),
  requested: ({ ports }: Service) => scanStep(ports, scanRequested()),
};
const orders: (keyof typeof arrivals)[][] = [
  ["accepted", "applied", "requested"],
  ["accepted", "requested", "applied"],
  ["applied", "accepted", "requested"],
  ["applied", "requested", "accepted"],
  ["requested", "accepted", "applied"],
  ["requested", "applied", "accepted"],
];

async function begun(): Promise<Service> {
  const made = service();
  for (const arrive of Object.values(arrivals)) await arrive(made);
  return made;
}

describe("a scan begins when all three things have come", () => {
  it.each(orders.map((order) => [order.join(", ")]))("in the order %s", async (order) => {
    const made = service();

    for (const [index, name] of order.split(", ").entries()) {
      expect(made.starts(), `before arrival ${index + 1}`).toBe(0);
      await arrivals[name as keyof typeof arrivals](made);
      await made.deliverWakes();
    }

    expect(made.starts()).toBe(1);
  });

  it("once, however often each of them comes", async () => {
    const made = service();

    for (const order of orders)
      for (const name of order) {
        await arrivals[name](made);
        await made.deliverWakes();
      }

    expect(made.starts()).toBe(1);
    expect(Object.keys((await made.item())?.jobs ?? {})).toEqual(["check#1"]);
  });
});

it("tells the build the root of the applied plan and our own copy of its outputs", async () => {
  const { inputs } = await begun();

  expect(inputs[0]).toMatchObject({
    kind: "scan",
    job,
    profile: "probe",
    root: "probe",
    variables: slip.itinerary.parameters,
    outputs: applied.outputs,
    hosts: "none",
    itinerary: slip.digest,
  });
});

describe("what is forged leaves no trace", () => {
  const forged = (log: typeof slip.log) => scanRequested({ slip: { ...slip, log } }, eventId(66));

  it("refuses a slip that says something else of the apply", async () => {
    const made = service();
    await arrivals.accepted(made);
    await arrivals.applied(made);
    const output = { ...applied, outputs: { ...applied.outputs, versionId: "v2" } };

    const judged = scanStep(made.ports, forged([{ step: "apply" as never, attempt: 1, output }]));

    await expect(judged).rejects.toMatchObject({ code: "apply_changed" });
    await arrivals.requested(made);
    expect(made.inputs[0]).toMatchObject({ outputs: applied.outputs });
  });

  it("refuses a slip without an apply", async () => {
    const made = service();
    await arrivals.accepted(made);

    await expect(scanStep(made.ports, forged([]))).rejects.toMatchObject({ code: "apply_missing" });
  });

  it("refuses another itinerary than the accepted one", async () => {
    const made = service();
    await arrivals.accepted(made);
    const itinerary = { ...slip.itinerary, parameters: { name: "other" } };

    const judged = scanStep(made.ports, scanRequested({ slip: { ...slip, itinerary, digest: digestOf(itinerary) } }));

    await expect(judged).rejects.toMatchObject({ code: "itinerary_changed" });
  });

  it("keeps the first copy when an apply is told differently", async () => {
    const made = service();
    await arrivals.applied(made);

    const told = keepApplied(made.ports, {
      ...applyCompleted,
      output: { ...applied, hosts: 9 } as never,
    });

    await expect(told).rejects.toMatchObject({ code: "apply_changed" });
  });
});

describe("how a scan ends", () => {
  it("tells a pass, with the same event whatever wakes it and however often", async () => {
    const made = await begun();
    await made.report(passed);

    await settleHeard(made.ports, job);
    await settleRequest(made.ports, environment, request);
    await settleHeard(made.ports, job);
    await arrivals.requested(made);

    expect(made.types()).toEqual(["scan.completed.v1", "scan.completed.v1"]); // Told once, and answered when it was asked for again.
    expect(new Set(made.published.map(({ id }) => id)).size).toBe(1);
    expect(made.published[0]).toMatchObject({ causationId: eventId(7), data: { request, step: "check", attempt: 1 } });
  });

  it("tells which controls fail", async () => {
    const made = await begun();
    const sentence =
      "1 of 1 controls does not hold: A second plan finds nothing to change (update terraform_data.first).";
    await made.report({
      outcome: "failed",
      code: "controls_failed",
      sentence,
      repeatable: true,
      seconds: 6,
      clean: true,
    });

    await settleHeard(made.ports, job);

    expect(made.published).toMatchObject([{ type: "scan.failed.v1", data: { code: "controls_failed", sentence } }]);
  });

  it("starts again when a build dies, three times in all, and then says so", async () => {
    const made = await begun();

    for (const number of [1, 2, 3]) {
      made.over.set(buildId(number), { over: true });
      await settleHeard(made.ports, job);
    }

    expect(made.starts()).toBe(3);
    expect(made.published).toMatchObject([{ type: "scan.failed.v1", data: { code: "could_not_start" } }]);
  });

  it("answers a nudge while its build is at work", async () => {
    const made = await begun();

    await arrivals.requested(made);

    expect(made.published).toMatchObject([{ type: "step.suspended.v1", data: { waitsFor: "build" } }]);
    expect(made.starts()).toBe(1);
  });
});

describe("an end", () => {
  it("that came first lets nothing begin", async () => {
    const made = service();
    await endRequest(made.ports, request, eventId(9));

    for (const name of ["accepted", "applied", "requested"] as const) await arrivals[name](made);

    expect([made.starts(), made.types()]).toEqual([0, []]);
  });

  it("lets nobody hear of a scan that ends after it", async () => {
    const made = await begun();
    await endRequest(made.ports, request, eventId(9));
    await made.report(passed);

    await settleHeard(made.ports, job);

    expect(made.types()).toEqual([]);
  });
});

it("takes up no older attempt beside a newer one", async () => {
  const made = service();
  await arrivals.accepted(made);
  await arrivals.applied(made);
  await scanStep(made.ports, scanRequested({ attempt: 2 }, eventId(8)));

  await arrivals.requested(made);

  expect(Object.keys((await made.item())?.jobs ?? {})).toEqual(["check#2"]);
});

it("tells progress of the build that has the lease, and of no other", async () => {
  const made = await begun();
  await made.lease();

  await tellProgress(made.ports, "compliance", { job, build: buildId(9), sequence: 1, doing: "Checking" });
  await tellProgress(made.ports, "compliance", { job, build: buildId(1), sequence: 1, doing: "Checking" });

  expect(made.published).toMatchObject([{ type: "job.progressed.v1", data: { step: "check", doing: "Checking" } }]);
});

it("parks what is said of a job that it does not know", async () => {
  await expect(settleHeard(service().ports, job)).rejects.toMatchObject({ code: "unknown_job" });
});
