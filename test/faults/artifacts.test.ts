import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DynamoDBDocumentClient, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { CompactSign, decodeJwt, generateKeyPair } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appliesOf, buildsOf, callerOf, type Kind, said, spendersOf, statusOf } from "./builds-of.ts";
import { eventually, type Flow, newEventId, newRequestId, startFlow } from "./harness.ts";
import { holdInvariants } from "./invariants.ts";

/**
 * Somebody with all rights changes what an apply is made of, after the approval and before its build has read anything. Each is stopped before Terraform
 * runs, and people read which it was.
 */
let flow: Flow;
let s3: S3Client;
let table: DynamoDBDocumentClient;
/** A grant of another request, genuine and spent. */
let genuine: string;
beforeAll(async () => {
  flow = await startFlow("artifacts");
  s3 = new S3Client(flow.cloud.asRoot);
  table = DynamoDBDocumentClient.from(new DynamoDBClient(flow.cloud.asRoot));
  const donor = await flow.propose({ name: "donor" });
  genuine = String((await flow.heard(donor, "approval.granted.v1")).detail.data.grant);
  await flow.ended(donor);
});
afterAll(() => flow?.stop());

interface Ref {
  key: string;
  versionId: string;
  sha256: string;
}
/** The input of an apply's builds, as far as it is changed here. */
interface Input {
  request: string;
  release: Ref;
  grant: string;
  plan: { output: { digestKey: Ref; page: Ref } };
}
type Tamper = (input: Input) => unknown;

const tampers: readonly [what: string, code: string, says: RegExp, tamper: Tamper][] = [
  [
    "one byte of the key of the change digest",
    "digest_key_changed",
    /What the approved plan was measured with is not what it was/,
    async ({ plan: { output } }) => {
      output.digestKey.versionId = (await changedVersion("jobsBucket", output.digestKey)).versionId;
    },
  ],
  [
    "one byte of the page that was shown",
    "page_changed",
    /What was shown for approval is not what the plan says/,
    async ({ plan: { output } }) => {
      output.page.versionId = (await changedVersion("jobsBucket", output.page)).versionId;
    },
  ],
  [
    "one byte of the code release, which unpacks all the same",
    "release_changed",
    /The code release of this request is not the one that was accepted/,
    async ({ release }) => {
      release.versionId = (await changedVersion("releasesBucket", release, GZIP_TIME)).versionId;
    },
  ],
  [
    "the code release, which is gone",
    "release_missing",
    /The code release of this request is no longer there/,
    ({ release }) => {
      release.key = `releases/${"0".repeat(64)}.tar.gz`;
    },
  ],
  [
    "a claim of the grant",
    "grant_signature",
    /was not signed by the approvals' key/,
    (input) => {
      input.grant = altered(input.grant);
    },
  ],
  [
    "the grant, for the same signed by another key",
    "grant_signature",
    /was not signed by the approvals' key/,
    async (input) => {
      input.grant = await signedByAnother(input.grant);
    },
  ],
  [
    "the grant, for one of another request",
    "grant_of_another_request",
    /The approval is of another request/,
    (input) => {
      input.grant = genuine;
    },
  ],
  [
    "the grant's own item: it is spent",
    "grant_spent",
    /This approval has been used already/,
    ({ request, grant }) => spend(request, grant),
  ],
  [
    "what the job's own item says that its grant must say",
    "grant_of_another_plan",
    /The approval is of another plan/,
    ({ request }) => itemSays(request, "0".repeat(64)),
  ],
];

describe.concurrent("an apply is stopped before Terraform runs when somebody changed", () => {
  it.each(tampers)("%s: %s", async (_, code, says, tamper) => {
    const request = newRequestId();
    beforeItsFirstCall(request, tamper);
    await flow.propose({ request, name: `t-${request.slice(4)}` });

    await isStopped(request, code, says);
  });
});

