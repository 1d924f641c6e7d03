import type { EventId, RequestId } from "@sluice/events";
import {
  bothWrites,
  type Change,
  countStart,
  type Decision,
  decisiveBuild,
  end,
  endWrites,
  hasApplied,
  isQuiet,
  isSound,
  type Job,
  type JobItem,
  jobKey,
  jobRefOf,
  lease,
  newRequestItem,
  newWorkspace,
  type RequestItem,
  reclaim,
  reconcile,
  recordStart,
  refusedMessageKey,
  renew,
  report,
  type SpentGrant,
  startApply,
  startWrites,
  stepOfKey,
  type Workspace,
} from "@sluice/jobs";
import { expire, type Gate, judge } from "../../services/approvals/src/core/gate.ts";
import { workspaceAfterJob } from "../../services/provisioner/src/core/after-job.ts";
import { claim } from "../../services/provisioner/src/core/claims.ts";
import { close, closeEnded, isFreedByPause } from "../../services/provisioner/src/core/closing.ts";
import type { OpenApplies } from "../../services/provisioner/src/core/open-applies.ts";
import {
  claimed,
  closed,
  freedOnPause,
  handingOver,
  nextHolder,
  planClaimed,
  refused,
  type WorkspaceChange,
  waitsInLine,
  workspaceLeft,
  workspaceOfClosed,
} from "../../services/provisioner/src/core/transactions.ts";
import { leave, standingOf, takeTurn, unlock } from "../../services/provisioner/src/core/turns.ts";
import type { Action } from "./explore.ts";

/** What a change is conditional on: the items that it replaces, and those that must not be there yet. */
function conditionsOf(changes: readonly Change[]): readonly string[] {
  return changes.filter((change) => change.is !== "job" || change.before).map(nameOf);
}

/** What lies where a job's own item should: none, when it does not parse. Here only what has a state has a shape. */
function readItem(raw: JobItem | Readonly<{ junk: true }> | undefined): JobItem | undefined {
  return raw && "state" in raw && isSound(raw) ? raw : undefined;
}

/** The rules that the model runs on: the services' own functions. A test may put a weaker one in a rule's place, to see that the model notices. */
export const rules = {
  lease,
  report,
  startApply,
  startWrites,
  reconcile,
  reclaim,
  renew,
  end,
  endWrites,
  bothWrites,
  claim,
  planClaimed,
  claimed,
  close,
  closeEnded,
  closed,
  refused,
  isQuiet,
  isFreedByPause,
  freedOnPause,
  workspaceAfterJob,
  workspaceOfClosed,
  takeTurn,
  leave,
  judge,
  conditionsOf,
  readItem,
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
  /** How often a build that plans writes what it likes into the item of any plan. */
  lies?: number;
  /** Whether builds that plan go their whole way too, or a plan is made in one step. */
  wholePlans?: boolean;
}>;

type Build = Readonly<{
  id: string;
  request: string;
  key: string;
  /** `sent`: its start transaction is under way, and lands also when the build dies. */
  at: "queued" | "leased" | "sent" | "started" | "terraform" | "applied" | "failed" | "reported" | "over";
  sent?: Commit;
}>;

/** A change on its way: what it was judged on was read, and it is written later, when that may be another. */
type Commit = Readonly<{
  why: string;
  writes: readonly (readonly [name: string, value: unknown])[];
  conditions: readonly string[];
  /** Somebody has written what it is conditional on. */
  lost: boolean;
}>;

/** One function at a time is between its reads and its write; the others have not read yet, or are done. */
type Pending = Commit & Readonly<{ then?: Then }>;
type Then = Readonly<
  | { build: Pick<Build, "id" | "request" | "key">; number: number }
  | { planned: string }
  | { answered: string; request: string }
  | { unlocked: true }
>;

