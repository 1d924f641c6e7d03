/** Where a form of a secret stands in a text, and of which secret it is: nothing where it is of several. */
export type Found = Readonly<{ from: number; to: number; secret: string | undefined }>;

/** No form is shorter: by chance it would stand in texts that have nothing to do with the secret. */
export const MIN_LENGTH = 6;

/** How many characters are looked up at once, and how far apart: each form begins with `APART` places at which one look-up would find it. */
const SEEN = 4;
const APART = MIN_LENGTH - SEEN + 1;
const BITS = 18;

/** Looks for many texts at once: most places are passed over after one look into a table. */
export type FormIndex = Readonly<{
  /** Every place where one of them stands; they may overlap. */
  all(text: string): Generator<Found>;
  /** Whether one of them, but for those of one secret alone, stands in a text. */
  some(text: string, butOf?: string): boolean;
}>;

/** @param forms each of at least `MIN_LENGTH`, with the secret that it is of */
export function formIndex(forms: ReadonlyMap<string, string | undefined>): FormIndex {
  const seen = new Uint8Array(1 << BITS);
  const byBegin = new Map<string, string[]>();
  for (const form of forms.keys()) {
    for (let at = 0; at < APART; at += 1) seen[hashAt(form, at)] = 1;
    const same = byBegin.get(form.slice(0, SEEN));
    if (same) same.push(form);
    else byBegin.set(form.slice(0, SEEN), [form]);
  }

  /** The next place from here on at which a look-up finds something. */
  const nextSeen = (text: string, from: number) => {
    let at = from;
    while (at <= text.length - SEEN && seen[hashAt(text, at)] === 0) at += APART;
    return at;
  };
  function* all(text: string): Generator<Found> {
    if (forms.size === 0) return;
    for (let at = nextSeen(text, APART - 1); at <= text.length - SEEN; at = nextSeen(text, at + APART))
      for (let from = at - APART + 1; from <= at; from += 1)
        for (const form of byBegin.get(text.slice(from, from + SEEN)) ?? [])
          if (text.startsWith(form, from)) yield { from, to: from + form.length, secret: forms.get(form) };
  }
  return {
    all,
    some(text, butOf) {
      for (const { secret } of all(text)) if (secret === undefined || secret !== butOf) return true;
      return false;
    },
  };
}

function hashAt(text: string, at: number): number {
  let hash = 0;
  for (let index = at; index < at + SEEN; index += 1) hash = Math.imul(hash, 31) + text.charCodeAt(index);
  return Math.imul(hash, 0x9e_37_79_b1) >>> (32 - BITS);
}
