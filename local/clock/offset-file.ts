import { readFileSync } from "node:fs";

/**
 * The offset in milliseconds; 0 when there is no file.
 *
 * @throws when the file holds anything but a number: a clock that silently shows real time would hide the mistake.
 */
export function readOffset(file: string): number {
  const text = textOf(file);
  const ms = Number(text);
  if (!Number.isFinite(ms)) throw new Error(`${file} should hold milliseconds, but holds ${JSON.stringify(text)}`);
  return ms;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return "0";
    throw cause;
  }
}
