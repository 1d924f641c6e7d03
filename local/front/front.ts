import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { type Answer, sendAnswer } from "./answer.ts";
import { accountOfRole, assumeRole } from "./assume-role.ts";
import { type Arrived, type Call, parsedBody, readCall } from "./call.ts";
import { Calls } from "./calls.ts";
import { type ContainerCredentials, startContainerCredentials } from "./container-credentials.ts";
import type { Credentials, SessionCredentials } from "./credentials.ts";
import { Faults, type Verdict } from "./faults.ts";
import { Forwarder } from "./forwarder.ts";
import { listen } from "./listen.ts";
import { MotoRepairs } from "./moto-repairs.ts";
import { byCallersClock } from "./moved-clock.ts";
import { asRoot, isOwnersState, type OwnersState } from "./owner.ts";
import { refusedToReader } from "./read-only.ts";
import { accessDenied, expiredToken, type Refusal, refuse, unknownKey } from "./refusal.ts";
import { type ServiceEvent, serviceEvents } from "./service-events.ts";
import { callerArn, type Session, Sessions } from "./sessions.ts";

export type { Answer } from "./answer.ts";
export type { Call } from "./call.ts";
export type { ContainerCredentials } from "./container-credentials.ts";
export type { Credentials, SessionCredentials } from "./credentials.ts";
export type { Fault } from "./faults.ts";
export type { Refusal } from "./refusal.ts";
export type { ServiceEvent } from "./service-events.ts";
export type { Session } from "./sessions.ts";

/** A call to a service that somebody else than the emulators answers. */
export interface HandledCall extends Call {
  readonly caller: Session;
  /** Hands the very same request to MiniStack, which checks its signature. */
  askMiniStack(): Promise<Answer>;
}
export type Handler = (call: HandledCall) => Promise<Answer | Refusal>;

/** A call in a target account that the front answers itself. */
export interface TargetCall extends Call {
  readonly caller: Session;
}
export type TargetHandler = (call: TargetCall) => Promise<Answer | Refusal>;

/** One endpoint for all accounts: `AWS_ENDPOINT_URL` of everything that runs. */
export interface Front {
  readonly url: string;
  /** Root of Sluice's account: passes every judgement there, with any signature. For deployment and tests only. */
  readonly rootCredentials: Credentials;
  /** The owner of a target account: may do everything in it, nothing in Sluice's account but `allowOwnersState`. */
  ownerCredentials(account: string): Credentials;
  /** Lets an owner keep the Terraform state of its environment root in one bucket of Sluice's account, below a prefix. */
  allowOwnersState(account: string, state: OwnersState): void;
  /** A session of a role, in any account, that trusts Sluice's root. Real seconds. */
  roleSession(roleArn: string, sessionName: string, seconds: number): Promise<SessionCredentials>;
  readonly containerCredentials: ContainerCredentials;
  /** Answers a service of Sluice's account instead of MiniStack. The key's session is known, its signature is not yet checked. */
  handleService(service: string, handler: Handler): void;
  /** Answers some operations of a service in target accounts instead of moto, after the judgement of the caller. */
  answerInTargets(service: string, operations: Readonly<Record<string, TargetHandler>>): void;
  /** Puts events on the default bus in the name of an AWS service, which no caller of PutEvents may. */
  publishAsService(events: readonly ServiceEvent[]): Promise<void>;
  readonly faults: Faults;
  readonly calls: Calls;
  stop(): Promise<void>;
}

/**
 * Starts the endpoint before MiniStack (Sluice's account) and moto (target accounts). The caller's access key decides:
 * unknown and expired keys are refused, each protocol in its own shape. MiniStack judges signatures and roles of Sluice's
 * account; in target accounts roles for plans and checks may only read.
 */
