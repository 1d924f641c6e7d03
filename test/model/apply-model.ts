import {
  countStart,
  type Decision,
  decisiveBuild,
  end,
  hasApplied,
  type Job,
  jobKey,
  lease,
  leaseOf,
  newRequestItem,
  newWorkspace,
  type RequestItem,
  reclaim,
  reconcile,
  recordStart,
  report,
  type SpentGrant,
  startApply,
  stepOfKey,
  type Workspace,
} from "@sluice/jobs";
import { expire, type Gate, judge } from "../../services/approvals/src/core/gate.ts";
import { workspaceAfterJob } from "../../services/provisioner/src/core/after-job.ts";
import { claim } from "../../services/provisioner/src/core/claims.ts";
import { close, closeEnded, freedBy, isFreedByPause, isQuiet } from "../../services/provisioner/src/core/closing.ts";
import { leave, standingOf, takeTurn, unlock } from "../../services/provisioner/src/core/turns.ts";
import type { Action } from "./explore.ts";

/** The rules that the model runs on: the services' own functions. A test may put a weaker one in a rule's place, to see that the model notices. */
export const rules = {
  lease,
  startApply,
  report,
  reclaim,
  reconcile,
  end,
  claim,
  close,
  closeEnded,
  freedBy,
  isFreedByPause,
  isQuiet,
  workspaceAfterJob,
  takeTurn,
  leave,
  judge,
};
export type Rules = typeof rules;

/** What there is to explore. More of anything costs states. */
export type Bounds = Readonly<{
  requests: readonly string[];
  /** How often people ask for a plan, of each request. */
  plans: number;
  /** How many builds may die. */
  crashes: number;
  /** How many builds somebody starts a second time: *Retry*, or a start whose answer was lost. */
  doubles: number;
  /** Who may take back their request. */
  withdraw: readonly string[];
}>;

type Build = Readonly<{
  id: string;
  request: string;
  key: string;
  /** `sent`: its start transaction is under way, and lands also when the build dies. */
  at: "queued" | "leased" | "sent" | "started" | "terraform" | "applied" | "failed" | "reported" | "over";
  /** Whether what its start was judged on is still so: the transaction is conditional on it. */
  sent?: "current" | "outdated";
}>;

type Settler = Readonly<{ request: string; key: string; starts: number; outdated: boolean; decision: Decision }>;

export type Model = Readonly<{
  items: Readonly<Record<string, RequestItem>>;
  workspace: Workspace;
  spent: Readonly<Record<string, SpentGrant>>;
  gates: Readonly<Record<string, Gate>>;
  /** Grants that were signed; they are there for good, whatever became of their gates. */
  granted: readonly string[];
  plansAsked: Readonly<Record<string, number>>;
  builds: readonly Build[];
  settler?: Settler | undefined;
  /** By grant: how many `terraform apply` processes have begun. */
  begun: Readonly<Record<string, number>>;
  /** Whose apply was let go and came to no good end, until somebody answered for it. */
  unfinished?: string | undefined;
  /** Plans, by grant, that were made before the last apply or unlock: they say nothing of what is there now. */
  voided: readonly string[];
  /** What went wrong at the moment that it did. */
  wrong?: string;
  closing: readonly string[];
  withdrawn: readonly string[];
  crashes: number;
  doubles: number;
}>;

const environment = "staging";
const where = (request: string) => newRequestItem({ request, environment, workspace: "probe-smoke" } as never);
const jti = (request: string, attempt: number) => `${request}/${attempt}`;
const cause = "evt_model" as never;

export function startOf({ requests }: Bounds): Model {
  const items = Object.fromEntries(requests.map((request) => [request, { ...where(request), digest: "d" as never }]));
  return {
    items,
    workspace: newWorkspace({ environment, name: "probe-smoke" } as never),
    spent: {},
    gates: {},
    granted: [],
    voided: [],
    plansAsked: Object.fromEntries(requests.map((request) => [request, 1])),
    builds: [],
    begun: {},
    closing: [],
    withdrawn: [],
    crashes: 0,
    doubles: 0,
  };
}

