import { CreateKeyCommand, KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { CreateBucketCommand, PutBucketVersioningCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { BuildId } from "@sluice/events";
import { digestKeyKey, inputKey, JobRef, jobObjects, PlanInput, refusedKey, resultKey } from "@sluice/jobs";
import { readGrant, sha256Of } from "@sluice/steps";
import { afterAll, beforeAll, expect, test } from "vitest";
import { emulatedTable } from "../../../../test/emulated-table.ts";
import { grantKey } from "../../src/adapters/grant-key.ts";
import { grantFor, itineraryOf, planOutput } from "../factories.ts";

const BUCKET = "jobs";
let emulated: Awaited<ReturnType<typeof emulatedTable>>;
let s3: S3Client;
let kms: KMSClient;
beforeAll(async () => {
  emulated = await emulatedTable();
  s3 = new S3Client({ ...emulated.config, forcePathStyle: true });
  kms = new KMSClient(emulated.config);
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await s3.send(new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: "Enabled" } }));
});
afterAll(async () => {
  s3.destroy();
  kms.destroy();
  await emulated.stop();
});

async function put(Key: string, value: unknown) {
  const Body = typeof value === "string" ? value : JSON.stringify(value);
  const { VersionId = "" } = await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
  return { key: Key, versionId: VersionId, sha256: sha256Of(Body) };
}
const failed = (sentence: string) => ({
  outcome: "failed",
  code: "terraform_failed",
  sentence,
  repeatable: true,
  seconds: 1,
  clean: true,
});

const of = JobRef.parse({ environment: "staging", kind: "plan", job: "job_7k3m9qx2_plan_1" });
const other = JobRef.parse({ ...of, job: "job_7k3m9qx2_plan_2" });
const build = BuildId.parse(`sluice-test-plan-staging:${"1".padStart(36, "0")}`);
const twin = BuildId.parse(`sluice-test-plan-staging:${"2".padStart(36, "0")}`);
const OWN = resultKey(of, build, "result.json");

test("a result is the version that was reported, also when something was put over it", async () => {
  const result = await put(OWN, failed("first"));
  await put(OWN, failed("second"));

  expect(await jobObjects(s3, BUCKET).result({ ...of, kind: "plan" }, { build, result })).toEqual(failed("first"));
});

test.each<[string, (ref: Awaited<ReturnType<typeof put>>) => object, unknown]>([
  ["does not hash to what was reported", (ref) => ({ ...ref, sha256: "f".repeat(64) }), failed("x")],
  [
    "is of a version that is not there",
    (ref) => ({ ...ref, versionId: "00000000-0000-0000-0000-000000000000" }),
    failed("x"),
  ],
  ["is no result", (ref) => ref, { outcome: "splendid" }],
  ["is no JSON", (ref) => ref, "{"],
])("a result that %s is unreadable", async (_, change, value) => {
  const result = change(await put(OWN, value)) as never;

  expect(await jobObjects(s3, BUCKET).result({ ...of, kind: "plan" }, { build, result })).toBe("unreadable");
});

const named = (files: Readonly<{ page?: string; digestKey?: string }> = {}) => ({
  outcome: "completed",
  seconds: 1,
  output: {
    ...planOutput(),
    page: { ...planOutput().page, key: files.page ?? resultKey(of, build, "page.json") },
    digestKey: { ...planOutput().digestKey, key: files.digestKey ?? digestKeyKey(of, build) },
  },
});

test("a result that lies in its own folder and names its own objects is read", async () => {
  const result = await put(OWN, named());

  expect(await jobObjects(s3, BUCKET).result({ ...of, kind: "plan" }, { build, result })).toEqual(named());
});

test.each<[string, string, object]>([
  ["in another job's folder", resultKey(other, build, "result.json"), named()],
  ["in another build's folder", resultKey(of, twin, "result.json"), named()],
  [
    "in another environment's folder",
    resultKey({ ...of, environment: "sandbox" as never }, build, "result.json"),
    named(),
  ],
  ["of another kind", resultKey({ ...of, kind: "apply" }, build, "result.json"), named()],
  ["that names another job's page", OWN, named({ page: resultKey(other, build, "page.json") })],
  ["that names another build's page", OWN, named({ page: resultKey(of, twin, "page.json") })],
  ["that names another job's key", OWN, named({ digestKey: digestKeyKey(other, build) })],
  ["that names a page outside any folder", OWN, named({ page: "page.json" })],
])("a result %s is unreadable, however genuine it is", async (_, key, value) => {
  const result = await put(key, value);

  expect(await jobObjects(s3, BUCKET).result({ ...of, kind: "plan" }, { build, result })).toBe("unreadable");
});

test("a refusal of the buildspec's shell is read, and none is none", async () => {
  const objects = jobObjects(s3, BUCKET);

  expect(await objects.refusal(of)).toBeUndefined();
  await put(refusedKey(of), { reason: "release_changed" });

  expect(await objects.refusal(of)).toEqual({ reason: "release_changed" });
});

test("an input that is put twice is the same input", async () => {
  const { request, environment, workspace, code, subject } = itineraryOf();
  const input = PlanInput.parse({
    ...{ kind: "plan", job: "job_7k3m9qx2_plan_1", request, step: "plan", attempt: 1, environment, workspace },
    ...{ itinerary: "a".repeat(64), release: code, subject },
    ...{ root: "probe", variables: { name: "smoke" }, epoch: 0, searchOrphans: false },
  });

  for (let times = 0; times < 2; times += 1) await jobObjects(s3, BUCKET).putInput(input);

  expect(inputKey(input)).toBe("inputs/staging/plan/job_7k3m9qx2_plan_1.json");
});

test("the key's public half judges what the key signed, and nothing else", async () => {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" }));
  const KeyId = KeyMetadata?.Arn ?? "";
  const foreign = await grantFor(itineraryOf(), planOutput());
  const [header, payload] = foreign.split(".");
  const { Signature = new Uint8Array() } = await kms.send(
    new SignCommand({
      KeyId,
      Message: new TextEncoder().encode(`${header}.${payload}`),
      MessageType: "RAW",
      SigningAlgorithm: "ECDSA_SHA_256",
    }),
  );
  const own = `${header}.${payload}.${rawSignature(Signature)}`;

  const pem = await grantKey(kms, KeyId)();

  expect(await readGrant(own, pem)).toMatchObject({ request: "req_7k3m9qx2" });
  expect(await readGrant(foreign, pem)).toBe("grant_signature");
});

/** KMS answers in DER; a JWS holds the two numbers, 32 bytes each (RFC 7518, section 3.4). */
function rawSignature(der: Uint8Array): string {
  const numberAt = (at: number): [Buffer, number] => {
    const length = der[at + 1] ?? 0;
    const bytes = Buffer.from(der.slice(at + 2, at + 2 + length));
    return [Buffer.concat([Buffer.alloc(32), bytes]).subarray(-32), at + 2 + length];
  };
  const [r, next] = numberAt(2);
  const [s] = numberAt(next);
  return Buffer.concat([r, s]).toString("base64url");
}
