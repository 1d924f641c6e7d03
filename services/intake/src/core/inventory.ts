import type { EnvironmentName, PrincipalId, RequestId, WorkspaceName } from "@sluice/events";
import type { Instant } from "./record.ts";

/** What an apply left in a workspace: `/sluice list` shows it until a removal has been applied there. */
export type Entry = Readonly<{
  environment: EnvironmentName;
  workspace: WorkspaceName;
  blueprint: string;
  subject: string;
  /** Whose request made it. */
  owner: PrincipalId;
  /** When that was applied. */
  since: Instant;
  /** The request that changed it last. */
  request: RequestId;
}>;

/** One apply's word on its workspace. Of two the one with the higher epoch stays, whatever the order. */
export type InventoryChange = Readonly<{ entry: Entry; epoch: number; removed: boolean }>;
