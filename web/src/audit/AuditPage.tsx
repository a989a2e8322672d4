import { useId, useState } from "react";
import { useAnswer } from "../api/query";
import { CaseTable } from "../cases/worklist/CaseTable";
import { FormContext } from "../forms/context";
import { Input } from "../forms/fields";
import { AuditCasesDocument, type AuditCasesQuery } from "../gql/graphql";
import { navigate, useSearch, withSearch } from "../router/router";
import { useText } from "../text/useText";
import { Answered, Nothing } from "../ui/Answered";
import { Page } from "../ui/Page";
import { Pager, nextCursor } from "../ui/Pager";

const PAGE_SIZE = 50;

/** Revision: find a case. */
export function AuditPage() {
  const { t } = useText();
  const search = useSearch();
  const number = search.get("nr") ?? "";
  const query = useAnswer("auditCases", AuditCasesDocument, { number: number || null, first: PAGE_SIZE, after: search.get("efter") }, { keep: true });
  return (
    <Page title={t.audit.title}>
      <p>{t.audit.lead}</p>
      <SearchForm key={number} number={number} />
      <Answered of={query}>{(data) => <Found cases={data.auditCases} filtered={number !== ""} />}</Answered>
    </Page>
  );
}

function SearchForm({ number }: { number: string }) {
  const { t } = useText();
  const search = useSearch();
  const id = useId();
  const [typed, setTyped] = useState(number);
  return (
    <FormContext value={{ id, refusals: [] }}>
      <form
        role="search"
        className="filter"
        aria-label={t.audit.search}
        onSubmit={(event) => {
          event.preventDefault();
          navigate(withSearch(search, { nr: typed.trim(), efter: "" }));
        }}
      >
        <Input name="number" type="search" label={t.audit.number} hint={t.audit.numberHint} value={typed} onChange={setTyped} />
        <div className="filter-buttons">
          <button type="submit" className="button button-primary">
            {t.audit.search}
          </button>
        </div>
      </form>
    </FormContext>
  );
}

function Found({ cases, filtered }: { cases: AuditCasesQuery["auditCases"]; filtered: boolean }) {
  const { t } = useText();
  const rows = cases.edges.map((edge) => edge.node);
  return (
    <section>
      <h2 className="list-heading">
        {t.audit.results}{" "}
        <span className="quiet" role="status">
          {t.worklist.found(cases.totalCount)}
        </span>
      </h2>
      {rows.length > 0 && <CaseTable caption={t.audit.results} rows={rows} to={(id) => `/revision/sag/${encodeURIComponent(id)}`} />}
      {rows.length === 0 && filtered && <Nothing heading={t.audit.filteredEmpty} text={t.audit.filteredEmptyText} />}
      {rows.length === 0 && !filtered && <Nothing heading={t.audit.empty} text={t.audit.emptyText} />}
      <Pager next={nextCursor(cases.pageInfo)} />
    </section>
  );
}
