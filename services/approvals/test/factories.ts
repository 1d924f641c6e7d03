import { generateKeyPairSync } from "node:crypto";
import {
  type EventId,
  EventId as EventIdSchema,
  type EventOf,
  exampleSlip,
  type GateRef,
  Itinerary,
  PlanOutput,
  PrincipalId,
  plan,
  type RequestAccepted,
  type Slip,
  StepName,
} from "@sluice/events";
import { itineraryDigest, newSlip, type Owed, type StepRequest, withOutput } from "@sluice/steps";
import { CompactSign } from "jose";
import type { Click, Gate, Judges } from "../src/core/gate.ts";
import type { ApprovalStore, PlanCopy, Ports } from "../src/core/ports.ts";

export const NOON = Date.UTC(2026, 10, 23, 12);
export const MINUTE = 60_000;
const person = (name: string) => PrincipalId.parse(`person_${name}`);
export const ada = person("ada");
export const bob = person("bob");
export const carol = person("carol");
export const dan = person("dan");
export const eve = person("eve");
export const PLAN = StepName.parse("plan");
export const APPROVE = StepName.parse("approve");

export const itinerary = (change: Record<string, unknown> = {}): Itinerary =>
  Itinerary.parse({
    ...exampleSlip.itinerary,
    steps: [
      { name: "plan", kind: "plan", config: { root: "probe" } },
      { name: "approve", kind: "approval", config: { of: "plan", policy: "infrastructure" } },
      { name: "apply", kind: "apply", config: { plan: "plan", approval: "approve" } },
      { name: "configure", kind: "configuration", config: { playbook: "probe", hosts: "build" } },
    ],
    ...change,
  });
/** Without a step that would change anything after the apply. */
export const withoutConfiguration = (change: Record<string, unknown> = {}) =>
  itinerary({ steps: itinerary().steps.slice(0, 3), ...change });

export const REQUEST = itinerary().request;
export const gateRef = (attempt = 1): GateRef => ({ request: REQUEST, step: APPROVE, attempt });
export const eventNumber = (n: number): EventId => EventIdSchema.parse(`evt_${String(n).padStart(32, "0")}`);

export const planOutput = (change: Record<string, unknown> = {}): PlanOutput =>
  PlanOutput.parse({ ...plan.completed.example.output, ...change });
/** A plan that comes to something else. */
export const planOf = (summary: Partial<PlanOutput["summary"]>): PlanOutput =>
  planOutput({ summary: { ...planOutput().summary, ...summary } });
const { counts } = planOutput().summary;
export const destructivePlan = () =>
  planOf({ counts: { ...counts, destroy: 1 }, destroys: { count: 1, first: ["a.b"] } });
export const emptyPlan = (summary: Partial<PlanOutput["summary"]> = {}) =>
  planOf({ empty: true, counts: { ...counts, add: 0, output: 0 }, ...summary });

/** The slip as the plan's owner hands it on. */
export const plannedSlip = (of = itinerary(), output = planOutput(), attempt = 1): Slip =>
  withOutput(newSlip(of), PLAN, attempt, output as never);

export const accepted = (of = itinerary()): EventOf<typeof RequestAccepted> => ({
  type: "request.accepted.v1",
  source: "sluice.intake",
  metadata: {
    id: eventNumber(1),
    correlationId: of.request,
    occurredAt: "2026-11-23T12:00:00.000Z",
    actor: "service:intake",
  },
  data: { itinerary: of, digest: itineraryDigest(of) },
});
export const asked = (slip = plannedSlip(), attempt = 1, id = eventNumber(2)): StepRequest => ({
  type: "approval.requested.v1",
  metadata: { id, actor: "service:provisioner" },
  data: { request: slip.itinerary.request, step: APPROVE, attempt, slip },
});
export const planned = (output = planOutput(), attempt = 1): PlanCopy => ({
  request: REQUEST,
  step: PLAN,
  attempt,
  output,
  seconds: 41,
});

export const gate = (change: Partial<Gate> = {}): Gate => ({
  ref: gateRef(),
  status: "open",
  version: 1,
  askedBy: [ada],
  groups: ["infrastructure"],
  needed: 1,
  of: { step: PLAN, attempt: 1 },
  plan: planOutput(),
  cause: eventNumber(2),
  openedAt: NOON,
  expiresAt: NOON + 240 * MINUTE,
  decisions: [],
  ...change,
});
export const click = (change: Partial<Click> = {}): Click => ({
  who: { team: "T1", user: "carol" },
  verdict: "approve",
  signedAt: NOON,
  cause: eventNumber(10),
  ...change,
});
export const clickOf = (user: string, n: number, change: Partial<Click> = {}): Click =>
  click({ who: { team: "T1", user }, cause: eventNumber(n), ...change });
