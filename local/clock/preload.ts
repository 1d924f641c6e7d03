/**
 * `node --import …/preload.ts`: shifts `Date` of a Node process by the offset in the file that `LOCAL_CLOCK_FILE` names.
 * The file is read when the time is asked for, at most every 20 ms, so an idle process does nothing for it.
 */
import { readOffset } from "./offset-file.ts";
import { shiftDate } from "./shift-date.ts";

const READ_AGAIN_AFTER_MS = 20;

const file = process.env.LOCAL_CLOCK_FILE;
if (!file) throw new Error("LOCAL_CLOCK_FILE names no file: whose time should this process show?");

let offsetMs = readOffset(file);
let readAt = performance.now();

shiftDate(() => {
  if (performance.now() - readAt >= READ_AGAIN_AFTER_MS) {
    offsetMs = readOffset(file);
    readAt = performance.now();
  }
  return offsetMs;
});
