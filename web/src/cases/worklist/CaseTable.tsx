import type { WorklistRowFragment } from "../../gql/graphql";
import { Link } from "../../router/Link";
import { eventName } from "../../text/eventName";
import { useText } from "../../text/useText";
import { Personal } from "../../ui/Personal";
import { DueBadge } from "../DueBadge";
import { StaffLabel } from "../StaffLabel";
import { Waiting } from "../Waiting";

interface Props {
  caption: string;
  rows: readonly WorklistRowFragment[];
  /** Where a case opens: in casework or in audit. */
  to: (id: string) => string;
}

/** The list of cases: a native table that becomes cards on a narrow screen. */
export function CaseTable({ caption, rows, to }: Props) {
  const { t } = useText();
  const columns = t.worklist.columns;
  return (
    <div className="table-scroll">
      <table className="table table--compact table--borderless table-lg-responsive-headers">
        <caption className="sr-only">{caption}</caption>
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
            <CaseTableRow key={row.id} row={row} to={to(row.id)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function CaseTableRow({ row, to }: { row: WorklistRowFragment; to: string }) {
  const { t, format } = useText();
  const columns = t.worklist.columns;
  return (
    <tr>
      <td data-title={columns.due}>
        {(row.due || !row.waitingOn) && <DueBadge due={row.due} daysLeft={row.daysLeft} />}
        <Waiting on={row.waitingOn} since={row.waitingSince} />
      </td>
      <th scope="row" data-title={columns.number} className="no-wrap">
        <Link to={to}>{row.number}</Link>
      </th>
      <td data-title={columns.title}>
        <Personal value={row.title} />
      </td>
      <td data-title={columns.kle}>
        {row.kle ? (
          <span title={row.kle.title}>
            {row.kle.number}
            {row.kle.facet && ` ${row.kle.facet}`}
          </span>
        ) : (
          t.app.none
        )}
      </td>
      <td data-title={columns.party} className="no-wrap">
        {row.partyMasked}
      </td>
      <td data-title={columns.progress}>{t.phases[row.phase]}</td>
      <td data-title={columns.next}>{row.nextStep ? t.actions[row.nextStep] : t.app.none}</td>
      <td data-title={columns.caseworker}>{row.caseworker ? <StaffLabel staff={row.caseworker} /> : t.worklist.nobody}</td>
      <td data-title={columns.last}>
        <span className="block">{eventName(t, row.lastEventType)}</span>
        <time className="quiet" dateTime={row.lastEventAt}>
          {format.time(row.lastEventAt)}
        </time>
      </td>
      <td data-title={columns.channel}>{t.channels[row.channel]}</td>
    </tr>
  );
}
