import { useAnswer } from "../api/query";
import { NewsButton } from "../cases/worklist/NewsButton";
import { useNews } from "../cases/worklist/useNews";
import { InboxChangedDocument, InboxDocument, type InboxQuery } from "../gql/graphql";
import { Link } from "../router/Link";
import { useSearch } from "../router/router";
import { useText } from "../text/useText";
import { Answered, Nothing } from "../ui/Answered";
import { oneOf } from "../ui/oneOf";
import { Page } from "../ui/Page";
import { Pager, nextCursor } from "../ui/Pager";
import { Tabs } from "../ui/Tabs";
import { InboxTable } from "./InboxTable";

const SHOWN = ["aabne", "afsluttede", "alle"] as const;
type Shown = (typeof SHOWN)[number];

const PAGE_SIZE = 50;

/** Indbakken: what came in and waits for somebody. */
export function InboxPage() {
  const { t } = useText();
  const search = useSearch();
  const shown = oneOf(SHOWN, search.get("vis")) ?? "aabne";
  const query = useAnswer(
    "inbox",
    InboxDocument,
    { open: openOf(shown), first: PAGE_SIZE, after: search.get("efter") },
    { keep: true, fresh: true },
  );
  const news = useNews(InboxChangedDocument);
  const names = { aabne: t.inbox.open, afsluttede: t.inbox.closed, alle: t.inbox.all };

  async function show(): Promise<void> {
    news.read();
    await query.refetch();
    document.getElementById("list")?.focus();
  }

  return (
    <Page title={t.inbox.title}>
      <p>{t.inbox.lead}</p>
      <Tabs label={t.inbox.show} name="vis" current={shown} tabs={SHOWN.map((key) => [key, names[key]] as const)} />
      <NewsButton count={news.count} onShow={() => void show()} />
      <Answered of={query}>{(data) => <Found inquiries={data.inquiries} shown={shown} busy={query.isPlaceholderData} />}</Answered>
    </Page>
  );
}

function openOf(shown: Shown): boolean | null {
  if (shown === "alle") return null;
  return shown === "aabne";
}

function Found({ inquiries, shown, busy }: { inquiries: InboxQuery["inquiries"]; shown: Shown; busy: boolean }) {
  const { t } = useText();
  const rows = inquiries.edges.map((edge) => edge.node);
  return (
    <section aria-busy={busy}>
      <h2 id="list" tabIndex={-1} className="list-heading">
        {t.inbox.list}{" "}
        <span className="quiet" role="status">
          {t.inbox.found(inquiries.totalCount)}
        </span>
      </h2>
      {rows.length > 0 && <InboxTable rows={rows} />}
      {rows.length === 0 && shown === "afsluttede" && (
        <Nothing heading={t.inbox.filteredEmpty} text={t.inbox.filteredEmptyText}>
          <Link to="/sager/indbakke?vis=alle">{t.inbox.all}</Link>
        </Nothing>
      )}
      {rows.length === 0 && shown !== "afsluttede" && <Nothing heading={t.inbox.empty} text={t.inbox.emptyText} />}
      <Pager next={nextCursor(inquiries.pageInfo)} />
    </section>
  );
}
