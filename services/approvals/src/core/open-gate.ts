import { AUTOMATIC_ONLY_IN, ruleOf } from "@sluice/blueprints";
import {
  apply,
  type approval,
  type ItineraryStep,
  mayChange,
  NonRetriableError,
  type PlanOutput,
  plan,
  type Slip,
} from "@sluice/events";
import { attemptOf, digestOf, type Owed, type Step, stepOf } from "@sluice/steps";
import type * as z from "zod";
import { claimsOf, decidedBy } from "./claims.ts";
import { type Gate, isDestructive } from "./gate.ts";
import { owedWhenDenied, owedWhenGranted, owedWhileOpen } from "./owed.ts";
import type { Ports } from "./ports.ts";

type ApprovalStep = Step<z.infer<(typeof approval)["config"]>>;

/**
 * Opens the gate that a step asks for, or passes it in a rule's name. Waits when our own copy of the plan has not come yet.
 * A newer attempt supersedes an older one, whatever became of it. Safe to repeat: what is already there answers again.
 *
 * @throws NonRetriableError `plan_differs` when the slip shows another plan than the one that was made
 */
export async function openGate(ports: Ports, step: ApprovalStep): Promise<readonly Owed[]> {
  const { store } = ports;
  const { request, name, attempt, slip, config } = step;
  const of = { step: config.of, attempt: attemptOf(slip, config.of) };

  await store.keepEarly({
    type: "approval.requested.v1",
    metadata: { id: step.cause, actor: "service:approvals" },
    data: { request, step: name, attempt, slip },
  });
  const plan = await store.planOf(request, of.step, of.attempt); // Read after we can be found by whoever keeps it.
  if (!plan) return []; // The copy is on its way; whoever keeps it opens the gate.
  refuseAnotherPlan(slip, of.step, plan);
  await store.keepSlip({ request, step: name, attempt }, slip);

  const there = await store.gate({ request, step: name });
  if (there && there.ref.attempt >= attempt) return there.ref.attempt > attempt ? [] : answer(ports, there, slip);

  const gate = newGate(step, plan, of, (await store.standing(request))?.askedBy ?? [], ports.now());
  const grant = gate.rule ? await ports.signer.sign(claimsOf(gate, slip, decidedBy(gate), ports.now())) : undefined;
  if (await store.open(gate, grant)) return answer(ports, gate, slip);

  const winner = await store.gate({ request, step: name });
  if (winner?.ref.attempt === attempt) return answer(ports, winner, slip);
  const overtaken = (winner?.ref.attempt ?? 0) > attempt || (await store.standing(request))?.closed;
  if (!overtaken) throw new Error(`The gate ${request}/${name} could not be stored; its message is tried again`);
  return [];
}

/** What a gate owes to whoever asks again: its outcome if it has one, else that it is open. */
async function answer({ store, directory }: Ports, gate: Gate, slip: Slip): Promise<readonly Owed[]> {
  if (gate.status === "closed") return [];
  if (gate.status === "denied") return owedWhenDenied(gate);
  if (gate.status === "open") return owedWhileOpen(gate, (await directory.judges(gate.groups)).approvers);

  const grant = await store.grantOf(gate.ref);
  if (!grant) throw new Error(`The granted gate ${gate.ref.request}/${gate.ref.step} has no grant`);
  return owedWhenGranted(gate, grant, slip);
}

function newGate(step: ApprovalStep, plan: PlanOutput, of: Gate["of"], askedBy: Gate["askedBy"], now: number): Gate {
  const { request, name, attempt, slip, config, cause } = step;
  const { environment } = slip.itinerary;
  const rule = ruleOf(config.policy, environment);
  const gate = {
    ref: { request, step: name, attempt },
    version: 1,
    askedBy,
    of,
    plan,
    cause,
    openedAt: now,
    decisions: [],
  };

  const nobodyHasTo = passedBy(rule, step, plan);
  if (nobodyHasTo)
    return { ...gate, status: "granted", rule: nobodyHasTo, groups: [], needed: 1, expiresAt: now, endedAt: now };

  const people = typeof rule === "object" ? rule : undefined; // No rule is nobody: the gate opens and expires.
  const needed = (isDestructive(plan) ? people?.destructive?.approvers : undefined) ?? people?.approvers ?? 1;
  return {
    ...gate,
    status: "open",
    groups: people?.groups ?? [],
    needed,
    expiresAt: now + (people?.expiresAfterMinutes ?? 240) * 60_000,
  };
}

/** In whose name a gate is passed without anybody: the sandbox's rule, or that nothing at all would be changed. */
function passedBy(rule: ReturnType<typeof ruleOf>, { name, slip, config }: ApprovalStep, made: PlanOutput) {
  const { environment, steps } = slip.itinerary;
  if (rule === "automatic") return environment === AUTOMATIC_ONLY_IN ? ("automatic" as const) : undefined;
  const isRemoval = plan.config.parse(stepOf(slip, config.of, plan.kind).config).destroy === true;
  const isOwnApply = (step: ItineraryStep) => step.kind === apply.kind && step.config.approval === name;
  const later = steps.slice(steps.findIndex((step) => step.name === name) + 1);
  const changesLater = later.some((step) => mayChange(step.kind) && !isOwnApply(step));
  const changesNothing = made.summary.empty && made.summary.orphans.count === 0 && !isRemoval && !changesLater;
  return rule && changesNothing ? ("empty-plan" as const) : undefined;
}

function refuseAnotherPlan(slip: Slip, step: string, plan: PlanOutput): void {
  const shown = slip.log.find((entry) => entry.step === step)?.output;
  if (digestOf(shown) !== digestOf(plan))
    throw new NonRetriableError(
      "plan_differs",
      `The slip of ${slip.itinerary.request} shows another plan than the one that was made`,
    );
}