/**
 * Writes a request, as one conditional write does. Instead of a version that grows, which would make every path a state of its own,
 * whatever was judged on the item as it was becomes outdated. Time, which the model does not have, is left out.
 */
function write(model: Model, after: RequestItem): Model {
  const { request } = after;
  if (model.items[request] === after) return model;
  const { dueAt: _, ...item } = after;
  const builds = model.builds.map((each) => (each.request === request ? outdated(each) : each));
  const settler = model.settler?.request === request ? { ...model.settler, outdated: true } : model.settler;
  return { ...model, items: { ...model.items, [request]: item }, builds, ...(settler && { settler }) };
}

function writeWorkspace(model: Model, after: Workspace): Model {
  if (after === model.workspace) return model;
  const { dueAt: _, ...workspace } = after;
  return { ...model, workspace, builds: model.builds.map(outdated) };
}

function outdated(build: Build): Build {
  return build.sent ? { ...build, sent: "outdated" } : build;
}

const itemOf = (model: Model, request: string) => model.items[request] as RequestItem;
const withBuild = (model: Model, build: Build, change: Partial<Build>): Model => ({
  ...model,
  builds: model.builds.map((each) => (each.id === build.id ? { ...each, ...change } : each)),
});

/** Everything that can happen, in any order and as often as anybody likes: each message may come again at any time. */
export function actionsOf(bounds: Bounds, over: Partial<Rules> = {}): readonly Action<Model>[] {
  const rule = { ...rules, ...over };

  /** The plan's own way is short here: claimed in its turn, built, reported, ended. */
  const makePlan = (model: Model, request: string, attempt: number): Model => {
    const item = itemOf(model, request);
    const key = jobKey({ step: "plan", attempt });
    if (item.jobs[key]) return model;
    const turn = { request, step: "plan", attempt, cause, since: 0 } as never;
    const workspace = rule.takeTurn(model.workspace, turn);
    const wanted = { step: "plan", attempt, cause, job: { kind: "plan", epoch: workspace.epoch } } as never;
    const claimed = rule.claim(item, wanted, 0);
    if (typeof claimed === "string") return model;
    if (standingOf(workspace, item.request).is !== "holder")
      return writeWorkspace(write(model, { ...item }), workspace);
    const build = `${key}-build` as never;
    const leased = rule.lease(claimed, key, build, 0);
    if (typeof leased === "string") return model;
    const said = { build, outcome: "completed", clean: true, result: { key, versionId: "v", sha256: "s" } } as never;
    const reported = rule.report(leased, key, said, 0);
    if (typeof reported === "string") return model;
    const ended = rule.end(reported, key, "reported", 0);
    return writeWorkspace(write(model, ended), rule.workspaceAfterJob(ended, key, workspace, 0));
  };

  /** Approvals hears of the plan and opens its gate; a newer one takes the place of an older one. */
  const openGate = (model: Model, request: string, attempt: number): Model => {
    const item = itemOf(model, request);
    const gate = model.gates[request];
    const made = item.jobs[jobKey({ step: "plan", attempt })];
    if (made?.end !== "reported" || (gate?.ref.attempt ?? 0) >= attempt) return model;
    const ref = { request, step: "approve", attempt };
    const opened = {
      ref,
      status: "open",
      version: 0,
      askedBy: ["person_ada"],
      groups: [],
      needed: 1,
      of: { step: "plan", attempt },
      plan: { epoch: made.epoch },
      cause,
      openedAt: 0,
      expiresAt: 1,
      decisions: [],
    } as unknown as Gate;
    return { ...model, gates: { ...model.gates, [request]: opened } };
  };

  const decide = (model: Model, request: string, verdict: "approve" | "reject"): Model => {
    const gate = model.gates[request];
    if (gate?.status !== "open") return model;
    const click = { who: {} as never, verdict, reason: "no", signedAt: 0, cause };
    const judges = { by: "person_carol", approvers: new Set(["person_carol"]), version: "d1" } as never;
    const after = rule.judge(gate, gate.ref.attempt, click, judges, 0);
    if (typeof after === "string") return model;
    const granted = after.status === "granted" ? [...model.granted, jti(request, gate.ref.attempt)] : model.granted;
    return { ...model, granted, gates: { ...model.gates, [request]: after } };
  };

  const claimApply = (model: Model, request: string, attempt: number): Model => {
    if (!model.granted.includes(jti(request, attempt))) return model;
    const wanted = { step: "apply", attempt, cause, job: { kind: "apply", plan: { step: "plan", attempt } } } as never;
    const claimed = rule.claim(itemOf(model, request), wanted, 0);
    return typeof claimed === "string" ? model : write(model, claimed);
  };

  const settle = (model: Model, request: string, key: string): Model => {
    const item = itemOf(model, request);
    const job = item.jobs[key];
    if (!job || job.end || model.settler) return model;
    const build = decisiveBuild(job);
    const state = model.builds.find(({ id }) => id === build)?.at;
    const decision = rule.reconcile(item, key, build ? { build: state === "over" ? "over" : "alive" } : {});
    if (decision.next === "wait") return model;
    return { ...model, settler: { request, key, starts: job.starts.length, outdated: false, decision } };
  };

  /** What a settler decided is written later, when the item may have changed. */
  const finishSettling = (model: Model): Model => {
    const { settler, ...rest } = model;
    if (!settler) return model;
    const { request, key, decision } = settler;
    const item = itemOf(rest, request);
    const job = item.jobs[key];
    if (!job) return rest;
    switch (decision.next) {
      case "count":
        return write(rest, countStart(item, key, settler.starts, 0));
      case "start": {
        const id = `${request}-${key}-${decision.number}`;
        if (rest.builds.some((build) => build.id === id))
          return write(rest, recordStart(item, key, decision.number, { build: id as never }, 0));
        const builds = [...rest.builds, { id, request, key, at: "queued" } as const];
        return write({ ...rest, builds }, recordStart(item, key, decision.number, { build: id as never }, 0));
      }
      case "reclaim":
        return write(rest, rule.reclaim(item, key, decision.from, 0));
      case "end": {
        if (settler.outdated) return rest;
        const ended = rule.end(item, key, decision.end, 0);
        return writeWorkspace(write(rest, ended), rule.workspaceAfterJob(ended, key, rest.workspace, 0));
      }
      case "wait":
        return rest;
    }
  };

  const takeLease = (model: Model, build: Build): Model => {
    const after = rule.lease(itemOf(model, build.request), build.key, build.id as never, 0);
    return typeof after === "string"
      ? withBuild(model, build, { at: "over" })
      : write(withBuild(model, build, { at: "leased" }), after);
  };

  const grantOf = (model: Model, build: Build) => {
    const attempt = Number(build.key.split("#")[1]);
    const epoch = itemOf(model, build.request).jobs[jobKey({ step: "plan", attempt })]?.epoch ?? 0;
    return { jti: jti(build.request, attempt), plan: { step: "plan", attempt, epoch } };
  };

  const judgeStart = (model: Model, build: Build) => {
    const grant = grantOf(model, build);
    const start = { key: build.key, build: build.id as never, grant };
    return rule.startApply(itemOf(model, build.request), model.workspace, model.spent[grant.jti], start, 0);
  };

  const sendStart = (model: Model, build: Build): Model => {
    const verdict = judgeStart(model, build);
    if (verdict === "already") return withBuild(model, build, { at: "started" });
    if (typeof verdict === "string") return withBuild(model, build, { at: "failed" });
    return withBuild(model, build, {
      at: "sent",
      sent: "current",
    });
  };

  /** The transaction lands if what it was judged on is still so. Whoever sent it may be dead, and never learns it. */
  const landStart = (model: Model, build: Build, answered: boolean): Model => {
    const { sent, ...rest } = build;
    const back = { ...model, builds: model.builds.map((each) => (each.id === build.id ? rest : each)) };
    const alive = build.at === "sent";
    const again = alive ? withBuild(back, build, { at: "leased" }) : back;
    if (sent !== "current") return again;
    const after = judgeStart(model, build);
    if (typeof after === "string") return again;
    const spent = { ...model.spent, [after.spent.jti]: after.spent };
    const landed = writeWorkspace(write({ ...back, spent }, after.item), after.workspace);
    return alive ? withBuild(landed, build, { at: answered ? "started" : "leased" }) : landed;
  };

  const beginTerraform = (model: Model, build: Build): Model => {
    const grant = grantOf(model, build);
    const begun = { ...model.begun, [grant.jti]: (model.begun[grant.jti] ?? 0) + 1 };
    const wrong = wrongAtStart(model, build, grant.plan.attempt);
    const { unfinished: _answered, ...rest } = withBuild(model, build, { at: "terraform" });
    const left = model.unfinished !== undefined && model.unfinished !== build.request;
    return {
      ...rest,
      begun,
      voided: plansMade(model),
      ...(left && { unfinished: model.unfinished }),
      ...(wrong && { wrong }),
    };
  };

  const giveReport = (model: Model, build: Build): Model => {
    const completed = build.at === "applied";
    const result = { key: build.id, versionId: "v", sha256: "s" };
    const said = { build: build.id, outcome: completed ? "completed" : "failed", clean: completed, result } as never;
    const after = rule.report(itemOf(model, build.request), build.key, said, 0);
    return write(
      withBuild(model, build, { at: "reported" }),
      typeof after === "string" ? itemOf(model, build.request) : after,
    );
  };

  const closeWith = (model: Model, after: RequestItem): Model =>
    writeWorkspace(write(model, after), rule.freedBy(after, model.workspace, 0));

  const requestClosing = (model: Model, request: string): Model => {
    const after = rule.close(itemOf(model, request), cause, 0);
    return typeof after === "string" ? model : closeWith(model, after);
  };

  const tellWithdrawn = (model: Model, request: string): Model => {
    const item = itemOf(model, request);
    if (item.closed?.why !== "closing" || !rule.isQuiet(item) || model.withdrawn.includes(request)) return model;
    return { ...model, withdrawn: [...model.withdrawn, request] };
  };

  const tellEnd = (model: Model, request: string): Model => {
    const item = itemOf(model, request);
    const isOver =
      model.gates[request]?.status === "denied" || Object.values(item.jobs).some((job) => hasApplied(job) && job.end);
    return isOver ? closeWith(model, rule.closeEnded(item, cause, 0)) : model;
  };

  /** An apply that began nothing lets others go on; what is told of it may be told again much later. */
  const freeOnPause = (model: Model, request: string): Model => {
    const item = itemOf(model, request);
    const refused = Object.keys(item.jobs).filter((key) => beganNothing(item.jobs[key]));
    return refused.reduce((now, key) => {
      const { step, attempt } = stepOfKey(key);
      if (item.closed || !rule.isFreedByPause(itemOf(now, request), { step, attempt })) return now;
      const freed = { ...itemOf(now, request), freed: { ...itemOf(now, request).freed, [step]: attempt } };
      return writeWorkspace(write(now, freed), rule.leave(now.workspace, item.request, 0));
    }, model);
  };

  const forBuilds = (is: (build: Build) => boolean, run: (model: Model, build: Build) => Model) => (model: Model) =>
    model.builds.filter(is).map((build) => run(model, build));
  const forRequests = (run: (model: Model, request: string) => Model) => (model: Model) =>
    bounds.requests.map((request) => run(model, request));
  const forAttempts = (run: (model: Model, request: string, attempt: number) => Model) => (model: Model) =>
    bounds.requests.flatMap((request) =>
      Array.from({ length: model.plansAsked[request] ?? 0 }, (_, index) => run(model, request, index + 1)),
    );
  const at =
    (...places: Build["at"][]) =>
    (build: Build) =>
      places.includes(build.at);

  return [
    { name: "a plan is made", run: forAttempts(makePlan) },
    { name: "a gate opens", run: forAttempts(openGate) },
    {
      name: "somebody approves",
      chance: true,
      run: forRequests((model, request) => decide(model, request, "approve")),
    },
    {
      name: "a gate expires",
      chance: true,
      run: forRequests((model, request) => {
        const gate = model.gates[request];
        return gate ? { ...model, gates: { ...model.gates, [request]: expire(gate, 2) } } : model;
      }),
    },
    { name: "an apply is asked for", run: forAttempts(claimApply) },
    {
      name: "somebody looks at a job",
      run: (model) =>
        bounds.requests.flatMap((request) =>
          Object.keys(itemOf(model, request).jobs).map((key) => settle(model, request, key)),
        ),
    },
    { name: "what was decided is written", run: (model) => [finishSettling(model)] },
    { name: "a build takes its lease", run: forBuilds(at("queued"), takeLease) },
    {
      name: "an apply's own plan is another one than was approved",
      chance: true,
      run: forBuilds(
        (build) => build.at === "leased" && build.key.startsWith("apply#"),
        (model, build) => withBuild(model, build, { at: "failed" }),
      ),
    },
    { name: "a pause frees the workspace", run: forRequests(freeOnPause) },
    { name: "a build sends its start", run: forBuilds(at("leased"), sendStart) },
    {
      name: "a start lands",
      run: forBuilds(
        ({ sent }) => sent !== undefined,
        (model, build) => landStart(model, build, true),
      ),
    },
    {
      name: "a start lands and its answer is lost",
      chance: true,
      run: forBuilds(at("sent"), (model, build) => landStart(model, build, false)),
    },
    { name: "terraform begins", run: forBuilds(at("started"), beginTerraform) },
    {
      name: "terraform ends well",
      run: forBuilds(at("terraform"), (model, build) => withBuild(model, build, { at: "applied" })),
    },
    {
      name: "terraform fails",
      chance: true,
      run: forBuilds(at("terraform"), (model, build) => withBuild(model, build, { at: "failed" })),
    },
    { name: "a build reports", run: forBuilds(at("applied", "failed"), giveReport) },
    { name: "a build ends", run: forBuilds(at("reported"), (model, build) => withBuild(model, build, { at: "over" })) },
    {
      name: "a build is killed",
      chance: true,
      run: (model) =>
        model.crashes >= bounds.crashes
          ? []
          : model.builds
              .filter((build) => build.at !== "over")
              .map((build) => ({
                ...withBuild(model, build, { at: "over" }),
                crashes: model.crashes + 1,
                ...(build.at === "terraform" && { unfinished: build.request }),
              })),
    },
    {
      name: "a build is started twice",
      chance: true,
      run: (model) =>
        model.doubles >= bounds.doubles
          ? []
          : model.builds
              .filter(({ id }) => !id.endsWith("+"))
              .map((build) => ({
                ...model,
                doubles: model.doubles + 1,
                builds: [
                  ...model.builds,
                  { id: `${build.id}+`, request: build.request, key: build.key, at: "queued" as const },
                ],
              })),
    },
    {
      name: "somebody plans again",
      chance: true,
      run: forRequests((model, request) =>
        (model.plansAsked[request] ?? 0) < bounds.plans && mayPlanAgain(model, request)
          ? { ...model, plansAsked: { ...model.plansAsked, [request]: (model.plansAsked[request] ?? 0) + 1 } }
          : model,
      ),
    },
    {
      name: "somebody withdraws",
      chance: true,
      run: (model) =>
        bounds.withdraw
          .filter((request) => !model.closing.includes(request))
          .map((request) => ({ ...model, closing: [...model.closing, request] })),
    },
    { name: "a closing is asked for", run: (model) => model.closing.map((request) => requestClosing(model, request)) },
    { name: "people are told that it is withdrawn", run: forRequests(tellWithdrawn) },
    { name: "the end is told", run: forRequests(tellEnd) },
    {
      name: "an operator unlocks",
      chance: true,
      run: (model) => {
        const { blocked, holder } = model.workspace;
        if (!blocked || !holder) return [];
        const free = unlock(model.workspace);
        const { closed } = itemOf(model, holder.request);
        const { unfinished: _answered, ...answered } = model;
        const voided = plansMade(model);
        return [writeWorkspace({ ...answered, voided }, closed ? rule.leave(free, holder.request, 0) : free)];
      },
    },
  ];
}

