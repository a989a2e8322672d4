import { ActForm } from "../forms/ActForm";
import { useAct } from "../forms/useAct";
import { InquiryCloseDocument } from "../gql/graphql";
import { useText } from "../text/useText";
import type { InquiryActProps } from "./InquiryDialog";
import { ReloadNotice } from "./ReloadNotice";

export function CloseInquiryForm({ inquiry, accept, close }: InquiryActProps) {
  const { t } = useText();
  const act = useAct(InquiryCloseDocument, (done) => {
    accept(done);
    close();
  });
  return (
    <ActForm
      outcome={act.outcome}
      submitLabel={t.inquiry.close}
      onSubmit={() => void act.send((idempotencyKey) => ({ inquiryId: inquiry.id, idempotencyKey }))}
      onCancel={close}
      notice={<ReloadNotice outcome={act.outcome} reset={act.reset} />}
    >
      <p>{t.inquiry.closeText}</p>
    </ActForm>
  );
}
