import { randomBytes } from "node:crypto";

/** The X-Ray header of an invocation: the caller's, or the root of a new trace that nobody samples. */
export function traceHeader(given?: string): string {
  if (given?.includes("Root=")) return given;
  const seconds = Math.floor(Date.now() / 1_000).toString(16);
  const [root, parent] = [randomBytes(12), randomBytes(8)].map((bytes) => bytes.toString("hex"));
  return `Root=1-${seconds}-${root};Parent=${parent};Sampled=0`;
}
