import { JobFailure } from "../job-failure.ts";
import type { Control } from "./control.ts";

/** Asked over the job's SSH, which comes with configurations. Until then an installation with hosts cannot ask, and does not claim that it did. */
const ask: Control["ask"] = () =>
  Promise.reject(new JobFailure("could_not_run", "This version cannot ask hosts yet.", { repeatable: true }));

export const hostControls: readonly Control[] = [
  { id: "ssh-refuses-passwords", title: "SSH refuses passwords", onHosts: true, ask },
  { id: "ssh-refuses-root", title: "SSH refuses root", onHosts: true, ask },
  { id: "role-finds-nothing", title: "The role in check mode finds nothing to change", onHosts: true, ask },
];
