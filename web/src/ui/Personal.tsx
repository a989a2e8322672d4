import type { PersonalValueFragment } from "../gql/graphql";
import { useText } from "../text/useText";

/** A personal text, or the badge that says it was erased for good. */
export function Personal({ value }: { value: PersonalValueFragment | null }) {
  const { t } = useText();
  if (!value) return t.app.none;
  if (value.__typename === "PersonalText") return value.text;
  return (
    <span className="badge badge-small" title={t.app.erasedHint}>
      {t.app.erased}
    </span>
  );
}

/** The same where only plain text can stand, such as a page title. */
export function personalText(value: PersonalValueFragment | null, erased: string): string {
  if (!value) return "";
  return value.__typename === "PersonalText" ? value.text : erased;
}