export type Model = Readonly<{
  /** All items of both tables, by name. */
  items: Readonly<Record<string, unknown>>;
  gates: Readonly<Record<string, Gate>>;
  /** Plans that were made, each named by the grant that may be given for it. */
  planned: readonly string[];
  /** Grants that were signed; they are there for good, whatever became of their gates. */
  granted: readonly string[];
  plansAsked: Readonly<Record<string, number>>;
  builds: readonly Build[];
  pending?: Pending | undefined;
  /** By grant: how many `terraform apply` processes have begun. */
  begun: Readonly<Record<string, number>>;
  /** Whose apply was let go and came to no good end, until somebody answered for it. */
  unfinished?: string | undefined;
  /** Plans, by grant, that were made before the last apply or unlock: they say nothing of what is there now. */
  voided: readonly string[];
  /** What went wrong at the moment that it did. */
  wrong?: string;
  closing: readonly string[];
  /** What people were told of their closing. */
  answers: Readonly<Record<string, readonly string[]>>;
  crashes: number;
  doubles: number;
  lies: number;
  /** Jobs in whose items a build has lied: what is said of them is not held against anybody. */
  liedOf: readonly string[];
}>;

const environment = "staging";
const at = 0;
const cause = "evt_model" as EventId;
const WORKSPACE = "workspace";
/** A job's own item, by the request and the key that its id is made of. */
const ownName = (request: string, key: string) => `job job_${request.slice("req_".length)}_${key.replace("#", "_")}`;
const requestName = (request: string) => `request ${request}`;
const jobName = (job: string) => `job ${job}`;
const grantName = (jti: string) => `grant ${jti}`;
const closingKey = (request: string) => refusedMessageKey(environment, request, "evt_closing" as EventId);

function nameOf(change: Change): string {
  switch (change.is) {
    case "request":
      return requestName(change.after.request);
    case "job":
      return jobName(change.after.job);
    case "workspace":
      return WORKSPACE;
    case "grant":
      return grantName(change.spent.jti);
    case "beside":
      return `${change.key.pk} ${change.key.sk}`;
  }
}

/** Time, whose turn is to be told and how often an item was written would make every path a state of its own. */
function contentOf(change: Change): unknown {
  switch (change.is) {
    case "request": {
      const { dueAt: _due, turn: _turn, ...item } = change.after;
      return item;
    }
    case "job":
    case "workspace":
      return change.after;
    case "grant":
      return change.spent;
    case "beside":
      return change.value;
  }
}

const jti = (request: string, attempt: number) => `${request}/${attempt}`;

export function startOf({ requests }: Bounds): Model {
  const where = (request: string) => newRequestItem({ request, environment, workspace: "probe-smoke" } as never);
  const items = requests.map((request) => [requestName(request), { ...where(request), digest: "d" }]);
  return {
    items: { ...Object.fromEntries(items), [WORKSPACE]: newWorkspace({ environment, name: "probe-smoke" } as never) },
    gates: {},
    planned: [],
    granted: [],
    voided: [],
    plansAsked: Object.fromEntries(requests.map((request) => [request, 1])),
    builds: [],
    begun: {},
    closing: [],
    answers: {},
    crashes: 0,
    doubles: 0,
    lies: 0,
    liedOf: [],
  };
}

/** Writes items. Whatever was judged on one of them as it was is lost, unless whoever writes leaves the version as it was. */
function write(model: Model, writes: Commit["writes"], silently = false): Model {
  if (writes.length === 0) return model;
  const names = writes.map(([name]) => name);
  const lose = <C extends Commit>(commit: C): C =>
    !silently && !commit.lost && commit.conditions.some((name) => names.includes(name))
      ? { ...commit, lost: true, writes: [], conditions: [] }
      : commit;
  const builds = model.builds.map((build) => (build.sent ? { ...build, sent: lose(build.sent) } : build));
  const items = Object.entries({ ...model.items, ...Object.fromEntries(writes) });
  return {
    ...model,
    items: Object.fromEntries(items.toSorted(([a], [b]) => (a < b ? -1 : 1))),
    builds,
    ...(model.pending && { pending: lose(model.pending) }),
  };
}

