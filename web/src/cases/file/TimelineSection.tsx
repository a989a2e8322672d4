import type { EventLineFragment } from "../../gql/graphql";
import { useText } from "../../text/useText";
import { Personal } from "../../ui/Personal";
import { ActorLabel } from "../StaffLabel";

/** Every event of the case, newest first. */
export function TimelineSection({ events }: { events: readonly EventLineFragment[] }) {
  const { t, format } = useText();
  return (
    <ol className="entries" reversed>
      {events.toReversed().map((event) => (
        <li key={event.id}>
          <p className="entry-head">
            <strong>{event.title}</strong>
            <span className="quiet">
              {" "}
              · <time dateTime={event.at}>{format.time(event.at)}</time> · <ActorLabel actor={event.actor} />
            </span>
          </p>
          {event.reason && (
            <p className="prose">
              {t.audit.reason}: <Personal value={event.reason} />
            </p>
          )}
        </li>
      ))}
    </ol>
  );
}
