// The address is the state of the screen: which page, which filter, which tab.
import { useSyncExternalStore } from "react";

const watchers = new Set<() => void>();

function tell(): void {
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  window.addEventListener("popstate", watcher);
  return () => {
    watchers.delete(watcher);
    window.removeEventListener("popstate", watcher);
  };
}

export function navigate(to: string, how: "push" | "replace" = "push"): void {
  const samePage = to.split("?")[0] === location.pathname;
  if (how === "replace") history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  if (!samePage) window.scrollTo(0, 0);
  tell();
}

export function usePath(): string {
  return useSyncExternalStore(watch, () => location.pathname);
}

export function useSearch(): URLSearchParams {
  return new URLSearchParams(useSyncExternalStore(watch, () => location.search));
}

/** The address of this page with some parameters changed; an empty value takes one away. */
export function withSearch(search: URLSearchParams, changes: Record<string, string>, path = location.pathname): string {
  const next = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  const text = next.toString();
  return text ? `${path}?${text}` : path;
}

/** Matches `/sager/sag/:id`; the answer is what stood in the place of the names. */
export function match(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const found = path.replace(/\/+$/, "").split("/");
  if (wanted.length !== found.length) return undefined;
  const names: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const actual = found[at] ?? "";
    if (part.startsWith(":")) names[part.slice(1)] = decode(actual);
    else if (part !== actual) return undefined;
  }
  return names;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
