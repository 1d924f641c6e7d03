import { PrincipalId, Sha256 } from "@sluice/events";
import { CompactSign, type CryptoKey, exportSPKI, generateKeyPair, UnsecuredJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { type GrantClaims, GrantExpectation, itineraryDigest, judgeGrant, readGrant } from "../src/index.ts";
import { APPROVE, itinerary, PLAN, REQUEST } from "./factories.ts";

const NOON = Date.UTC(2026, 10, 23, 12) / 1_000;
const hash = (character: string) => Sha256.parse(character.repeat(64));
const { environment, workspace } = itinerary();
const claims: GrantClaims = {
  jti: hash("0"),
  request: REQUEST,
  itinerary: itineraryDigest(itinerary()),
  environment,
  workspace,
  gate: { step: APPROVE, attempt: 1 },
  plan: {
    step: PLAN,
    attempt: 1,
    changeDigest: hash("9"),
    pageSha256: hash("b"),
    summarySha256: hash("a"),
    epoch: 4,
  },
  decidedBy: [PrincipalId.parse("person_carol")],
  iat: NOON,
  exp: NOON + 3_600,
};
const { request, itinerary: digest, plan: granted } = claims;
const expected = GrantExpectation.parse({ request, itinerary: digest, environment, workspace, plan: granted });

let keys: { ours: CryptoKey; pem: string; theirs: CryptoKey };
beforeAll(async () => {
  const ours = await generateKeyPair("ES256");
  const theirs = await generateKeyPair("ES256");
  keys = { ours: ours.privateKey, pem: await exportSPKI(ours.publicKey), theirs: theirs.privateKey };
});
const sign = (payload: object, key = keys.ours) =>
  new CompactSign(new TextEncoder().encode(JSON.stringify(payload))).setProtectedHeader({ alg: "ES256" }).sign(key);
const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("reading a grant", () => {
  it("gives the claims that our key signed", async () => {
    expect(await readGrant(await sign(claims), keys.pem)).toEqual(claims);
  });

  it("refuses the signature of another key, even when the grant brings that key along", async () => {
    expect(await readGrant(await sign(claims, keys.theirs), keys.pem)).toBe("grant_signature");
  });

  it("refuses a payload that was altered after signing", async () => {
    const [header, , signature] = (await sign(claims)).split(".");

    const altered = `${header}.${base64url({ ...claims, environment: "production" })}.${signature}`;

    expect(await readGrant(altered, keys.pem)).toBe("grant_signature");
  });

  it("refuses a grant without a signature, and a symmetric one", async () => {
    const [, payload, signature] = (await sign(claims)).split(".");

    expect(await readGrant(new UnsecuredJWT({ ...claims }).encode(), keys.pem)).toBe("grant_malformed");
    expect(await readGrant(`${base64url({ alg: "none" })}.${payload}.${signature}`, keys.pem)).toBe("grant_malformed");
    expect(await readGrant(`${base64url({ alg: "HS256" })}.${payload}.${signature}`, keys.pem)).toBe("grant_malformed");
  });

  it.each(["", "a.b", "a.b.c", "not a grant"])("refuses %j as malformed", async (text) => {
    expect(await readGrant(text, keys.pem)).toBe("grant_malformed");
  });

  it("refuses claims that it does not know, and missing ones", async () => {
    expect(await readGrant(await sign({ ...claims, admin: true }), keys.pem)).toBe("grant_malformed");
    expect(await readGrant(await sign({ ...claims, plan: undefined }), keys.pem)).toBe("grant_malformed");
  });
});

describe("judging a grant", () => {
  it("is ok for exactly what it was given for, until its last second", () => {
    expect(judgeGrant(claims, expected, claims.exp * 1_000 - 1)).toBe("ok");
    expect(judgeGrant(claims, expected, claims.exp * 1_000)).toBe("grant_expired");
  });

  const plan = claims.plan;
  it.each([
    ["another request", { request: "req_00000000" }, "grant_of_another_request"],
    ["another itinerary", { itinerary: hash("f") }, "grant_of_another_itinerary"],
    ["another environment", { environment: "production" }, "grant_of_another_itinerary"],
    ["another workspace", { workspace: "probe-other" }, "grant_of_another_itinerary"],
    ["a plan of another step", { plan: { ...plan, step: "plan-2" } }, "grant_of_another_plan"],
    ["another attempt of the plan", { plan: { ...plan, attempt: 2 } }, "grant_of_another_plan"],
    ["another change", { plan: { ...plan, changeDigest: hash("f") } }, "grant_of_another_plan"],
    ["another summary than was judged by", { plan: { ...plan, summarySha256: hash("f") } }, "grant_of_another_plan"],
    ["another page than was shown", { plan: { ...plan, pageSha256: hash("f") } }, "grant_of_another_plan"],
    ["a workspace that was applied to since", { plan: { ...plan, epoch: 5 } }, "grant_of_another_epoch"],
  ] as const)("refuses it for %s", (_case, change, refusal) => {
    expect(judgeGrant(claims, GrantExpectation.parse({ ...expected, ...change }), NOON * 1_000)).toBe(refusal);
  });
});
