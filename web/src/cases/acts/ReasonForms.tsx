import { ActForm } from "../../forms/ActForm";
import { TextArea } from "../../forms/fields";
import { CaseReopenDocument, DecisionReturnDocument } from "../../gql/graphql";
import { useText } from "../../text/useText";
import { type ActProps, type CaseDocument, useActDraft, useCaseAct } from "./useCaseAct";

interface WithReason {
  caseId: string;
  reason: string;
  idempotencyKey: string;
}

function ReasonForm({ document, label, ...props }: ActProps & { document: CaseDocument<WithReason>; label: string }) {
  const { t } = useText();
  const draft = useActDraft(props, { reason: "" });
  const act = useCaseAct(document, props, draft.drop);
  const submit = () => act.send((idempotencyKey) => ({ caseId: props.file.id, reason: draft.values.reason, idempotencyKey }));
  return (
    <ActForm outcome={act.outcome} submitLabel={t.actions[props.action]} onSubmit={() => void submit()} onCancel={props.close} notice={act.notice}>
      <TextArea name="reason" label={label} value={draft.values.reason} onChange={(value) => draft.set("reason", value)} />
    </ActForm>
  );
}

export function DecisionReturnForm(props: ActProps) {
  const { t } = useText();
  return <ReasonForm {...props} document={DecisionReturnDocument} label={t.acts.returnReason} />;
}

export function CaseReopenForm(props: ActProps) {
  const { t } = useText();
  return <ReasonForm {...props} document={CaseReopenDocument} label={t.acts.reason} />;
}
