import { useSyncExternalStore } from "react";
import { type Texts, da } from "./da";
import { en } from "./en";
import { type Formats, formats } from "./format";
import { type Lang, currentLang, watchLang } from "./lang";

const tables: Record<Lang, Texts> = { da, en };

/** The words of the chosen language, and its way of writing dates. */
export function useText(): { t: Texts; lang: Lang; format: Formats } {
  const lang = useSyncExternalStore(watchLang, currentLang);
  return { t: tables[lang], lang, format: formats[lang] };
}