/** By grant, every plan that there is. */
function plansMade({ items }: Model): readonly string[] {
  return Object.values(items).flatMap(({ request, jobs }) =>
    Object.keys(jobs).flatMap((key) => (key.startsWith("plan#") ? [jti(request, Number(key.split("#")[1]))] : [])),
  );
}

/** An apply that has ended, and was never let go. */
function beganNothing(job: Job | undefined): boolean {
  return job?.kind === "apply" && job.end === "reported" && job.state.is === "running";
}

function mayPlanAgain(model: Model, request: string): boolean {
  const gate = model.gates[request];
  const failed = Object.values(itemOf(model, request).jobs).some(
    (job) => job.kind === "apply" && job.end && job.end !== "dropped" && !hasApplied(job),
  );
  return gate?.status === "open" || gate?.status === "granted" || failed;
}

function wrongAtStart(model: Model, build: Build, attempt: number): string | undefined {
  const item = itemOf(model, build.request);
  const newest = item.attempts.plan;
  if (!model.granted.includes(jti(build.request, attempt))) return "a plan is applied that was not approved";
  if (item.closed) return "an apply begins after its request was closed";
  if (model.voided.includes(jti(build.request, attempt))) return "a plan is applied that something later has made void";
  if (newest !== attempt) return "a plan is applied beside a newer one";
  if (model.withdrawn.includes(build.request)) return "an apply begins after the request was withdrawn";
  if (model.workspace.holder?.request !== build.request)
    return "an apply begins in a workspace that the request does not hold";
  if (model.unfinished && model.unfinished !== build.request)
    return "an apply begins where another's was left unfinished";
  return undefined;
}

