import { ActForm } from "../forms/ActForm";
import { TextArea } from "../forms/fields";
import { useAct } from "../forms/useAct";
import { useDraft } from "../forms/useDraft";
import { InquiryGuideDocument } from "../gql/graphql";
import { useViewer } from "../session/viewer";
import { useText } from "../text/useText";
import type { InquiryActProps } from "./InquiryDialog";
import { ReloadNotice } from "./ReloadNotice";

export function GuideForm({ inquiry, accept, close }: InquiryActProps) {
  const { t } = useText();
  const viewer = useViewer();
  const draft = useDraft(`${viewer.staff.id}.${inquiry.id}.guide`, { text: "" });
  const act = useAct(InquiryGuideDocument, (done) => {
    draft.drop();
    accept(done);
    close();
  });
  const submit = () => act.send((idempotencyKey) => ({ inquiryId: inquiry.id, text: draft.values.text, idempotencyKey }));
  return (
    <ActForm
      outcome={act.outcome}
      submitLabel={t.inquiry.guide}
      onSubmit={() => void submit()}
      onCancel={close}
      notice={<ReloadNotice outcome={act.outcome} reset={act.reset} />}
    >
      <TextArea
        name="text"
        label={t.inquiry.guideText}
        hint={t.inquiry.guideTextHint}
        rows={6}
        value={draft.values.text}
        onChange={(value) => draft.set("text", value)}
      />
    </ActForm>
  );
}