export async function startFront(options: {
  region: string;
  sluice: { account: string; url: string; emitterToken: string };
  targets: { accounts: readonly string[]; url: string };
  logFile: string;
}): Promise<Front> {
  const { region, sluice, targets } = options;
  const sessions = new Sessions();
  const forwarder = new Forwarder();
  const repairs = new MotoRepairs();
  const faults = new Faults();
  const calls = new Calls(options.logFile);
  const handlers = new Map<string, Handler>();
  const inTargets = new Map<string, TargetHandler>();
  const ownersStates = new Map<string, OwnersState>();
  let numbered = 0;

  const rootCredentials = { accessKeyId: sluice.account, secretAccessKey: "root" };
  sessions.remember(sluice.account, { account: sluice.account, kind: "root", expiresAt: Number.POSITIVE_INFINITY });
  const owners = new Map(targets.accounts.map((account) => [account, newOwner(account)]));
  for (const [account, { accessKeyId }] of owners)
    sessions.remember(accessKeyId, { account, kind: "owner", expiresAt: Number.POSITIVE_INFINITY });

  const server = createServer((request, response) => void answerCall(request, response));
  const { url, close } = await listen(server);

  const sts = new STSClient({ region, endpoint: url, credentials: rootCredentials, maxAttempts: 1 });
  const roleSession = async (RoleArn: string, RoleSessionName: string, DurationSeconds: number) => {
    const { Credentials: made } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName, DurationSeconds }));
    if (!made?.AccessKeyId || !made.SecretAccessKey || !made.SessionToken || !made.Expiration)
      throw new Error(`STS answered without credentials for ${RoleArn}`);
    return {
      accessKeyId: made.AccessKeyId,
      secretAccessKey: made.SecretAccessKey,
      sessionToken: made.SessionToken,
      expiration: made.Expiration,
    };
  };
  const containerCredentials = await startContainerCredentials(roleSession);

  return {
    url,
    rootCredentials,
    ownerCredentials(account) {
      const owner = owners.get(account);
      if (!owner) throw new Error(`${account} is no target account`);
      return owner;
    },
    allowOwnersState: (account, state) => void ownersStates.set(account, state),
    roleSession,
    containerCredentials,
    handleService: (service, handler) => void handlers.set(service, handler),
    answerInTargets(service, operations) {
      for (const [action, handler] of Object.entries(operations)) inTargets.set(`${service}:${action}`, handler);
    },
    publishAsService: serviceEvents({ ...sluice, region }),
    faults,
    calls,
    async stop() {
      sts.destroy();
      await Promise.all([containerCredentials.stop(), close()]);
      forwarder.stop();
      await calls.stop();
    },
  };

  async function answerCall(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now();
    const hungUp = new AbortController();
    response.on("close", () => response.writableFinished || hungUp.abort()); // An abort makes an error with its stack.
    try {
      const arrived = await readCall(request);
      const caller = sessions.find(arrived.accessKeyId, arrived.token);
      const call = describe(arrived, typeof caller === "string" ? undefined : caller);
      const outcome = await judgeAndAnswer(arrived, call, caller, hungUp.signal);
      call.ms = Math.round((performance.now() - started) * 10) / 10;
      calls.add(call);
      if (outcome === "drop-answer") response.destroy();
      else if (outcome !== "hang") await sendAnswer(response, byCallersClock(request, outcome));
    } catch (cause) {
      if (!hungUp.signal.aborted && !response.headersSent)
        await sendAnswer(response, { status: 503, headers: { "content-type": "text/plain" }, body: String(cause) });
      else response.destroy();
    }
    if (!request.readableEnded) request.resume(); // A refused body is read to its end, or the next call would meet it.
  }

  async function judgeAndAnswer(
    arrived: Arrived,
    call: Call,
    caller: Session | "unknown" | "expired",
    signal: AbortSignal,
  ): Promise<Answer | "drop-answer" | "hang"> {
    if (typeof caller === "string") return said(arrived, call, caller === "expired" ? expiredToken : unknownKey);

    const before = await faults.judge(call, "before");
    if (before !== "go-on") return faulty(arrived, call, before);

    const answer = said(arrived, call, await answerOf(arrived, call, caller, signal));
    const after = await faults.judge(call, "after");
    if (after === "go-on") return answer;
    if (typeof answer.body === "object" && "resume" in answer.body) answer.body.resume();
    return faulty(arrived, call, after);
  }

  async function answerOf(
    arrived: Arrived,
    call: Call,
    caller: Session,
    signal: AbortSignal,
  ): Promise<Answer | Refusal> {
    const { request, bytes, service, action } = arrived;
    if (accountOfRole(arrived)) return assumeRole({ forwarder, sessions, sluice, targets }, arrived, caller, signal);

    const state = ownersStates.get(caller.account);
    if (caller.kind === "owner" && state && isOwnersState(arrived, state))
      return forwarder.forward(sluice.url, request, { bytes, signal, headers: asRoot(request, sluice.account) });

    if (caller.account === sluice.account) {
      const askMiniStack = () => forwarder.forward(sluice.url, request, { bytes, signal });
      const handler = handlers.get(service);
      return handler ? handler({ ...call, caller, askMiniStack }) : askMiniStack();
    }

    const refused = refusedToReader(caller, service, action);
    if (refused) return refused;
    const handler = inTargets.get(`${service}:${action}`);
    if (handler) return handler({ ...call, caller });
    const repeated = repairs.repeated(caller.account, arrived);
    if (repeated) return repeated;
    const answer = await forwarder.forward(targets.url, request, {
      bytes,
      signal,
      headers: { "x-moto-account-id": caller.account },
    });
    return repairs.repair(caller.account, arrived, answer);
  }

  function describe(arrived: Arrived, caller: Session | undefined): Call {
    const body = parsedBody(arrived);
    numbered += 1;
    return {
      number: numbered,
      at: Date.now(),
      account: accountOfRole(arrived) ?? caller?.account ?? "",
      ...(caller?.role && { role: caller.role }),
      ...(caller?.name && { session: caller.name }),
      ...(caller?.origin && { origin: caller.origin }),
      service: arrived.service,
      action: arrived.action,
      protocol: arrived.protocol,
      method: arrived.request.method ?? "",
      path: arrived.path,
      ...(body !== undefined && { body }),
    };
  }

  function said({ protocol, service }: Arrived, call: Call, what: Answer | Refusal): Answer {
    const answer = "code" in what ? refuse(what, protocol, service, call.method) : what;
    call.status = answer.status;
    return answer;
  }

  function faulty(arrived: Arrived, call: Call, verdict: Exclude<Verdict, "go-on">): Answer | "drop-answer" | "hang" {
    return typeof verdict === "string" ? verdict : said(arrived, call, verdict);
  }
}

function newOwner(account: string): Credentials {
  return { accessKeyId: `AKIAOWNER${account}`, secretAccessKey: randomBytes(20).toString("hex") };
}

/** The refusal of an action in the words that AWS uses, for handlers of services. */
export function refusal(caller: Session, action: string, resource: string): Refusal {
  return accessDenied(callerArn(caller), action, resource, `no identity-based policy allows the ${action} action`);
}
