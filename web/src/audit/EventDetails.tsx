import { ActorLabel } from "../cases/StaffLabel";
import { useText } from "../text/useText";
import { Fact, Facts } from "../ui/Facts";
import { Personal } from "../ui/Personal";
import type { AuditEvent } from "./AuditCasePage";
import { FieldTable } from "./FieldTable";

/** One event: who, in which role, why, and what was recorded. */
export function EventDetails({ event }: { event: AuditEvent }) {
  const { t, format } = useText();
  return (
    <section aria-labelledby="event" className="section">
      <h2 id="event">{event.title}</h2>
      <Facts>
        <Fact label={t.access.columns.at}>
          <time dateTime={event.at}>{format.exact(event.at)}</time>
        </Fact>
        <Fact label={t.audit.who}>
          <ActorLabel actor={event.actor} /> ({t.actors[event.actor.kind]})
        </Fact>
        <Fact label={t.audit.roles}>{event.roles.map((role) => t.roles[role]).join(", ") || t.app.none}</Fact>
        <Fact label={t.audit.purpose}>{event.purpose ? t.purposes[event.purpose] : t.app.none}</Fact>
        <Fact label={t.audit.reason}>
          <Personal value={event.reason} />
        </Fact>
        <Fact label={t.audit.type}>
          <code>{event.type}</code>
        </Fact>
        <Fact label={t.audit.correlation}>
          <code>{event.correlationId}</code>
        </Fact>
      </Facts>
      {event.fields.length > 0 && <FieldTable caption={t.audit.recorded} fields={event.fields} />}
    </section>
  );
}
