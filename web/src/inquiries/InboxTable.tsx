import type { InboxRowFragment } from "../gql/graphql";
import { Link } from "../router/Link";
import type { Texts } from "../text/da";
import { useText } from "../text/useText";

export function InboxTable({ rows }: { rows: readonly InboxRowFragment[] }) {
  const { t, format } = useText();
  const columns = t.inbox.columns;
  return (
    <div className="table-scroll">
      <table className="table table--compact table--borderless table-lg-responsive-headers">
        <caption className="sr-only">{t.inbox.list}</caption>
        <thead>
          <tr>
            {Object.values(columns).map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td data-title={columns.received}>
                <time dateTime={row.receivedAt}>{format.time(row.receivedAt)}</time>
              </td>
              <th scope="row" data-title={columns.reference} className="no-wrap">
                <Link to={`/sager/henvendelse/${encodeURIComponent(row.id)}`}>{row.reference}</Link>
              </th>
              <td data-title={columns.kind}>{t.kinds[row.kind]}</td>
              <td data-title={columns.topic}>{row.topic?.title ?? t.inbox.noTopic}</td>
              <td data-title={columns.channel}>{t.channels[row.channel]}</td>
              <td data-title={columns.call}>{callTime(row.callWhen, t)}</td>
              <td data-title={columns.state}>
                <InquiryStanding open={row.open} caseId={row.caseId} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** When a call suits; the house knows three answers, and shows any other as it is. */
export function callTime(when: string | null, t: Texts): string {
  switch (when) {
    case null:
      return t.app.none;
    case "any":
    case "morning":
    case "afternoon":
      return t.callTimes[when];
    default:
      return when;
  }
}

export function InquiryStanding({ open, caseId }: { open: boolean; caseId: string | null }) {
  const { t } = useText();
  if (caseId) return <Link to={`/sager/sag/${encodeURIComponent(caseId)}`}>{t.inbox.becameCase}</Link>;
  return open ? <span className="badge badge-small badge-info">{t.inbox.isOpen}</span> : t.inbox.isClosed;
}
