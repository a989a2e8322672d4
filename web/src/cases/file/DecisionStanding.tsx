import type { DecisionTextFragment } from "../../gql/graphql";
import { useText } from "../../text/useText";
import { Alert } from "../../ui/Alert";
import { Personal, personalText } from "../../ui/Personal";

/** How far the decision has come: submitted, returned, approved, made, sent. */
export function DecisionStanding({ decision, made }: { decision: DecisionTextFragment; made: boolean }) {
  const { t, format } = useText();
  const steps: string[] = [];
  if (!made) steps.push(decision.submitted ? t.decision.submitted : t.decision.notSubmitted);
  if (decision.approvedBy) steps.push(t.decision.approved(personalText(decision.approvedBy.name, t.app.erased)));
  if (decision.madeAt) steps.push(`${t.decision.madeAt} ${format.time(decision.madeAt)}`);
  if (made) steps.push(decision.sentAt ? `${t.decision.sentAt} ${format.time(decision.sentAt)}` : t.decision.notSent);
  return (
    <>
      <p>{steps.join(" · ")}</p>
      {decision.returnedReason && !decision.submitted && (
        <Alert kind="warning" heading={t.decision.returned}>
          <p className="prose">
            <Personal value={decision.returnedReason} />
          </p>
        </Alert>
      )}
    </>
  );
}
