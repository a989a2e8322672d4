import type { CaseAction, PossibleActFragment } from "../../gql/graphql";
import { navigate, useSearch, withSearch } from "../../router/router";
import { useText } from "../../text/useText";
import { hasForm } from "../acts/withForm";
import { Reason } from "./MissingList";

/** What can be done now, and below it what cannot and why. */
export function ActionBar({ actions }: { actions: readonly PossibleActFragment[] }) {
  const { t } = useText();
  const search = useSearch();
  const offered = actions.filter((action) => hasForm(action.name));
  const allowed = offered.filter((action) => action.allowed);
  const blocked = offered.filter((action) => !action.allowed);
  const open = (name: CaseAction) => navigate(withSearch(search, opening(name)), "replace");
  return (
    <section aria-labelledby="actions" className="panel">
      <h2 id="actions" tabIndex={-1}>
        {t.file.actions}
      </h2>
      <ul className="plain-list action-list">
        {allowed.map(({ name }) => (
          <li key={name}>
            <button type="button" className="button button-secondary" onClick={() => open(name)}>
              {t.actions[name]}
            </button>
          </li>
        ))}
      </ul>
      {blocked.length > 0 && (
        <details className="blocked">
          <summary>{t.file.blockedCount(blocked.length)}</summary>
          <ul className="reasons">
            {blocked.map(({ name, refusals }) => (
              <li key={name}>
                <strong>{t.actions[name]}</strong>
                <ul>
                  {refusals.map((refusal) => (
                    <li key={`${refusal.code} ${refusal.path}`}>
                      <Reason refusal={refusal} />
                    </li>
                  ))}
                </ul>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

/** The address says which form is open, so that a log-in in between leads back to it. */
function opening(name: CaseAction): Record<string, string> {
  return name === "DRAFT_DECISION" ? { vis: "afgoerelse", handling: name } : { handling: name };
}