const itemOf = (model: Model, request: string) => model.items[requestName(request)] as RequestItem;
const workspaceOf = (model: Model) => model.items[WORKSPACE] as Workspace;
const spentOf = (model: Model, grant: string) => model.items[grantName(grant)] as SpentGrant | undefined;
const withBuild = (model: Model, build: Build, change: Partial<Build>): Model => ({
  ...model,
  builds: model.builds.map((each) => (each.id === build.id ? { ...each, ...change } : each)),
});

/** Everything that can happen, in any order and as often as anybody likes: each message may come again at any time. */
export function actionsOf(bounds: Bounds, over: Partial<Rules> = {}): readonly Action<Model>[] {
  const rule = { ...rules, ...over };

  const said = (model: Model, request: string, key: string): JobItem | undefined => {
    return rule.readItem(model.items[ownName(request, key)] as JobItem | undefined);
  };
  const appliesOf = (model: Model, request: string): OpenApplies =>
    new Map(
      Object.entries(itemOf(model, request).jobs)
        .filter(([, { kind, end: ended }]) => kind === "apply" && !ended)
        .map(([key]) => [key, said(model, request, key)]),
    );
  const handed = (model: Model, change: WorkspaceChange): readonly Change[] => {
    const next = nextHolder(change);
    return handingOver(change, next && itemOf(model, next), at);
  };
  const commitOf = (why: string, changes: readonly Change[]): Commit => ({
    why,
    writes: changes.map((change) => [nameOf(change), contentOf(change)] as const),
    conditions: rule.conditionsOf(changes),
    lost: false,
  });
  const pending = (model: Model, why: string, changes: readonly Change[], then?: Then): Model =>
    changes.length === 0 && !then ? model : { ...model, pending: { ...commitOf(why, changes), ...(then && { then }) } };

  // What functions do. Each reads, and what it writes then is on its way.

  const takeUpPlan = (model: Model, request: string, attempt: number): Model => {
    const item = itemOf(model, request);
    const key = jobKey({ step: "plan", attempt });
    if (item.jobs[key]) return model;
    const workspace = workspaceOf(model);
    const turn = { request, step: "plan", attempt, cause, since: at } as never;
    const after = rule.takeTurn(workspace, turn);
    if (after === "line_full") return model;
    const job = { kind: "plan", epoch: workspace.epoch } as const;
    const applies = appliesOf(model, request);
    const made = rule.claim(item, { step: "plan", attempt, cause, job } as never, applies, at);
    if (typeof made === "string") return model;
    const turned = { before: workspace, after };
    if (standingOf(after, item.request).is !== "holder")
      return after === workspace ? model : pending(model, "stands in line", waitsInLine(item, turned));
    return pending(
      model,
      "a plan is claimed",
      rule.planClaimed({ before: item, after: made, key, job }, turned, applies),
    );
  };

  const claimApply = (model: Model, request: string, attempt: number): Model => {
    if (!model.granted.includes(jti(request, attempt))) return model;
    const before = itemOf(model, request);
    const key = jobKey({ step: "apply", attempt });
    const epoch = before.jobs[jobKey({ step: "plan", attempt })]?.epoch ?? 0;
    const job = { kind: "apply", plan: { step: "plan", attempt }, grant: jti(request, attempt), epoch } as const;
    const after = rule.claim(before, { step: "apply", attempt, cause, job } as never, new Map(), at);
    if (typeof after === "string" || after === before) return model;
    return pending(model, "an apply is claimed", rule.claimed({ before, after, key, job }));
  };

  const settle = (model: Model, request: string, key: string): Model => {
    const item = itemOf(model, request);
    const job = item.jobs[key];
    if (!job || job.end) return model;
    const own = said(model, request, key);
    const build = decisiveBuild(job, own);
    const isAlive = model.builds.some(({ id, at: where }) => id === build && where !== "over");
    const decision = rule.reconcile(item, key, own, build ? { build: isAlive ? "alive" : "over" } : {});
    return decided(model, item, key, job, own, decision);
  };

  const decided = (
    model: Model,
    item: RequestItem,
    key: string,
    job: Job,
    own: JobItem | undefined,
    decision: Decision,
  ): Model => {
    const ref = jobRefOf(item, key, job);
    switch (decision.next) {
      case "wait":
        return model;
      case "count":
        return pending(model, "a start is counted", [
          { is: "request", before: item, after: countStart(item, key, job.starts.length, at) },
        ]);
      case "start": {
        const build = { id: `${ref.job}-${decision.number}`, request: item.request, key };
        return pending(model, "a build is started", [], { build, number: decision.number });
      }
      case "renew":
        return pending(model, "an item is put anew", bothWrites(item, own, rule.renew(item, key, ref, at)));
      case "reclaim": {
        const after = own && rule.reclaim(item, key, own, decision.from, at);
        return after ? pending(model, "a lease is taken from the dead", rule.bothWrites(item, own, after)) : model;
      }
      case "end": {
        const spent = job.grant ? spentOf(model, job.grant) : undefined;
        const isSpent = own?.state.is === "applying" && spent?.build === own.state.build;
        const after = rule.end(item, key, decision.end, { said: own, spent: isSpent }, at);
        const before = workspaceOf(model);
        const workspace = rule.workspaceAfterJob(after, key, undefined, before, at);
        const isPlan = job.kind === "plan" && decision.end === "reported" && own?.report?.outcome === "completed";
        const changes = [...rule.endWrites(item, after, own, ref), ...handed(model, { before, after: workspace })];
        const then = isPlan ? { planned: jti(item.request, stepOfKey(key).attempt) } : undefined;
        return pending(model, `a job ends: ${decision.end}`, changes, then);
      }
    }
  };

  const closeRequest = (model: Model, request: string): Model => {
    const before = itemOf(model, request);
    const key = closingKey(request);
    const kept = `${key.pk} ${key.sk}`;
    if (model.items[kept]) return answered(model, request, "refused");
    const applies = appliesOf(model, request);
    const after = rule.close(before, cause, applies, at);
    if (typeof after === "string")
      return pending(model, "a closing is refused", rule.refused(before, key, after), { answered: "refused", request });
    const workspace = rule.workspaceOfClosed(after, workspaceOf(model));
    return pending(model, "a request is closed", rule.closed(before, after, applies, handed(model, workspace)));
  };

  const endRequest = (model: Model, request: string): Model => {
    const before = itemOf(model, request);
    const isDenied = model.gates[request]?.status === "denied";
    if (!isDenied && !hasFailedToPlan(model, request) && !Object.values(before.jobs).some(hasApplied)) return model;
    const after = rule.closeEnded(before, cause, at);
    const workspace = rule.workspaceOfClosed(after, workspaceOf(model));
    return pending(
      model,
      "the end is told",
      rule.closed(before, after, appliesOf(model, request), handed(model, workspace)),
    );
  };

  /** An apply that began nothing lets others go on; what is told of it may be told again much later. */
  const freeOnPause = (model: Model, request: string): Model[] => {
    const item = itemOf(model, request);
    return Object.keys(item.jobs)
      .filter((key) => beganNothing(item.jobs[key]) && !item.closed)
      .map(stepOfKey)
      .filter((paused) => rule.isFreedByPause(item, paused))
      .map((paused) =>
        pending(
          model,
          "a pause frees the workspace",
          rule.freedOnPause(item, paused, handed(model, workspaceLeft(item, workspaceOf(model)))),
        ),
      );
  };

  const unlockWorkspace = (model: Model): Model => {
    const before = workspaceOf(model);
    if (!before.blocked || !before.holder) return model;
    const holder = itemOf(model, before.holder.request);
    const free = unlock(before);
    const after = holder.closed && rule.isQuiet(holder) ? rule.leave(free, holder.request) : free;
    return pending(
      model,
      "an operator unlocks",
      [...handed(model, { before, after }), { is: "request", before: holder, after: holder }],
      { unlocked: true },
    );
  };

  const finish = (model: Model): Model => {
    const { pending: commit, ...rest } = model;
    if (!commit) return model;
    const { then } = commit;
    if (then && "build" in then) return started(rest, then.build, then.number);
    if (commit.lost) return rest;
    const written = write(rest, commit.writes);
    if (!then) return written;
    if ("planned" in then) return { ...written, planned: [...written.planned, then.planned].sort() };
    if ("answered" in then) return answered(written, then.request, then.answered);
    const { unfinished: _answered, ...calm } = written;
    return { ...calm, voided: plansMade(written) };
  };

  const started = (model: Model, build: Pick<Build, "id" | "request" | "key">, number: number): Model => {
    const builds = model.builds.some(({ id }) => id === build.id)
      ? model.builds
      : [...model.builds, { ...build, at: "queued" } as const];
    const item = itemOf(model, build.request);
    const after = recordStart(item, build.key, number, { build: build.id as never }, at);
    return after === item ? { ...model, builds } : write({ ...model, builds }, [[requestName(build.request), after]]);
  };

  const answered = (model: Model, request: string, answer: string): Model => {
    const told = model.answers[request] ?? [];
    return told.includes(answer)
      ? model
      : { ...model, answers: { ...model.answers, [request]: [...told, answer].sort() } };
  };

  const tellWithdrawn = (model: Model, request: string): Model => {
    const item = itemOf(model, request);
    return item.closed?.why === "closing" && rule.isQuiet(item) ? answered(model, request, "withdrawn") : model;
  };

  // What people do.

  /** Approvals hears of the plan and opens its gate; a newer one takes the place of an older one. */
  const openGate = (model: Model, request: string, attempt: number): Model => {
    const gate = model.gates[request];
    const made = itemOf(model, request).jobs[jobKey({ step: "plan", attempt })];
    if (!made || !model.planned.includes(jti(request, attempt)) || (gate?.ref.attempt ?? 0) >= attempt) return model;
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

  // What builds do. A single write is judged on what it replaces, so it is one step here.

  const writeOwn = (model: Model, before: JobItem | undefined, after: JobItem): Model =>
    after === before ? model : write(model, [[jobName(after.job), after]]);

  const takeLease = (model: Model, build: Build): Model => {
    const before = said(model, build.request, build.key);
    const after = rule.lease(before, build.id as never, at);
    if (typeof after === "string") return withBuild(model, build, { at: "over" });
    return writeOwn(withBuild(model, build, { at: "leased" }), before, after);
  };

  const grantOf = (model: Model, build: Build) => {
    const { attempt } = stepOfKey(build.key);
    const epoch = itemOf(model, build.request).jobs[jobKey({ step: "plan", attempt })]?.epoch ?? 0;
    return { jti: jti(build.request, attempt), plan: { epoch } };
  };

  const sendStart = (model: Model, build: Build): Model => {
    const grant = grantOf(model, build);
    const job = said(model, build.request, build.key);
    const workspace = workspaceOf(model);
    const start = { request: build.request as RequestId, key: build.key, build: build.id as never, grant };
    const after = rule.startApply(job, workspace, spentOf(model, grant.jti), start, at);
    if (after === "already") return withBuild(model, build, { at: "started" });
    if (typeof after === "string" || !job) return withBuild(model, build, { at: "failed" });
    return withBuild(model, build, { at: "sent", sent: commitOf("start", rule.startWrites(job, workspace, after)) });
  };

  /** The transaction lands if what it was judged on is still so. Whoever sent it may be dead, and never learns it. */
  const landStart = (model: Model, build: Build, hasAnswer: boolean): Model => {
    const { sent, ...rest } = build;
    const back = { ...model, builds: model.builds.map((each) => (each.id === build.id ? rest : each)) };
    const isAlive = build.at === "sent";
    if (!sent || sent.lost) return isAlive ? withBuild(back, build, { at: "leased" }) : back;
    const item = itemOf(back, build.request);
    const wrong = item.closed
      ? "an apply starts after its request was closed"
      : item.attempts.plan !== stepOfKey(build.key).attempt
        ? "an apply starts beside a newer plan"
        : undefined;
    const landed = { ...write(back, sent.writes), ...(wrong && { wrong }) };
    return isAlive ? withBuild(landed, build, { at: hasAnswer ? "started" : "leased" }) : landed;
  };

  const beginTerraform = (model: Model, build: Build): Model => {
    const grant = jti(build.request, stepOfKey(build.key).attempt);
    const begun = { ...model.begun, [grant]: (model.begun[grant] ?? 0) + 1 };
    const wrong = wrongAtStart(model, build, grant);
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
    const words = { build: build.id, outcome: completed ? "completed" : "failed", clean: completed, result } as never;
    const before = said(model, build.request, build.key);
    const after = rule.report(before, words);
    const reported = withBuild(model, build, { at: "reported" });
    return typeof after === "string" ? reported : writeOwn(reported, before, after);
  };

  /** A plan in one step, for whom its builds are no matter: claimed, built, reported, ended. */
  const makePlan = (model: Model, request: string, attempt: number): Model => {
    const asked = takeUpPlan(model, request, attempt);
    if (asked === model || asked.pending?.why !== "a plan is claimed") return asked === model ? model : finish(asked);
    const key = jobKey({ step: "plan", attempt });
    const taken = finish(asked);
    const build = { id: `${key}-build`, request, key, at: "applied" } as const;
    const worked = giveReport(takeLease({ ...taken, builds: [...taken.builds, build] }, build), build);
    const { builds: _gone, ...rest } = finish(settle(worked, request, key));
    return { ...rest, builds: model.builds } as Model;
  };

  const lie = (model: Model): Model[] => {
    if (model.lies >= (bounds.lies ?? 0)) return [];
    return Object.keys(model.items)
      .filter((name) => name.startsWith("job ") && name.includes("_plan_"))
      .flatMap((name) =>
        liesOf(name.slice("job ".length)).flatMap((value) =>
          [true, false].map((silently) => {
            const told = { ...model, lies: model.lies + 1, liedOf: [...new Set([...model.liedOf, name])].sort() };
            const after = write(told, [[name, value]], silently);
            const hit = after.pending?.lost && !model.pending?.lost && model.pending?.why === "a request is closed";
            return hit ? { ...after, wrong: "a build's write made a closing lose" } : after;
          }),
        ),
      );
  };

  const forBuilds = (is: (build: Build) => boolean, run: (model: Model, build: Build) => Model) => (model: Model) =>
    model.builds.filter(is).map((build) => run(model, build));
  const forRequests = (run: (model: Model, request: string) => Model) => (model: Model) =>
    bounds.requests.map((request) => run(model, request));
  const forAttempts = (run: (model: Model, request: string, attempt: number) => Model) => (model: Model) =>
    bounds.requests.flatMap((request) =>
      Array.from({ length: model.plansAsked[request] ?? 0 }, (_, index) => run(model, request, index + 1)),
    );
  /** A function begins while no other is between its reads and its write. */
  const function_ = (run: (model: Model) => readonly Model[]) => (model: Model) => (model.pending ? [] : run(model));
  const isAt =
    (...places: Build["at"][]) =>
    (build: Build) =>
      places.includes(build.at);
  const isApply = ({ key }: Build) => key.startsWith("apply#");

  return [
    {
      name: "a plan is asked for",
      run: function_(forAttempts(bounds.wholePlans ? takeUpPlan : makePlan)),
    },
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
    { name: "an apply is asked for", run: function_(forAttempts(claimApply)) },
    {
      name: "somebody looks at a job",
      run: function_((model) =>
        bounds.requests.flatMap((request) =>
          Object.keys(itemOf(model, request).jobs).map((key) => settle(model, request, key)),
        ),
      ),
    },
    { name: "what was decided is written", run: (model) => [finish(model)] },
    {
      name: "a function dies before it writes",
      chance: true,
      run: ({ pending: commit, ...rest }) => (commit ? [rest] : []),
    },
    { name: "a build takes its lease", run: forBuilds(isAt("queued"), takeLease) },
    {
      name: "a plan is made",
      run: forBuilds(
        (build) => build.at === "leased" && !isApply(build),
        (model, build) => withBuild(model, build, { at: "applied" }),
      ),
    },
    {
      name: "a plan fails, or an apply's own plan is another one than was approved",
      chance: true,
      run: forBuilds(isAt("leased"), (model, build) => withBuild(model, build, { at: "failed" })),
    },
    {
      name: "a pause frees the workspace",
      run: function_((model) => bounds.requests.flatMap((request) => freeOnPause(model, request))),
    },
    { name: "a build sends its start", run: forBuilds((build) => build.at === "leased" && isApply(build), sendStart) },
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
      run: forBuilds(isAt("sent"), (model, build) => landStart(model, build, false)),
    },
    { name: "terraform begins", run: forBuilds(isAt("started"), beginTerraform) },
    {
      name: "terraform ends well",
      run: forBuilds(isAt("terraform"), (model, build) => withBuild(model, build, { at: "applied" })),
    },
    {
      name: "terraform fails",
      chance: true,
      run: forBuilds(isAt("terraform"), (model, build) => ({
        ...withBuild(model, build, { at: "failed" }),
        unfinished: build.request,
      })),
    },
    { name: "a build reports", run: forBuilds(isAt("applied", "failed"), giveReport) },
    {
      name: "a build ends",
      run: forBuilds(isAt("reported"), (model, build) => withBuild(model, build, { at: "over" })),
    },
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
                ...(isApply(build) && ["terraform", "applied"].includes(build.at) && { unfinished: build.request }),
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
    { name: "a build lies", chance: true, run: lie },
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
          .map((request) => ({ ...model, closing: [...model.closing, request].sort() })),
    },
    {
      name: "a closing is asked for",
      run: function_((model) => model.closing.map((request) => closeRequest(model, request))),
    },
    { name: "people are told that it is withdrawn", run: forRequests(tellWithdrawn) },
    { name: "the end is told", run: function_(forRequests(endRequest)) },
    { name: "an operator unlocks", chance: true, run: function_((model) => [unlockWorkspace(model)]) },
  ];
}

