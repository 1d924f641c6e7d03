import {
  DecidedBy,
  EnvironmentName,
  type PlanOutput,
  RequestId,
  Sha256,
  StepName,
  WorkspaceName,
} from "@sluice/events";
import { compactVerify, errors, importSPKI } from "jose";
import * as z from "zod";
import { digestOf } from "./digest.ts";

/** What an approval says, and all that an apply may rely on. Signed as a compact JWS (RFC 7515), ES256. */
export const GrantClaims = z.strictObject({
  jti: Sha256.describe("Hash of request, gate step and gate attempt: two signatures of one gate are one grant"),
  request: RequestId,
  itinerary: Sha256,
  environment: EnvironmentName,
  workspace: WorkspaceName,
  gate: z.strictObject({ step: StepName, attempt: z.int().min(1) }),
  plan: z.strictObject({
    step: StepName,
    attempt: z.int().min(1),
    changeDigest: Sha256.describe("Everything that the apply may do"),
    pageSha256: Sha256.describe("The page that See plan showed"),
    summarySha256: Sha256.describe("What the message said and the rules judged by, RFC 8785"),
    epoch: z.int().min(0),
  }),
  decidedBy: DecidedBy,
  iat: z.int().describe("Seconds since 1970"),
  exp: z.int().describe("Seconds since 1970; from the last decision"),
});
export type GrantClaims = z.infer<typeof GrantClaims>;

/** Named so that a person on call can tell which of them it was. */
export type GrantRefusal =
  | "grant_malformed"
  | "grant_signature"
  | "grant_expired"
  | "grant_of_another_request"
  | "grant_of_another_itinerary"
  | "grant_of_another_plan"
  | "grant_of_another_epoch";

/**
 * Reads a grant that was signed by exactly this key. The key is never taken from the grant.
 *
 * @param publicKey PEM (SPKI) of the P-256 signing key
 */
export async function readGrant(jws: string, publicKey: string): Promise<GrantClaims | GrantRefusal> {
  try {
    const { payload } = await compactVerify(jws, await importSPKI(publicKey, "ES256"), { algorithms: ["ES256"] });
    const claims = GrantClaims.safeParse(JSON.parse(new TextDecoder().decode(payload)));
    return claims.success ? claims.data : "grant_malformed";
  } catch (cause) {
    if (cause instanceof errors.JWSSignatureVerificationFailed) return "grant_signature";
    if (cause instanceof errors.JOSEError || cause instanceof SyntaxError) return "grant_malformed";
    throw cause;
  }
}

/** What a grant must say of a plan: by a judge's own copy of what the plan put out. */
export function grantedPlan<S extends string>(
  { step, attempt }: Readonly<{ step: S; attempt: number }>,
  { changeDigest, page, summary, epoch }: PlanOutput,
) {
  return { step, attempt, changeDigest, pageSha256: page.sha256, summarySha256: digestOf(summary), epoch };
}

/** What the judge knows by itself, from its own item. */
export const GrantExpectation = GrantClaims.pick({
  request: true,
  itinerary: true,
  environment: true,
  workspace: true,
  plan: true,
});
export type GrantExpectation = Readonly<z.infer<typeof GrantExpectation>>;

/**
 * Whether a grant is for exactly this plan of exactly this request, now. Whether it was spent is not its matter: the start transaction says that.
 *
 * @param now milliseconds since 1970
 */
export function judgeGrant(claims: GrantClaims, expected: GrantExpectation, now: number): "ok" | GrantRefusal {
  if (claims.request !== expected.request) return "grant_of_another_request";
  if (
    claims.itinerary !== expected.itinerary ||
    claims.environment !== expected.environment ||
    claims.workspace !== expected.workspace
  )
    return "grant_of_another_itinerary";
  const { plan } = expected;
  if (
    claims.plan.step !== plan.step ||
    claims.plan.attempt !== plan.attempt ||
    claims.plan.changeDigest !== plan.changeDigest ||
    claims.plan.pageSha256 !== plan.pageSha256 ||
    claims.plan.summarySha256 !== plan.summarySha256
  )
    return "grant_of_another_plan";
  if (claims.plan.epoch !== plan.epoch) return "grant_of_another_epoch";
  if (now >= claims.exp * 1_000) return "grant_expired";
  return "ok";
}
