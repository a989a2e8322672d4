// One polite live region for the whole application: what has just happened, in a sentence.
import { useSyncExternalStore } from "react";

let said = "";
const watchers = new Set<() => void>();

export function announce(sentence: string): void {
  // The same sentence twice is news twice: a change in the white space makes it so.
  said = said === sentence ? `${sentence}\u00a0` : sentence;
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function Announcer() {
  const sentence = useSyncExternalStore(watch, () => said);
  return (
    <p className="sr-only" role="status" data-testid="announcer">
      {sentence}
    </p>
  );
}
