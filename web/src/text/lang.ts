// Which language the screens speak. Danish unless somebody chose otherwise.
export type Lang = "da" | "en";

const KEY = "skranke.lang";
const watchers = new Set<() => void>();
let lang: Lang = stored();

function stored(): Lang {
  try {
    return localStorage.getItem(KEY) === "en" ? "en" : "da";
  } catch {
    return "da";
  }
}

export function currentLang(): Lang {
  return lang;
}

export function speak(next: Lang): void {
  lang = next;
  document.documentElement.lang = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // A browser that keeps nothing still changes the language of this page.
  }
  for (const watcher of watchers) watcher();
}

export function watchLang(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}
