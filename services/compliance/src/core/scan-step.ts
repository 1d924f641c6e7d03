import { NonRetriableError, StepSuspended, type scan, scan as scanKind } from "@sluice/events";
import { itemOf, jobKey, jobRefOf, keepSlip, newJobItem, type RequestItem, untilCommitted } from "@sluice/jobs";
import {
  causedBy,
  digestOf,
  type Owed,
  owe,
  performStep,
  type Step,
  type StepPorts,
  type StepRequest,
} from "@sluice/steps";
import type * as z from "zod";
import { appliedOf } from "./applied.ts";
import { claimScan } from "./claim-scan.ts";
import type { Ports } from "./ports.ts";
import { owedAfterScan, settleScan } from "./settle-scan.ts";

type ScanStep = Step<z.infer<typeof scan.config>>;

/** What an apply made is to be checked. The acceptance and our own copy of the apply may come in any order, before or after. */
export function scanStep(ports: Ports, event: StepRequest): Promise<void> {
  return performStep(scanKind, stepPorts(ports), event, (step) => workOnScan(ports, step, event));
}

function stepPorts(ports: Ports): StepPorts {
  return {
    async standing(request) {
      const item = await itemOf(ports.store, request);
      return item?.digest && { digest: item.digest, closed: item.closed !== undefined };
    },
    async keepEarly(event) {
      await ports.early.keep(event);
      const item = await itemOf(ports.store, event.data.request);
      if (item?.digest) await ports.wake([{ message: "step.kept", event }]); // The acceptance came in between and may not have seen it.
    },
    publish: ports.publish,
  };
}

async function workOnScan(ports: Ports, step: ScanStep, event: StepRequest): Promise<readonly Owed[]> {
  const { request, name, attempt } = step;
  const item = await itemOf(ports.store, request);
  if (!item) return [];
  const key = jobKey({ step: name, attempt });

  const wasKnown = item.jobs[key] !== undefined;
  if (!wasKnown) {
    // What is forged must not stand in the real one's place: it is judged before it leaves a trace.
    if ((await judgeApplied(ports, step, event)) === "waits") return [];
    await keepSlip(ports.store, step);
    if ((await takeUp(ports, step, item)) === "late") return [];
  }

  const settled = await settleScan(ports, item, key);
  const owed = await owedAfterScan(ports.store, key, settled);
  return settled.job.end || !wasKnown ? owed : [...owed, waitsForBuild(step)];
}

/** The claim, and the job's own item, whatever lies where it should. */
function takeUp(
  { store, now }: Ports,
  { name: step, attempt, cause }: ScanStep,
  { environment, request }: RequestItem,
): Promise<"taken" | "late"> {
  return untilCommitted<"taken" | "late">(async () => {
    const before = await store.request(environment, request);
    const after = before ? claimScan(before, { step, attempt, cause }, now()) : "late";
    if (after === "late") return "late";
    if (after === before) return "taken";
    const commit = await store.commit([
      { is: "request", before, after },
      { is: "job", after: newJobItem(jobRefOf(after, jobKey({ step, attempt }), { kind: "scan" })) },
    ]);
    return commit === "done" ? "taken" : "lost";
  });
}

/**
 * Whether the apply that the slip names is the one that the provisioner told us of. "waits" until it has.
 *
 * @throws NonRetriableError `apply_missing` or `apply_changed`: the slip is not to be trusted.
 */
async function judgeApplied(ports: Ports, step: ScanStep, event: StepRequest): Promise<"same" | "waits"> {
  const { request, slip, config } = step;
  const said = slip.log.find((entry) => entry.step === config.of);
  if (!said) throw new NonRetriableError("apply_missing", `The slip of ${request} names no apply ${config.of}`);

  const of = { request, step: config.of, attempt: said.attempt };
  let own = await appliedOf(ports.store, of);
  if (!own) {
    await ports.early.keep(event);
    own = await appliedOf(ports.store, of); // It may have come in between, and not have seen what was kept.
    if (!own) return "waits";
  }
  if (digestOf(own) !== digestOf(said.output))
    throw new NonRetriableError(
      "apply_changed",
      `The slip of ${request} says something else of ${config.of} than it did`,
    );
  return "same";
}

/** The answer to a step that is asked for again while its build is at work. */
function waitsForBuild({ request, name, attempt, cause }: ScanStep): Owed {
  return owe(
    StepSuspended,
    request,
    { request, step: name, attempt, waitsFor: "build" },
    causedBy({ id: cause, actor: "service:compliance" }, "compliance"),
  );
}
