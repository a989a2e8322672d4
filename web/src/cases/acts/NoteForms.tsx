import { ActForm } from "../../forms/ActForm";
import { Radios, TextArea } from "../../forms/fields";
import { CallNoteDocument, StepNoteDocument, type CallDirection } from "../../gql/graphql";
import { useText } from "../../text/useText";
import { oneOf } from "../../ui/oneOf";
import { type ActProps, useActDraft, useCaseAct } from "./useCaseAct";

const DIRECTIONS: readonly CallDirection[] = ["INCOMING", "OUTGOING"];

export function CallNoteForm(props: ActProps) {
  const { t } = useText();
  const draft = useActDraft(props, { direction: "INCOMING", text: "" });
  const act = useCaseAct(CallNoteDocument, props, draft.drop);
  const submit = () =>
    act.send((idempotencyKey) => ({
      caseId: props.file.id,
      direction: oneOf(DIRECTIONS, draft.values.direction) ?? "INCOMING",
      text: draft.values.text,
      idempotencyKey,
    }));
  return (
    <ActForm outcome={act.outcome} submitLabel={t.actions.NOTE_CALL} onSubmit={() => void submit()} onCancel={props.close} notice={act.notice}>
      <Radios
        name="direction"
        label={t.acts.direction}
        value={draft.values.direction}
        onChange={(value) => draft.set("direction", value)}
        options={DIRECTIONS.map((one) => [one, t.directions[one]] as const)}
      />
      <TextArea name="text" label={t.acts.callText} hint={t.acts.callHint} rows={6} value={draft.values.text} onChange={(value) => draft.set("text", value)} />
    </ActForm>
  );
}

export function StepNoteForm(props: ActProps) {
  const { t } = useText();
  const draft = useActDraft(props, { text: "" });
  const act = useCaseAct(StepNoteDocument, props, draft.drop);
  const submit = () => act.send((idempotencyKey) => ({ caseId: props.file.id, text: draft.values.text, idempotencyKey }));
  return (
    <ActForm outcome={act.outcome} submitLabel={t.actions.NOTE_STEP} onSubmit={() => void submit()} onCancel={props.close} notice={act.notice}>
      <TextArea name="text" label={t.acts.stepText} rows={6} value={draft.values.text} onChange={(value) => draft.set("text", value)} />
    </ActForm>
  );
}
