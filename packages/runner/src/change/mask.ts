import type { Exact } from "../json/exact-json.ts";

/** Why a page hides a value: Terraform marks it, or it equals or holds one that Terraform marks elsewhere. */
export type Hidden = "marked" | "equal";

/** What must not be shown of a plan. */
export type Mask = Readonly<{
  /** Whether a leaf is hidden, and why. */
  hides(value: Exact, isMarked: boolean): Hidden | undefined;
  /** Whether a name, such as a key of a map, holds a secret. */
  hidesName(name: string): boolean;
  /** A text for people with every secret in it replaced. */
  text(words: string): string;
}>;
