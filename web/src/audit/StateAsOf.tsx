import { useAnswer } from "../api/query";
import { CaseAsOfDocument } from "../gql/graphql";
import { useText } from "../text/useText";
import { Answered } from "../ui/Answered";
import { useSettled } from "../ui/useSettled";
import { FieldTable } from "./FieldTable";

/** The case as it was right after one of its events. */
export function StateAsOf({ id, revision }: { id: string; revision: number }) {
  const { t, format } = useText();
  const query = useAnswer("caseAsOf", CaseAsOfDocument, { id, revision: useSettled(revision) }, { keep: true });
  return (
    <section className="section" aria-busy={query.isFetching} data-testid="as-of">
      <Answered of={query}>
        {({ caseHistory }) => {
          const state = caseHistory?.asOf;
          if (!state) return <p>{t.audit.noRevision}</p>;
          return (
            <>
              <h2>{t.audit.asOf(format.exact(state.at))}</h2>
              <FieldTable caption={t.audit.asOf(format.exact(state.at))} hideCaption fields={state.fields} />
            </>
          );
        }}
      </Answered>
    </section>
  );
}
