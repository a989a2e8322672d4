// What somebody is typing, kept for this tab so that a reload or an expired session does not lose it.
const PREFIX = "skranke.draft.";

export type Values<K extends string> = Record<K, string>;

export function readDraft<K extends string>(key: string, initial: Values<K>): Values<K> {
  const values = { ...initial };
  const stored = parse(sessionStorage.getItem(PREFIX + key));
  for (const name in initial) {
    const text = stored[name];
    if (typeof text === "string") values[name] = text;
  }
  return values;
}

export function keepDraft(key: string, values: Values<string>): void {
  try {
    sessionStorage.setItem(PREFIX + key, JSON.stringify(values));
  } catch {
    // A full or forbidden store: the text is still on the screen.
  }
}

export function dropDraft(key: string): void {
  sessionStorage.removeItem(PREFIX + key);
}

/** After a log-out nobody else at this machine shall find them. */
export function dropAllDrafts(): void {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
  }
}

export function hasDraft(key: string): boolean {
  return sessionStorage.getItem(PREFIX + key) !== null;
}

function parse(text: string | null): Record<string, unknown> {
  if (!text) return {};
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === "object" && found !== null ? { ...found } : {};
  } catch {
    return {};
  }
}
