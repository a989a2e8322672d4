import type { CaseFileFragment } from "../../gql/graphql";
import { useText } from "../../text/useText";
import { Fact, Facts } from "../../ui/Facts";
import { Personal } from "../../ui/Personal";

export function HearingSection({ hearing }: { hearing: CaseFileFragment["hearing"] }) {
  const { t, format } = useText();
  if (!hearing) return <p>{t.hearing.none}</p>;
  return (
    <Facts wide>
      <Fact label={t.file.phase}>{t.hearingStates[hearing.state]}</Fact>
      {hearing.replyBy && (
        <Fact label={t.hearing.replyBy}>
          <time dateTime={hearing.replyBy}>{format.date(hearing.replyBy)}</time>
        </Fact>
      )}
      {hearing.facts && (
        <Fact label={t.hearing.facts}>
          <span className="prose">
            <Personal value={hearing.facts} />
          </span>
        </Fact>
      )}
      {hearing.statute && <Fact label={t.hearing.statute}>{hearing.statute}</Fact>}
      {hearing.reason && (
        <Fact label={t.hearing.reason}>
          <span className="prose">
            <Personal value={hearing.reason} />
          </span>
        </Fact>
      )}
    </Facts>
  );
}
