import { ActForm } from "../../forms/ActForm";
import { Checkbox, Input, TextArea, YES } from "../../forms/fields";
import { HearingCloseDocument, HearingOpenDocument, HearingWaiveDocument } from "../../gql/graphql";
import { addDays, today } from "../../text/format";
import { useText } from "../../text/useText";
import { type ActProps, useActDraft, useCaseAct } from "./useCaseAct";

const USUAL_DAYS = 14;

export function HearingOpenForm(props: ActProps) {
  const { t } = useText();
  const draft = useActDraft(props, { replyBy: addDays(today(), USUAL_DAYS), facts: "" });
  const act = useCaseAct(HearingOpenDocument, props, draft.drop);
  const { replyBy, facts } = draft.values;
  function submit(): void {
    // An empty date would not reach the rules: the transport knows only whole dates.
    if (!replyBy) act.refuse([{ code: "FIELD_EMPTY", message: t.acts.required, statute: null, path: "replyBy" }]);
    else void act.send((idempotencyKey) => ({ caseId: props.file.id, replyBy, facts, idempotencyKey }));
  }
  return (
    <ActForm outcome={act.outcome} submitLabel={t.actions.OPEN_HEARING} onSubmit={submit} onCancel={props.close} notice={act.notice}>
      <Input
        name="replyBy"
        type="date"
        width="input-width-s"
        label={t.acts.replyBy}
        hint={t.acts.replyByHint}
        min={addDays(today(), 1)}
        value={replyBy}
        onChange={(value) => draft.set("replyBy", value)}
      />
      <TextArea name="facts" label={t.acts.facts} rows={6} value={facts} onChange={(value) => draft.set("facts", value)} />
    </ActForm>
  );
}

export function HearingCloseForm(props: ActProps) {
  const { t } = useText();
  const draft = useActDraft(props, { answered: "", reply: "" });
  const act = useCaseAct(HearingCloseDocument, props, draft.drop);
  const answered = draft.values.answered === YES;
  const submit = () =>
    act.send((idempotencyKey) => {
      const reply = answered && draft.values.reply ? draft.values.reply : null;
      return { caseId: props.file.id, answered, reply, idempotencyKey };
    });
  return (
    <ActForm outcome={act.outcome} submitLabel={t.actions.CLOSE_HEARING} onSubmit={() => void submit()} onCancel={props.close} notice={act.notice}>
      <Checkbox
        name="answered"
        label={t.acts.answered}
        hint={t.acts.answeredText}
        value={draft.values.answered}
        onChange={(value) => draft.set("answered", value)}
      />
      {answered && (
        <TextArea
          name="text"
          label={t.acts.hearingReply}
          hint={t.acts.hearingReplyHint}
          value={draft.values.reply}
          onChange={(value) => draft.set("reply", value)}
        />
      )}
    </ActForm>
  );
}

export function HearingWaiveForm(props: ActProps) {
  const { t } = useText();
  const draft = useActDraft(props, { statute: "", reason: "" });
  const act = useCaseAct(HearingWaiveDocument, props, draft.drop);
  const submit = () => act.send((idempotencyKey) => ({ caseId: props.file.id, ...draft.values, idempotencyKey }));
  return (
    <ActForm outcome={act.outcome} submitLabel={t.actions.WAIVE_HEARING} onSubmit={() => void submit()} onCancel={props.close} notice={act.notice}>
      <Input name="statute" label={t.acts.statute} hint={t.acts.statuteHint} value={draft.values.statute} onChange={(value) => draft.set("statute", value)} />
      <TextArea name="reason" label={t.acts.reason} value={draft.values.reason} onChange={(value) => draft.set("reason", value)} />
    </ActForm>
  );
}
