/** The member of `known` that `text` is, or undefined: how a text from a field or an address becomes an exact type. */
export function oneOf<K extends string>(known: readonly K[], text: string | null): K | undefined {
  return known.find((one) => one === text);
}

/** An id for one act, so that a repeated request is carried out once. */
export function newKey(): string {
  // Outside https and localhost the browser withholds randomUUID.
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
