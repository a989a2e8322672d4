import type { EventLineFragment } from "../../gql/graphql";
import { useText } from "../../text/useText";
import { Alert } from "../../ui/Alert";
import { ActorLabel } from "../StaffLabel";

interface Props {
  /** Somebody else was faster, and the case has not been loaded again since. */
  open: boolean;
  /** What they did, once it is loaded. */
  news: readonly EventLineFragment[];
  onReload: () => void;
}

export function ConflictNotice({ open, news, onReload }: Props) {
  const { t, format } = useText();
  if (open) {
    return (
      <Alert kind="warning" heading={t.acts.conflict} urgent>
        <p>{t.acts.conflictText}</p>
        <button type="button" className="button button-secondary" onClick={onReload}>
          {t.acts.reload}
        </button>
      </Alert>
    );
  }
  if (news.length === 0) return null;
  return (
    <Alert kind="info" heading={t.acts.reloaded} urgent>
      <p>{t.acts.conflictNews}</p>
      <ul>
        {news.map((event) => (
          <li key={event.id}>
            {event.title} · <ActorLabel actor={event.actor} /> · {format.time(event.at)}
          </li>
        ))}
      </ul>
    </Alert>
  );
}