it("a code release that is not the newest is the one that runs when the request names it", async () => {
  const request = newRequestId();
  // The same files in other bytes: whoever ran the deployed release instead would be stopped by this one's hash.
  let older: Promise<Ref> | undefined;
  for (const kind of ["plan", "apply"] as const)
    beforeItsFirstCall(
      request,
      async (input) => {
        older ??= changedVersion("releasesBucket", input.release, GZIP_TIME);
        input.release = await older;
      },
      kind,
    );
  await flow.propose({ request, name: "older" });

  expect((await flow.ended(request)).type).toBe("request.completed.v1");
  expect(appliesOf(flow, request)).toBe(1);
  await holdInvariants(flow, request, "sandbox");
});

describe("an approval", () => {
  it("that expired while its build waited is not used; after Plan again a new one is", async () => {
    const request = newRequestId();
    beforeItsFirstCall(request, () => flow.cloud.clock.advance(61 * 60_000));
    await flow.propose({ request, name: "expired" });

    await isStopped(request, "grant_expired", /The approval expired before the apply could start/);

    await flow.repeat(request, "plan", 1);
    await flow.heard(request, "request.completed.v1");
    expect(appliesOf(flow, request)).toBe(1);
    await holdInvariants(flow, request, "sandbox");
  });

  it("that was forged is parked with its reason, without a build, and the real one goes its way", async () => {
    const request = await flow.propose({ name: "forged", environment: "staging" });
    await flow.heard(request, "approval.opened.v1");
    const [asked] = flow.events.of(request, "approval.requested.v1");
    const forgeries = [undefined, genuine, altered(genuine), await signedByAnother(genuine)];
    for (const grant of forgeries) await asksToApply(request, asked?.detail.data.slip as Slip, grant);

    const parked = await eventually(
      "the forged applies to be parked",
      () => flow.parked("provisioner"),
      (seen) => seen.length === forgeries.length,
    );
    expect(parked.map(({ code }) => code).sort()).toEqual([
      "grant_missing",
      "grant_of_another_request",
      "grant_signature",
      "grant_signature",
    ]);
    for (const { code = "", reason } of parked) expect(reason).toContain(`refused before any build: ${code}`);
    expect(buildsOf(flow, request, "apply")).toHaveLength(0);

    await flow.decide(request);
    expect((await flow.ended(request)).type).toBe("request.completed.v1");
    expect(appliesOf(flow, request)).toBe(1);
    await holdInvariants(flow, request, "staging", { parked: forgeries.length });
  });
});

/** What can be mended by a new plan waits for one; where a page is not what was signed, nothing more is believed of this request. */
async function isStopped(request: string, code: string, says: RegExp): Promise<void> {
  const ends = code === "page_changed";
  const stop = await flow.ended(request);
  expect(stop, JSON.stringify(stop.detail.data)).toMatchObject({ type: `request.${ends ? "failed" : "paused"}.v1` });
  expect((await flow.heard(request, "apply.failed.v1")).detail.data).toMatchObject({ code });
  expect(appliesOf(flow, request)).toBe(0);
  expect(await flow.world.state("sandbox", `probe-t-${request.slice(4)}`)).toBeUndefined();
  expect(flow.events.of(request, "workspace.blocked.v1")).toHaveLength(0);

  const message = await said(flow, "sandbox", request, ends ? /Edit and ask again/ : /Apply stopped/);
  expect(message).toMatch(says);
  expect(message).toMatch(
    ends ? /Nothing was changed\.[\s\S]*\[Edit and ask again…\]/ : /Nothing was (changed|run)\.[\s\S]*\[Plan again\]/,
  );
  expect(await statusOf(flow, "ada", "sandbox", request)).toMatch(says);
  await holdInvariants(flow, request, "sandbox");
}

