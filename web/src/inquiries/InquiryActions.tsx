import type { InquiryFileFragment } from "../gql/graphql";
import { Link } from "../router/Link";
import { navigate, useSearch, withSearch } from "../router/router";
import { useText } from "../text/useText";

export const INQUIRY_ACTS = ["opret-sag", "vejled", "afslut"] as const;
export type InquiryAct = (typeof INQUIRY_ACTS)[number];

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
          {INQUIRY_ACTS.map((act) => (
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
