import { useAnswer } from "../api/query";
import { CaseTimelineDocument, type CaseTimelineQuery } from "../gql/graphql";
import { Link } from "../router/Link";
import { navigate, useSearch, withSearch } from "../router/router";
import { useText } from "../text/useText";
import { Alert } from "../ui/Alert";
import { Answered, Nothing } from "../ui/Answered";
import { Page } from "../ui/Page";
import { Changes } from "./Changes";
import { EventDetails } from "./EventDetails";
import { EventList } from "./EventList";
import { Stepper } from "./Stepper";
import { StateAsOf } from "./StateAsOf";

type History = NonNullable<CaseTimelineQuery["caseHistory"]>;
export type AuditEvent = History["events"][number];

/** A case's whole history: every event, the state after it, and what it changed. */
export function AuditCasePage({ id }: { id: string }) {
  const { t } = useText();
  const query = useAnswer("caseHistory", CaseTimelineDocument, { id });
  const number = query.data?.caseHistory?.number;
  return (
    <Page title={number ? t.audit.historyOf(number) : t.audit.history}>
      <Answered of={query}>
        {({ caseHistory }) =>
          caseHistory ? (
            <Shown history={caseHistory} />
          ) : (
            <Alert kind="warning" heading={t.state.missing}>
              <p>{t.state.missingText}</p>
            </Alert>
          )
        }
      </Answered>
    </Page>
  );
}

function Shown({ history }: { history: History }) {
  const { t } = useText();
  const search = useSearch();
  const { events } = history;
  const asked = search.get("ved");
  const found = events.findIndex((event) => String(event.revision) === asked);
  const at = found >= 0 ? found : events.length - 1;
  const current = events[at];
  if (!current) return <Nothing heading={t.state.missing} text={t.state.missingText} />;
  const go = (to: number) => {
    const event = events[to];
    if (event) navigate(withSearch(search, { ved: String(event.revision) }), "replace");
  };
  return (
    <>
      <p>
        <Link to={`/revision/adgang?sag=${encodeURIComponent(history.id)}&nr=${encodeURIComponent(history.number)}`}>{t.audit.accessOfCase}</Link>
      </p>
      <Stepper events={events} at={at} onGo={go} />
      <div className="beside beside-left">
        <EventList events={events} current={current.revision} />
        <div className="beside-main">
          <EventDetails event={current} />
          <Changes id={history.id} events={events} at={at} />
          <StateAsOf id={history.id} revision={current.revision} />
        </div>
      </div>
    </>
  );
}
