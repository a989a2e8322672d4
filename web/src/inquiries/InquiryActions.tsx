import type { InquiryFileFragment } from "../gql/graphql";
import { Link } from "../router/Link";
import { navigate, useSearch, withSearch } from "../router/router";
import { useText } from "../text/useText";

const INQUIRY_ACTS = ["opret-sag", "vejled", "afslut"] as const;
export type InquiryAct = (typeof INQUIRY_ACTS)[number];

/** An inquiry becomes one case, not two. */
export function possibleActs(inquiry: InquiryFileFragment): InquiryAct[] {
  return INQUIRY_ACTS.filter((act) => act !== "opret-sag" || !inquiry.caseId);
}

export function InquiryActions({ inquiry }: { inquiry: InquiryFileFragment }) {
  const { t } = useText();
  const search = useSearch();
  const names: Record<InquiryAct, string> = { "opret-sag": t.inquiry.openCase, vejled: t.inquiry.guide, afslut: t.inquiry.close };
  return (
    <section aria-labelledby="actions" className="panel">
      <h2 id="actions" tabIndex={-1}>
        {t.inquiry.actions}
      </h2>
      {inquiry.caseId && (
        <p>
          <Link to={`/sager/sag/${encodeURIComponent(inquiry.caseId)}`}>{t.inquiry.goToCase}</Link>
        </p>
      )}
      {inquiry.open ? (
        <ul className="plain-list action-list">
          {possibleActs(inquiry).map((act) => (
            <li key={act}>
              <button
                type="button"
                className="button button-secondary"
                onClick={() => navigate(withSearch(search, { handling: act }), "replace")}
              >
                {names[act]}
              </button>
            </li>
          ))}
        </ul>
      ) : (
        <p>{t.inquiry.closedNote}</p>
      )}
    </section>
  );
}