const liar = "liar";
const state = (is: "running" | "applying") => ({ is, build: liar, since: at });
const saysOf = (outcome: "completed" | "failed") => ({
  build: liar,
  outcome,
  clean: outcome === "completed",
  result: { key: liar, versionId: "v", sha256: "s" },
});

/** What a build that plans may write into the item of any plan. */
function liesOf(job: string): readonly unknown[] {
  const ref = { environment, kind: "plan", job, version: 0 };
  return [
    { ...ref, state: { is: "claimed" } },
    { ...ref, state: { is: "claimed" }, void: "over" },
    { ...ref, state: state("running") },
    { ...ref, state: state("running"), report: saysOf("completed") },
    { ...ref, state: state("running"), report: saysOf("failed"), void: "closed" },
    { ...ref, state: state("applying"), report: saysOf("failed") },
    { junk: true },
  ];
}

/** By grant, every plan that there is. */
function plansMade(model: Model): readonly string[] {
  return Object.values(model.items).flatMap((item) => {
    const { request, jobs } = item as RequestItem;
    if (!jobs) return [];
    return Object.keys(jobs).flatMap((key) => (key.startsWith("plan#") ? [jti(request, stepOfKey(key).attempt)] : []));
  });
}

/** An apply that has ended, and was never let go. */
function beganNothing(job: Job | undefined): boolean {
  return job?.kind === "apply" && job.end === "reported" && !job.applied;
}

