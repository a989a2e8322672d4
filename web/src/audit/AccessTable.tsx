import { ActorLabel } from "../cases/StaffLabel";
import type { AccessLineFragment } from "../gql/graphql";
import { Link } from "../router/Link";
import { useText } from "../text/useText";

export function AccessTable({ rows }: { rows: readonly AccessLineFragment[] }) {
  const { t, format } = useText();
  const columns = t.access.columns;
  return (
    <div className="table-scroll">
      <table className="table table--compact table--borderless table-lg-responsive-headers">
        <caption className="sr-only">{t.access.list}</caption>
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
              <td data-title={columns.at} className="no-wrap">
                <time dateTime={row.at}>{format.exact(row.at)}</time>
              </td>
              <td data-title={columns.who}>
                <ActorLabel actor={row.actor} />
              </td>
              <td data-title={columns.what}>
                {row.title}
                {row.attempt && <span className="block quiet">{row.attempt}</span>}
                {row.code && <span className="badge badge-small badge-warning">{t.access.refused(row.code)}</span>}
              </td>
              <td data-title={columns.object}>
                <What row={row} />
              </td>
              <td data-title={columns.purpose}>{row.purpose ? t.purposes[row.purpose] : t.app.none}</td>
              <td data-title={columns.roles}>{row.roles.map((role) => t.roles[role]).join(", ")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function What({ row }: { row: AccessLineFragment }) {
  const { t } = useText();
  if (row.caseId) return <Link to={`/revision/sag/${encodeURIComponent(row.caseId)}`}>{row.caseNumber ?? row.caseId}</Link>;
  if (row.inquiryId) return t.access.inquiry;
  return row.rows === null ? t.app.none : t.access.rows(row.rows);
}
