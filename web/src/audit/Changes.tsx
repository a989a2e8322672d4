import { useId } from "react";
import { useAnswer } from "../api/query";
import { FormContext } from "../forms/context";
import { Select } from "../forms/fields";
import { CaseDiffDocument, type CaseDiffQuery } from "../gql/graphql";
import { navigate, useSearch, withSearch } from "../router/router";
import { useText } from "../text/useText";
import { Answered } from "../ui/Answered";
import { Personal } from "../ui/Personal";
import { useSettled } from "../ui/useSettled";
import type { AuditEvent } from "./AuditCasePage";

interface Props {
  id: string;
  events: readonly AuditEvent[];
  at: number;
}

/** What differs between the chosen event and the one before it, or any other. */
export function Changes({ id, events, at }: Props) {
  const { t } = useText();
  const form = useId();
  const search = useSearch();
  const chosen = events.find((event) => String(event.revision) === search.get("mod"));
  const current = events[at];
  const other = chosen ?? events[at - 1];
  return (
    <section aria-labelledby="changes" className="section" data-testid="changes">
      <h2 id="changes">{t.audit.changes}</h2>
      <FormContext value={{ id: form, refusals: [] }}>
        <Select
          name="compare"
          label={t.audit.compare}
          value={chosen ? String(chosen.revision) : ""}
          onChange={(mod) => navigate(withSearch(search, { mod }), "replace")}
        >
          <option value="">{t.audit.previousEvent}</option>
          {events.map((event, index) => (
            <option key={event.id} value={event.revision}>
              {index + 1}. {event.title}
            </option>
          ))}
        </Select>
      </FormContext>
      {current && other ? <Diff id={id} one={current.revision} other={other.revision} /> : <p>{t.audit.isFirst}</p>}
    </section>
  );
}

function Diff({ id, one, other }: { id: string; one: number; other: number }) {
  const { t } = useText();
  const from = useSettled(Math.min(one, other));
  const to = useSettled(Math.max(one, other));
  const query = useAnswer("caseDiff", CaseDiffDocument, { id, from, to }, { keep: true });
  return (
    <div aria-busy={query.isFetching}>
      <Answered of={query}>
        {({ caseHistory }) =>
          caseHistory && caseHistory.diff.length > 0 ? <DiffTable changes={caseHistory.diff} /> : <p>{t.audit.noChange}</p>
        }
      </Answered>
    </div>
  );
}

function DiffTable({ changes }: { changes: NonNullable<CaseDiffQuery["caseHistory"]>["diff"] }) {
  const { t } = useText();
  return (
    <div className="table-scroll">
      <table className="table table--compact table--borderless table-md-responsive-headers">
        <caption className="sr-only">{t.audit.changes}</caption>
        <thead>
          <tr>
            <th scope="col">{t.audit.field}</th>
            <th scope="col">{t.audit.before}</th>
            <th scope="col">{t.audit.after}</th>
          </tr>
        </thead>
        <tbody>
          {changes.map((change) => (
            <tr key={change.key}>
              <th scope="row">{change.label}</th>
              <td data-title={t.audit.before} className="prose">
                <Personal value={change.before} />
              </td>
              <td data-title={t.audit.after} className="prose">
                <Personal value={change.after} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
