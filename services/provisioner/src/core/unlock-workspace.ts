import { type Directory, isOperator, type Principal, personOf } from "@sluice/directory";
import {
  type EventOf,
  NonRetriableError,
  UnlockRefused,
  type UnlockSubmitted,
  WorkspaceUnlocked,
} from "@sluice/events";
import { isQuiet, type TableKey, untilCommitted, type Workspace } from "@sluice/jobs";
import { causedBy, type Owed, owe } from "@sluice/steps";
import { handOver } from "./hand-over.ts";
import type { Ports, Wake } from "./ports.ts";
import { leave, unlock } from "./turns.ts";

/** A late click is a click on a world that has changed (docs/design.md, rule 9). */
const STALE_AFTER_MS = 15 * 60_000;

type Unlock = EventOf<typeof UnlockSubmitted>;
type Refusal = "unknown_person" | "not_an_operator" | "stale" | "reason_missing" | "not_blocked";

const sentences: Record<Refusal, string> = {
  unknown_person: "Nobody here knows you, so the workspace was not unlocked.",
  not_an_operator: "Only operators can unlock a workspace.",
  stale: "The button was pressed too long ago. Look again, and press it again if it is still right.",
  reason_missing: "Unlocking needs a reason.",
  not_blocked: "The workspace is not blocked by this request.",
};

/**
 * An operator says that a blocked workspace may be used again. Who, why and by which directory is kept for good, in the same transaction.
 *
 * @throws NonRetriableError `unknown_workspace`
 */
export async function unlockWorkspace(ports: Ports, event: Unlock): Promise<void> {
  const reading = await ports.directory();
  const by = reading && personOf(reading.directory, event.data.who);
  const done = await untilCommitted(() => unlockOnce(ports, event, reading?.directory, by, reading?.version));
  await ports.wake(done.wakes ?? []);
  await ports.publish(done.owed);
}

async function unlockOnce(
  { store, now }: Ports,
  event: Unlock,
  directory: Directory | undefined,
  by: Principal | undefined,
  directoryVersion: string | undefined,
): Promise<"lost" | Readonly<{ owed: readonly Owed[]; wakes?: readonly Wake[] }>> {
  const { request, environment, workspace: name, reason } = event.data;
  const before = await store.workspace(environment, name);
  if (!before) throw new NonRetriableError("unknown_workspace", `There is no workspace ${name} in ${environment}`);
  const made = await store.beside(recordKey(event));
  if (made) return { owed: [unlocked(event, made.by as Principal["id"], made.epoch as number)] };

  const refusal = judgeUnlock(event, before, directory, by, now());
  if (refusal) return { owed: [refused(event, refusal)] };
  if (!by) return { owed: [] };

  const holder = before.holder && (await store.request(environment, before.holder.request));
  const free = unlock(before);
  const after = holder?.closed && isQuiet(holder) ? leave(free, holder.request) : free;
  const { changes, wakes } = await handOver(store, { before, after }, now());
  const commit = await store.commit([
    ...changes,
    ...(holder ? [{ is: "request", before: holder, after: holder } as const] : []), // A closing in between must be seen.
    {
      is: "beside",
      key: recordKey(event),
      value: { request, by: by.id, reason, epoch: after.epoch, directoryVersion, at: now() },
    },
  ]);
  return commit === "lost" ? "lost" : { owed: [unlocked(event, by.id, after.epoch)], wakes };
}

function judgeUnlock(
  { data }: Unlock,
  { blocked }: Workspace,
  directory: Directory | undefined,
  by: Principal | undefined,
  now: number,
): Refusal | undefined {
  if (!directory || !by) return "unknown_person";
  if (!isOperator(directory, by.id)) return "not_an_operator";
  if (now - Date.parse(data.signedAt) > STALE_AFTER_MS) return "stale";
  if (!data.reason.trim()) return "reason_missing";
  return blocked?.request === data.request ? undefined : "not_blocked";
}

function unlocked({ data, metadata }: Unlock, by: Principal["id"], epoch: number): Owed {
  const { request, environment, workspace, reason } = data;
  const cause = { ...causedBy(metadata, "provisioner"), actor: by };
  return owe(WorkspaceUnlocked, request, { request, environment, workspace, by, reason, epoch }, cause);
}

function refused({ data, metadata }: Unlock, code: Refusal): Owed {
  const { request, environment, workspace, who } = data;
  const said = { request, environment, workspace, code, sentence: sentences[code], who };
  return owe(UnlockRefused, request, said, causedBy(metadata, "provisioner"));
}

function recordKey({ data, metadata }: Unlock): TableKey {
  return { pk: `${data.environment}#workspace#${data.workspace}`, sk: `unlock#${metadata.id}` };
}
