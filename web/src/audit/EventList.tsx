import { useEffect, useRef } from "react";
import { ActorLabel } from "../cases/StaffLabel";
import { Link } from "../router/Link";
import { useSearch, withSearch } from "../router/router";
import { useText } from "../text/useText";
import type { AuditEvent } from "./AuditCasePage";

/** Every event, oldest first, each a link to the moment after it. */
export function EventList({ events, current }: { events: readonly AuditEvent[]; current: number }) {
  const { t, format } = useText();
  const search = useSearch();
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    if (list.current) showCurrent(list.current);
  }, [current]);
  return (
    <nav className="beside-side" aria-labelledby="events">
      <h2 id="events">{t.audit.timeline}</h2>
      <ol className="event-list" ref={list}>
        {events.map((event) => (
          <li key={event.id}>
            <Link to={withSearch(search, { ved: String(event.revision) })} aria-current={event.revision === current ? "step" : undefined}>
              {event.title}
            </Link>
            <span className="quiet">
              <time dateTime={event.at}>{format.exact(event.at)}</time> · <ActorLabel actor={event.actor} />
            </span>
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** Scrolls the list, and nothing around it: on a phone the page would leave the slider that was just moved. */
function showCurrent(list: HTMLElement): void {
  const item = list.querySelector("[aria-current=step]")?.closest("li");
  if (!item) return;
  const frame = list.getBoundingClientRect();
  const box = item.getBoundingClientRect();
  if (box.top < frame.top) list.scrollTop -= frame.top - box.top;
  else if (box.bottom > frame.bottom) list.scrollTop += box.bottom - frame.bottom;
}
