import type { CaseFileFragment, DecisionTextFragment } from "../../gql/graphql";
import { useSearch } from "../../router/router";
import { useText } from "../../text/useText";
import { Fact, Facts } from "../../ui/Facts";
import { Personal } from "../../ui/Personal";
import { DraftForm } from "../acts/DraftForm";
import { StaffLabel } from "../StaffLabel";
import { DecisionStanding } from "./DecisionStanding";
import type { CaseState } from "./useCase";

/** The decision, or the draft of it; the form for a new draft stands in the same place. */
export function DecisionSection({ file, state }: { file: CaseFileFragment; state: CaseState }) {
  const { t } = useText();
  const writing = useSearch().get("handling") === "DRAFT_DECISION";
  if (writing) return <DraftForm key={file.id} file={file} state={state} />;
  const shown = file.decision ?? file.draft;
  if (!shown) return <p>{t.decision.none}</p>;
  return (
    <>
      {!file.decision && <h3>{t.decision.draft(shown.version)}</h3>}
      <DecisionStanding decision={shown} made={file.decision !== null} />
      <DecisionBody decision={shown} />
    </>
  );
}

export function DecisionBody({ decision }: { decision: DecisionTextFragment }) {
  const { t } = useText();
  return (
    <Facts wide>
      <Fact label={t.decision.outcome}>{decision.outcome ? t.outcomes[decision.outcome] : t.decision.noOutcome}</Fact>
      {decision.author && (
        <Fact label={t.decision.author}>
          <StaffLabel staff={decision.author} />
        </Fact>
      )}
      <Part label={t.decision.text} value={decision.text} />
      <Fact label={t.decision.legalBasis}>{decision.legalBasis || t.app.none}</Fact>
      <Part label={t.decision.groundsRules} value={decision.groundsRules} />
      <Part label={t.decision.groundsDiscretion} value={decision.groundsDiscretion} />
      <Part label={t.decision.groundsFacts} value={decision.groundsFacts} />
      <Fact label={t.decision.complaint}>
        {decision.complaint ? (
          <>
            {decision.complaint.body}. {decision.complaint.how}. {decision.complaint.limit}.
          </>
        ) : (
          t.app.none
        )}
      </Fact>
    </Facts>
  );
}

function Part({ label, value }: { label: string; value: DecisionTextFragment["groundsRules"] }) {
  return (
    <Fact label={label}>
      <span className="prose">
        <Personal value={value} />
      </span>
    </Fact>
  );
}