/** The newest plan came to nothing: then its request ends. */
function hasFailedToPlan(model: Model, request: string): boolean {
  const { attempts, jobs } = itemOf(model, request);
  const { plan = 0 } = attempts;
  const { end: ended } = jobs[jobKey({ step: "plan", attempt: plan })] ?? {};
  return ended !== undefined && ended !== "dropped" && !model.planned.includes(jti(request, plan));
}

function mayPlanAgain(model: Model, request: string): boolean {
  const gate = model.gates[request];
  const failed = Object.values(itemOf(model, request).jobs).some(
    (job) => job.kind === "apply" && job.end && job.end !== "dropped" && !hasApplied(job),
  );
  return gate?.status === "open" || gate?.status === "granted" || failed;
}

function wrongAtStart(model: Model, build: Build, grant: string): string | undefined {
  const item = itemOf(model, build.request);
  if (!model.granted.includes(grant)) return "a plan is applied that was not approved";
  if (Object.values(item.jobs).some(hasApplied)) return "an apply begins after one that succeeded";
  if (item.closed?.why === "closing") return "an apply begins after its request was closed";
  if (model.voided.includes(grant)) return "a plan is applied that something later has made void";
  if (item.attempts.plan !== stepOfKey(build.key).attempt) return "a plan is applied beside a newer one";
  if (workspaceOf(model).holder?.request !== build.request)
    return "an apply begins in a workspace that the request does not hold";
  if (model.unfinished && model.unfinished !== build.request)
    return "an apply begins where another's was left unfinished";
  return undefined;
}

