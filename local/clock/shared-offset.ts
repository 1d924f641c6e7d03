/** An offset in milliseconds that threads share: writing it moves the time of all of them at once. */
export type SharedOffset = SharedArrayBuffer;

export const sharedOffset = (): SharedOffset => new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);

export function setOffset(shared: SharedOffset, ms: number): void {
  new Float64Array(shared)[0] = ms;
}

/** A function that looks at the shared offset; cheap enough for every `Date.now()`. */
export function offsetReader(shared: SharedOffset): () => number {
  const view = new Float64Array(shared);
  return () => view[0] ?? 0;
}
