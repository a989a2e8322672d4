import { useAnswer } from "../../api/query";
import { WorklistChangedDocument, WorklistDocument, type WorklistQuery } from "../../gql/graphql";
import { Link } from "../../router/Link";
import { useSearch } from "../../router/router";
import { useText } from "../../text/useText";
import { announce } from "../../ui/Announcer";
import { Answered, Nothing } from "../../ui/Answered";
import { Page } from "../../ui/Page";
import { Pager, nextCursor } from "../../ui/Pager";
import { CaseTable } from "./CaseTable";
import { Counters } from "./Counters";
import { FilterForm } from "./FilterForm";
import { NewsButton } from "./NewsButton";
import { useNews } from "./useNews";
import { filterOf, isFiltered, viewOf } from "./view";

const PAGE_SIZE = 50;

/** Mit arbejde. */
export function WorklistPage() {
  const { t } = useText();
  const search = useSearch();
  const view = viewOf(search);
  const query = useAnswer(
    "worklist",
    WorklistDocument,
    { filter: filterOf(view), order: view.order, first: PAGE_SIZE, after: view.after },
    { keep: true, fresh: true },
  );
  const news = useNews(WorklistChangedDocument);

  async function show(): Promise<void> {
    news.read();
    const { data } = await query.refetch();
    if (data) announce(t.worklist.found(data.cases.totalCount));
    document.getElementById("list")?.focus();
  }

  return (
    <Page title={t.worklist.title}>
      <Counters current={view.only} />
      <FilterForm key={view.number} view={view} />
      <NewsButton count={news.count} onShow={() => void show()} />
      <Answered of={query}>{(data) => <Found cases={data.cases} filtered={isFiltered(view)} busy={query.isPlaceholderData} />}</Answered>
    </Page>
  );
}

interface FoundProps {
  cases: WorklistQuery["cases"];
  filtered: boolean;
  busy: boolean;
}

function Found({ cases, filtered, busy }: FoundProps) {
  const { t } = useText();
  const rows = cases.edges.map((edge) => edge.node);
  return (
    <section aria-busy={busy}>
      <h2 id="list" tabIndex={-1} className="list-heading">
        {t.worklist.list}{" "}
        <span className="quiet" role="status">
          {t.worklist.found(cases.totalCount)}
        </span>
      </h2>
      {rows.length > 0 && <CaseTable caption={t.worklist.list} rows={rows} to={(id) => `/sager/sag/${encodeURIComponent(id)}`} />}
      {rows.length === 0 && filtered && (
        <Nothing heading={t.worklist.filteredEmpty} text={t.worklist.filteredEmptyText}>
          <Link to="/sager">{t.worklist.all}</Link>
        </Nothing>
      )}
      {rows.length === 0 && !filtered && (
        <Nothing heading={t.worklist.empty} text={t.worklist.emptyText}>
          <Link to="/sager/indbakke">{t.nav.inbox}</Link>
        </Nothing>
      )}
      <Pager next={nextCursor(cases.pageInfo)} />
    </section>
  );
}