/** A build is about to fetch its input: its first call. */
function beforeItsFirstCall(request: string, tamper: Tamper, kind: Kind = "apply"): void {
  flow.cloud.front.faults.add({
    name: "somebody changes what an apply is made of",
    when: "before",
    matches: (call) => call.path.includes("/inputs/") && callerOf(flow, request, kind, call) !== undefined,
    times: 1,
    do: async ({ path }) => {
      const at = { Bucket: bucket("jobsBucket"), Key: path.slice(path.indexOf("/inputs/") + 1) };
      const input = JSON.parse(String(await (await s3.send(new GetObjectCommand(at))).Body?.transformToString()));
      await tamper(input);
      await s3.send(new PutObjectCommand({ ...at, Body: JSON.stringify(input) }));
    },
  });
}

const bucket = (name: string) => String(flow.cloud.outputs()[name]);

/** The first byte of the time in a gzip's header, which nobody who unpacks it looks at. */
const GZIP_TIME = 4;

/** A new version of the object, with one bit of it changed: of its middle byte unless said otherwise. */
async function changedVersion(name: string, { key, versionId }: Ref, which?: number): Promise<Ref> {
  const at = { Bucket: bucket(name), Key: key };
  const { Body } = await s3.send(new GetObjectCommand({ ...at, VersionId: versionId }));
  const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
  const changed = which ?? bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(changed) ^ 1, changed);
  const { VersionId = "" } = await s3.send(new PutObjectCommand({ ...at, Body: bytes }));
  const sha256 = Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex");
  return { key, versionId: VersionId, sha256 };
}

/** The same signature under claims that hold an hour longer. */
function altered(grant: string): string {
  const [header, , signature] = grant.split(".");
  const claims = decodeJwt(grant);
  const longer = { ...claims, exp: (claims.exp ?? 0) + 3_600 };
  return [header, Buffer.from(JSON.stringify(longer)).toString("base64url"), signature].join(".");
}

async function signedByAnother(grant: string): Promise<string> {
  const { privateKey } = await generateKeyPair("ES256");
  const claims = new TextEncoder().encode(JSON.stringify(decodeJwt(grant)));
  return new CompactSign(claims).setProtectedHeader({ alg: "ES256" }).sign(privateKey);
}

/** As if another build had started with this grant. */
async function spend(request: string, grant: string): Promise<void> {
  const { jti = "" } = decodeJwt(grant);
  const build = `sluice-local-apply-sandbox:${crypto.randomUUID()}`;
  const spent = { environment: "sandbox", jti, request, job: "apply#1", build, at: flow.cloud.clock.now() };
  const Item = { ...spent, pk: `sandbox#grant#${jti}`, sk: "grant" };
  await table.send(new PutCommand({ TableName: tableName(), Item }));
  expect(await spendersOf(flow, request)).toEqual([build]);
}

async function itemSays(request: string, changeDigest: string): Promise<void> {
  await table.send(
    new UpdateCommand({
      TableName: tableName(),
      Key: { pk: `sandbox#job#apply#${request.replace("req_", "job_")}_apply_1`, sk: "job" },
      UpdateExpression: "SET #grant.#plan.#digest = :other",
      ExpressionAttributeNames: { "#grant": "grant", "#plan": "plan", "#digest": "changeDigest" },
      ExpressionAttributeValues: { ":other": changeDigest },
    }),
  );
}

const tableName = () => (flow.cloud.outputs().buildsTables as Record<string, string>).provisioner;

interface Slip {
  log: { step: string; attempt: number; output: object }[];
}

/** `apply.requested` in approvals' name, on a real slip. */
async function asksToApply(request: string, slip: Slip, grant: string | undefined): Promise<void> {
  const entry = { step: "approve", attempt: 1, output: { ...(grant && { grant }), decidedBy: ["person_carol"] } };
  await flow.put("sluice.approvals", "apply.requested.v1", {
    metadata: {
      id: newEventId(),
      correlationId: request,
      occurredAt: new Date(flow.cloud.clock.now()).toISOString(),
      actor: "service:approvals",
    },
    data: { request, step: "apply", attempt: 1, slip: { ...slip, log: [...slip.log, entry] } },
  });
}
