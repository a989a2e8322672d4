import { useAnswer } from "../api/query";
import { AccessLogDocument, type AccessLogQuery } from "../gql/graphql";
import { Link } from "../router/Link";
import { useSearch } from "../router/router";
import { useText } from "../text/useText";
import { Answered, Nothing } from "../ui/Answered";
import { Page } from "../ui/Page";
import { Pager, nextCursor } from "../ui/Pager";
import { AccessFilter } from "./AccessFilter";
import { AccessTable } from "./AccessTable";

const PAGE_SIZE = 50;

/** Adgangsloggen: who looked at what. */
export function AccessPage() {
  const { t } = useText();
  const search = useSearch();
  const caseId = search.get("sag");
  const staffId = search.get("medarbejder");
  const query = useAnswer("accessLog", AccessLogDocument, { caseId, staffId, first: PAGE_SIZE, after: search.get("efter") }, { keep: true, fresh: true });
  return (
    <Page title={t.access.title}>
      <p>{t.access.lead}</p>
      <AccessFilter key={search.get("nr")} />
      <Answered of={query}>{(data) => <Found log={data.accessLog} filtered={caseId !== null || staffId !== null} />}</Answered>
    </Page>
  );
}

function Found({ log, filtered }: { log: AccessLogQuery["accessLog"]; filtered: boolean }) {
  const { t } = useText();
  const rows = log.edges.map((edge) => edge.node);
  return (
    <section>
      <h2 className="list-heading">{t.access.list}</h2>
      {rows.length > 0 && <AccessTable rows={rows} />}
      {rows.length === 0 && filtered && (
        <Nothing heading={t.access.filteredEmpty} text={t.access.filteredEmptyText}>
          <Link to="/revision/adgang">{t.access.clear}</Link>
        </Nothing>
      )}
      {rows.length === 0 && !filtered && <Nothing heading={t.access.empty} text={t.access.emptyText} />}
      <Pager next={nextCursor(log.pageInfo)} />
    </section>
  );
}
