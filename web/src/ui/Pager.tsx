import { Link } from "../router/Link";
import { useSearch, withSearch } from "../router/router";
import { useText } from "../text/useText";

/** Onwards by cursor; back by the browser, or to the beginning. */
export function Pager({ next }: { next: string | null }) {
  const { t } = useText();
  const search = useSearch();
  const later = search.has("efter");
  if (!next && !later) return null;
  return (
    <nav className="pager" aria-label={t.worklist.pages}>
      {later && <Link to={withSearch(search, { efter: "" })}>{t.worklist.first}</Link>}
      {next && <Link to={withSearch(search, { efter: next })}>{t.worklist.next}</Link>}
    </nav>
  );
}

export function nextCursor(page: { hasNextPage: boolean; endCursor: string | null }): string | null {
  return page.hasNextPage ? page.endCursor : null;
}
