import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { memoryStore } from "../../packages/runner/test/memory-build.ts";

/** S3 as far as the owner's side of the jobs bucket asks it. */
export function bucketOf(jobs: ReturnType<typeof memoryStore>): S3Client {
  const send = async (command: unknown) => {
    if (command instanceof PutObjectCommand) return jobs.put(command.input.Key ?? "", String(command.input.Body));
    if (!(command instanceof GetObjectCommand)) throw new Error("S3 was asked for something else");
    const { Key = "", VersionId } = command.input;
    const bytes = jobs.objects.get(VersionId ? `${Key}@${VersionId}` : Key);
    if (!bytes) throw Object.assign(new Error("There is no such object"), { name: "NoSuchKey" });
    return { Body: { transformToString: async () => new TextDecoder().decode(bytes) } };
  };
  return { send } as unknown as S3Client;
}
