import { Readable } from "node:stream";
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { BuildId, Sha256 } from "@sluice/events";
import { describe, expect, test } from "vitest";
import { JobRef, jobObjects, resultKey } from "../src/index.ts";

const of = {
  ...JobRef.parse({ environment: "staging", kind: "plan", job: "job_7k3m9qx2_plan_1" }),
  kind: "plan",
} as const;
const build = BuildId.parse(`sluice-test-plan-staging:${"1".padStart(36, "0")}`);
const named = { key: resultKey(of, build, "result.json"), versionId: "v", sha256: Sha256.parse("0".repeat(64)) };

/** The owner's side of a bucket, of which S3 answers so. */
function bucket(answer: () => unknown) {
  const send = async (command: unknown) => {
    if (!(command instanceof GetObjectCommand)) throw new Error("S3 was asked for something else");
    return answer();
  };
  return jobObjects({ send } as unknown as S3Client, "jobs");
}
const failing = (name: string) => () => {
  throw Object.assign(new Error("S3 says no"), { name });
};

describe("whatever a build has put, or says that it has", () => {
  test.each([
    "NoSuchKey",
    "NoSuchVersion",
    "AccessDenied",
    "InvalidArgument", // What is no version's name: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
  ])("a result of which S3 says %s is unreadable", async (name) => {
    expect(await bucket(failing(name)).result(of, { build, result: named })).toBe("unreadable");
    expect(await bucket(failing(name)).refusal(of)).toBeUndefined();
  });

  test("a result that S3 cannot be asked for now is asked for again later", async () => {
    await expect(bucket(failing("SlowDown")).result(of, { build, result: named })).rejects.toThrow("S3 says no");
  });

  test("what is larger than any result is not read: it would fill a function's memory at each try", async () => {
    const bodies: Readable[] = [];
    const large = bucket(() => {
      const Body = new Readable({ read: () => undefined });
      const transformToString = async () => {
        throw new Error("it was read");
      };
      bodies.push(Body);
      return { Body: Object.assign(Body, { transformToString }), ContentLength: 5_000_000_000 };
    });

    expect(await large.result(of, { build, result: named })).toBe("unreadable");
    expect(await large.refusal(of)).toBeUndefined();
    expect(bodies.map(({ destroyed }) => destroyed)).toEqual([true, true]);
  });
});