function isInLine(model: Model, request: string): boolean {
  return model.workspace.waiters.some((each) => each.request === request);
}

function isAtWork(model: Model, build: Build): boolean {
  const job = itemOf(model, build.request).jobs[build.key];
  return job !== undefined && leaseOf(job) === build.id && !["reported", "over"].includes(build.at);
}

const working = (model: Model): readonly Build[] => model.builds.filter(({ at }) => at === "terraform");

/** What must be true at every moment (story.md, "Bad luck"). */
export function invariant(model: Model): string | undefined {
  if (Object.values(model.begun).some((times) => times > 1)) return "two terraform apply processes for one grant";
  if (model.wrong) return model.wrong;
  const running = working(model);
  if (running.length > 1) return "two terraform apply processes in one workspace";
  const atWork = model.builds.find((build) => model.withdrawn.includes(build.request) && isAtWork(model, build));
  if (atWork) return "withdrawn beside a build at work";
  if (model.withdrawn.some((request) => Object.values(itemOf(model, request).jobs).some(hasApplied)))
    return "withdrawn although it was applied";
  if (running.some(({ request }) => model.workspace.holder?.request !== request)) return "an apply lost its workspace";
  if (model.workspace.waiters.some(({ request }) => itemOf(model, request).closed))
    return "a closed request stands in line";
  if (model.workspace.waiters.length > 0 && !model.workspace.holder)
    return "the workspace is free while somebody waits";
  return undefined;
}

/** What a request may stop at when nothing goes on by itself: it has ended, or it waits for a person, or for a request that does. */
export function atRest(model: Model): string | undefined {
  const { holder, blocked } = model.workspace;
  if (holder && itemOf(model, holder.request).closed && !blocked) return "a request that has ended keeps its workspace";
  for (const item of Object.values(model.items)) {
    const open = Object.entries(item.jobs).find(([, job]) => !job.end);
    if (open) return `${item.request} stopped with ${open[0]} unfinished`;
    const mayGoOn = mayPlanAgain(model, item.request) || item.closed || isInLine(model, item.request);
    if (!mayGoOn) return `${item.request} waits for nothing that anybody could do`;
    if (
      model.closing.includes(item.request) &&
      item.closed?.why === "closing" &&
      !model.withdrawn.includes(item.request)
    )
      return `${item.request} is closed and nobody is told`;
  }
  return undefined;
}
