import type { Texts } from "./da";

/** The name of a kind of event; one that this version does not know keeps its own. */
export function eventName(t: Texts, type: string): string {
  const names: Record<string, string> = t.eventTypes;
  return names[type] ?? type;
}
