/** Faults with a limited number of hits, in the order they came. */
export class FaultList<F extends { readonly times?: number }> {
  readonly #left = new Map<F, number>();

  /** Puts a fault in force, and hands back what ends it. */
  add(fault: F): () => void {
    this.#left.set(fault, fault.times ?? Number.POSITIVE_INFINITY);
    return () => void this.#left.delete(fault);
  }

  clear(): void {
    this.#left.clear();
  }

  /** The first fault that is meant, which this uses once. */
  take(isMeant: (fault: F) => boolean): F | undefined {
    for (const [fault, left] of this.#left) {
      if (!isMeant(fault)) continue;
      if (left <= 1) this.#left.delete(fault);
      else this.#left.set(fault, left - 1);
      return fault;
    }
    return undefined;
  }

  has(isMeant: (fault: F) => boolean): boolean {
    return [...this.#left.keys()].some(isMeant);
  }
}