export const judges = (by?: PrincipalId, approvers: readonly PrincipalId[] = [carol, dan]): Judges => ({
  by,
  approvers: new Set(approvers),
  version: "v1",
});
export const made = (by: PrincipalId, n = 1, verdict: "approve" | "reject" = "approve") => ({
  by,
  verdict,
  directoryVersion: "v1",
  at: NOON,
  cause: eventNumber(100 + n),
});

const signing = generateKeyPairSync("ec", { namedCurve: "P-256" });
export const publicKey = signing.publicKey.export({ type: "spki", format: "pem" }).toString();

/** The service with everything around it in memory. Time stands still until it is moved; a person's Slack user is their name. */
export function world(approvers: readonly PrincipalId[] = [bob, carol, dan, eve]) {
  const clock = { now: NOON };
  const group = { now: approvers };
  const published: Owed[] = [];
  const signed: string[] = [];
  const store = memoryStore();
  const ports: Ports = {
    store,
    directory: {
      async judges(_groups, who) {
        return { by: who && person(who.user), approvers: new Set(group.now), version: "v1" };
      },
    },
    signer: {
      async sign(claims) {
        const jws = await new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
          .setProtectedHeader({ alg: "ES256" })
          .sign(signing.privateKey);
        signed.push(jws);
        return jws;
      },
    },
    publish: async (owed) => void published.push(...owed),
    now: () => clock.now,
  };
  const types = () => published.map(({ type }) => type);
  const dataOf = <T>(type: string) => published.find((each) => each.type === type)?.data as T | undefined;
  const idsOf = (type?: string) => [
    ...new Set(published.filter((each) => !type || each.type === type).map(({ id }) => id)),
  ];
  return { ports, store, clock, group, published, signed, types, dataOf, idsOf };
}

/** Keeps to the same conditions as the table does. */
export function memoryStore(): ApprovalStore & { gates: Map<string, Gate>; grants: Map<string, string> } {
  const requests = new Map<string, { digest?: Slip["digest"]; askedBy: PrincipalId[]; closed: boolean }>();
  const early = new Map<string, StepRequest>();
  const slips = new Map<string, Slip>();
  const plans = new Map<string, PlanOutput>();
  const gates = new Map<string, Gate>();
  const grants = new Map<string, string>();
  const keyOf = (...parts: readonly (string | number)[]) => parts.join("#");
  const refKey = ({ request, step, attempt }: GateRef) => keyOf(request, step, attempt);
  const once = <T>(map: Map<string, T>, key: string, value: T) => void (map.has(key) || map.set(key, value));
  const store = (after: Gate, holds: (there: Gate | undefined) => boolean, grant?: string) => {
    const key = keyOf(after.ref.request, after.ref.step);
    const request = requests.get(after.ref.request);
    if (!request?.digest || request.closed || !holds(gates.get(key))) return false;
    if (grant && grants.has(refKey(after.ref))) return false;
    gates.set(key, after);
    if (grant) grants.set(refKey(after.ref), grant);
    return true;
  };
  return {
    gates,
    grants,
    async standing(request) {
      const { digest, askedBy, closed } = requests.get(request) ?? {};
      return digest && { digest, askedBy: askedBy ?? [], closed: closed ?? false };
    },
    async keepAcceptance({ data: { itinerary, digest } }) {
      const there = requests.get(itinerary.request);
      if (there?.digest) return;
      const askedBy = [itinerary.requester, ...(itinerary.onBehalfOf ? [itinerary.onBehalfOf] : [])];
      requests.set(itinerary.request, { digest, askedBy, closed: there?.closed ?? false });
    },
    async close(request) {
      requests.set(request, { askedBy: [], ...requests.get(request), closed: true });
      for (const [key, each] of gates)
        if (each.ref.request === request && each.status === "open")
          gates.set(key, { ...each, status: "closed", version: each.version + 1 });
    },
    keepEarly: async (event) => once(early, event.metadata.id, event),
    early: async (request) => [...early.values()].filter(({ data }) => data.request === request),
    keepSlip: async (ref, slip) => once(slips, refKey(ref), slip),
    slipOf: async (ref) => slips.get(refKey(ref)),
    keepPlan: async ({ request, step, attempt, output }) => once(plans, keyOf(request, step, attempt), output),
    planOf: async (request, step, attempt) => plans.get(keyOf(request, step, attempt)),
    gate: async ({ request, step }) => gates.get(keyOf(request, step)),
    open: async (gate, grant) => store(gate, (there) => !there || there.ref.attempt < gate.ref.attempt, grant),
    replace: async (before, after, grant) =>
      store(
        { ...after, version: before.version + 1 },
        (there) => there?.ref.attempt === before.ref.attempt && there.version === before.version,
        grant,
      ),
    grantOf: async (ref) => grants.get(refKey(ref)),
  };
}
