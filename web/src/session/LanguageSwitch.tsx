import { type Lang, speak } from "../text/lang";
import { useText } from "../text/useText";

const LANGS: readonly (readonly [Lang, string])[] = [
  ["da", "Dansk"],
  ["en", "English"],
];

export function LanguageSwitch() {
  const { t, lang } = useText();
  return (
    <div role="group" aria-label={t.app.language} className="language">
      {LANGS.map(([key, name]) => (
        <button key={key} type="button" lang={key} aria-pressed={key === lang} className="bar-button" onClick={() => speak(key)}>
          {name}
        </button>
      ))}
    </div>
  );
}