function isInLine(model: Model, request: string): boolean {
  return workspaceOf(model).waiters.some((each) => each.request === request);
}

/** A build that has its lease and has not said how it ended. */
function isAtWork(model: Model, { request, key, at: where }: Build): boolean {
  return !model.liedOf.includes(ownName(request, key)) && !["queued", "reported", "over"].includes(where);
}

const working = (model: Model): readonly Build[] => model.builds.filter(({ at: where }) => where === "terraform");
const requestsOf = (model: Model): readonly RequestItem[] =>
  Object.keys(model.plansAsked).map((request) => itemOf(model, request));

/** What must be true at every moment. */
export function invariant(model: Model): string | undefined {
  if (Object.values(model.begun).some((times) => times > 1)) return "two terraform apply processes for one grant";
  if (model.wrong) return model.wrong;
  const running = working(model);
  if (running.length > 1) return "two terraform apply processes in one workspace";
  const { holder, waiters, blocked } = workspaceOf(model);
  for (const { request, jobs } of requestsOf(model)) {
    const told = model.answers[request] ?? [];
    if (told.length > 1) return "a closing was refused and done";
    if (!told.includes("withdrawn")) continue;
    if (model.builds.some((build) => build.request === request && isAtWork(model, build)))
      return "withdrawn beside a build at work";
    if (Object.values(jobs).some(hasApplied)) return "withdrawn although it was applied";
  }
  if (running.some(({ request }) => holder?.request !== request)) return "an apply lost its workspace";
  if (waiters.some(({ request }) => itemOf(model, request).closed)) return "a closed request stands in line";
  if (waiters.length > 0 && !holder) return "the workspace is free while somebody waits";
  if (holder && !blocked && itemOf(model, holder.request).closed && isQuiet(itemOf(model, holder.request)))
    return "a request that has ended keeps its workspace";
  if (blocked && !Object.keys(model.items).some((name) => name.startsWith(grantName(blocked.request))))
    return "a workspace is blocked by whom no apply began";
  return undefined;
}

/** Why a request may not stop here: it has neither ended, nor waits for a person, or for a request that does. */
export function unfinished(model: Model): string | undefined {
  if (model.pending) return "a change is on its way";
  for (const item of requestsOf(model)) {
    const open = Object.entries(item.jobs).find(([, job]) => !job.end);
    if (open) return `${item.request} stopped with ${open[0]} unfinished`;
    const mayGoOn = mayPlanAgain(model, item.request) || item.closed || isInLine(model, item.request);
    if (!mayGoOn) return `${item.request} waits for nothing that anybody could do`;
    if (item.closed?.why === "closing" && !model.answers[item.request]?.length)
      return `${item.request} is closed and nobody is told`;
  }
  return undefined;
}
