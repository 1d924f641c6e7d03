import { plan, RepetitionRefused, StepSuspended, WorkspaceTaken } from "@sluice/events";
import {
  type JobStore,
  jobKey,
  keepSlip,
  newWorkspace,
  type PastBuild,
  type RequestItem,
  refusedMessageKey,
  type TableKey,
  untilCommitted,
  type Workspace,
} from "@sluice/jobs";
import { type Owed, owe, performStep, type Step, type StepOutcome, type StepRequest } from "@sluice/steps";
import * as z from "zod";
import { answerStep } from "./answer-step.ts";
import { type Claim, type ClaimRefusal, claim, RepetitionRefusal } from "./claims.ts";
import { openAppliesOf } from "./open-applies.ts";
import { owedAfterJob } from "./owed-after-job.ts";
import type { Ports } from "./ports.ts";
import { settle } from "./settle.ts";
import { causeOfStep, stepPorts, waitsForBuild } from "./step-ports.ts";
import { planClaimed, refused, waitsInLine } from "./transactions.ts";
import { MAX_WAITERS, standingOf, takeTurn } from "./turns.ts";

export type PlanStep = Step<z.infer<typeof plan.config>>;

/** A plan is asked for. */
export function planStep(ports: Ports, event: StepRequest): Promise<void> {
  return performStep(plan, stepPorts(ports), event, (step) => workOnPlan(ports, step));
}

/** Takes or waits for the workspace, claims the attempt in the same transaction, starts a build, and says what is owed. Safe to repeat at any point. */
export async function workOnPlan(ports: Ports, step: PlanStep): Promise<readonly Owed[]> {
  const { environment } = step.slip.itinerary;
  const key = jobKey({ step: step.name, attempt: step.attempt });
  await keepSlip(ports.store, step);

  const taken = await takeUp(ports, step);
  if (taken === "late") return [];
  if (typeof taken === "string") return [refusal(step, taken)];
  if (taken.is === "waits") return [waitsForWorkspace(step, taken.item, taken.workspace)];

  const settled = await settle(ports, { environment, request: step.request }, key);
  const owed = await owedAfterJob(ports, key, settled);
  if (settled.job.end) return owed;
  return [taken.is === "known" ? waitsForBuild(step) : workspaceTaken(step, settled.item, settled.job.epoch ?? 0)];
}

type Taken =
  | Readonly<{ is: "claimed" | "known"; item: RequestItem; workspace: Workspace }>
  | Readonly<{ is: "waits"; item: RequestItem; workspace: Workspace }>;

function takeUp(ports: Ports, step: PlanStep): Promise<Taken | ClaimRefusal> {
  const { store, builds, now } = ports;
  const { request, name, attempt, cause } = step;
  const { environment, workspace: workspaceName } = step.slip.itinerary;
  const turn = { request, step: name, attempt, cause, since: now() };

  return untilCommitted<Taken | ClaimRefusal>(async () => {
    const item = await store.request(environment, request);
    if (!item) return "late";
    const kept = await keptRefusal(store, step);
    if (kept) return kept;
    const seen = await store.workspace(environment, workspaceName);
    const workspace = seen ?? newWorkspace({ environment, name: workspaceName });
    const key = jobKey({ step: name, attempt });
    if (item.jobs[key]) return { is: "known", item, workspace };

    const after = takeTurn(workspace, turn);
    const { epoch } = workspace;
    const searchOrphans = workspace.interrupted ?? false;
    const past = await pastBuildOf(builds, workspace);
    const lastBuild = past && { lastBuild: past };
    const job: Claim["job"] = { kind: "plan", epoch, searchOrphans, ...lastBuild };
    const applies = await openAppliesOf(store, item);
    const wanted = { step: name, attempt, cause, job };
    if (after === "line_full") {
      const answered = await answerStep(ports, { environment, request }, wanted, lineIsFull(workspace));
      return answered === "done" ? { is: "known", item, workspace } : answered;
    }
    const claimed = claim(item, wanted, applies, now());
    if (typeof claimed === "string") {
      if (claimed === "late") return claimed;
      const commit = await store.commit(refused(item, refusalKey(step), claimed));
      return commit === "done" ? claimed : "lost";
    }

    const holds = standingOf(after, request).is === "holder";
    if (!holds && after === seen) return { is: "waits", item, workspace: after };
    const turned = { before: seen, after };
    const commit = await store.commit(
      holds ? planClaimed({ before: item, after: claimed, key, job }, turned, applies) : waitsInLine(item, turned),
    );
    if (commit === "lost") return "lost";
    return { is: holds ? "claimed" : "waits", item, workspace: after };
  });
}

/** Said like any failed plan: nothing was changed, and the request ends. */
function lineIsFull({ name }: Workspace): StepOutcome {
  const sentence = `${MAX_WAITERS} requests wait for ${name} already, so this one was not put in line. Nothing was changed. Ask again when some of them are done.`;
  return { ended: "failed", code: "line_full", sentence, repeatable: false, seconds: 0 };
}

async function pastBuildOf(
  builds: Ports["builds"],
  { environment, lastBuild }: Workspace,
): Promise<PastBuild | undefined> {
  if (!lastBuild) return undefined;
  const { build, kind } = lastBuild;
  const facts = await builds.facts(build, { environment, kind });
  if (!facts?.over || facts.startedAt === undefined || facts.endedAt === undefined) return undefined;
  return { build, startedAt: facts.startedAt, endedAt: facts.endedAt };
}

const Kept = z.object({ code: RepetitionRefusal });

/** A refused repetition stays refused: a redelivery after the apply must not make the attempt that people were told was not made. */
async function keptRefusal(store: JobStore, step: PlanStep): Promise<RepetitionRefusal | undefined> {
  const kept = await store.beside(refusalKey(step));
  return kept && Kept.parse(kept).code;
}

function refusalKey({ slip, request, cause }: PlanStep): TableKey {
  return refusedMessageKey(slip.itinerary.environment, request, cause);
}

const refusalSentences: Record<RepetitionRefusal, string> = {
  apply_under_way: "An apply is under way. Plan again when it has ended.",
  plan_under_way: "A plan is under way already.",
  already_applied: "The plan was applied in the meantime. Ask again for something new.",
};

function refusal(step: PlanStep, code: RepetitionRefusal): Owed {
  const { request, name, attempt } = step;
  const data = { request, step: name, attempt, code, sentence: refusalSentences[code] };
  return owe(RepetitionRefused, request, data, causeOfStep(step));
}

function workspaceTaken(step: PlanStep, { environment, workspace }: RequestItem, epoch: number): Owed {
  const { request, name, attempt } = step;
  return owe(
    WorkspaceTaken,
    request,
    { request, environment, workspace, epoch, step: name, attempt },
    causeOfStep(step),
  );
}

function waitsForWorkspace(step: PlanStep, item: RequestItem, workspace: Workspace): Owed {
  const { request, name, attempt, cause } = step;
  const standing = standingOf(workspace, item.request);
  const where = standing.is === "waiter" ? { holder: standing.holder, position: standing.position } : {};
  const said = `${cause}/${where.holder ?? ""}/${where.position ?? 0}`; // Another holder or place is something new to say.
  return owe(
    StepSuspended,
    request,
    { request, step: name, attempt, waitsFor: "workspace", ...where },
    { ...causeOfStep(step), cause: said },
  );
}
