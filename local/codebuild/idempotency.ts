/** CodeBuild remembers an idempotency token for five minutes. */
const REMEMBERED_MS = 5 * 60_000;

/** What the token of an earlier call means for this one. */
export class IdempotencyTokens<T> {
  readonly #seen = new Map<string, { until: number; request: string; result: T }>();

  /** What was made for the same token and request, `mismatch` for the same token with another request, or nothing. */
  find(token: string | undefined, request: unknown, now: number): T | "mismatch" | undefined {
    const seen = token === undefined ? undefined : this.#seen.get(token);
    if (!seen || seen.until <= now) return undefined;
    return seen.request === JSON.stringify(request) ? seen.result : "mismatch";
  }

  remember(token: string | undefined, request: unknown, result: T, now: number): void {
    if (token !== undefined)
      this.#seen.set(token, { until: now + REMEMBERED_MS, request: JSON.stringify(request), result });
  }
}
