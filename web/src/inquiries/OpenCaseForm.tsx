import { useQueryClient } from "@tanstack/react-query";
import { ActForm } from "../forms/ActForm";
import { Input } from "../forms/fields";
import { useAct } from "../forms/useAct";
import { useDraft } from "../forms/useDraft";
import { CaseOpenDocument } from "../gql/graphql";
import { navigate } from "../router/router";
import { useViewer } from "../session/viewer";
import { today } from "../text/format";
import { useText } from "../text/useText";
import { announce } from "../ui/Announcer";
import { personalText } from "../ui/Personal";
import type { InquiryActProps } from "./InquiryDialog";
import { ReloadNotice } from "./ReloadNotice";

/** An inquiry becomes a case. Receipt date and channel are the inquiry's own. */
export function OpenCaseForm({ inquiry, close }: InquiryActProps) {
  const { t } = useText();
  const viewer = useViewer();
  const client = useQueryClient();
  const draft = useDraft(`${viewer.staff.id}.${inquiry.id}.open`, {
    title: inquiry.topic?.title ?? "",
    party: personalText(inquiry.name, ""),
  });
  const act = useAct(CaseOpenDocument, (done) => {
    draft.drop();
    announce(t.inquiry.opened);
    void client.invalidateQueries({ queryKey: ["inquiry"] });
    navigate(`/sager/sag/${encodeURIComponent(done.case.id)}`);
  });
  const submit = () =>
    act.send((idempotencyKey) => ({
      inquiryId: inquiry.id,
      received: today(new Date(inquiry.receivedAt)),
      channel: inquiry.channel,
      topic: inquiry.topic?.slug ?? null,
      title: draft.values.title,
      party: draft.values.party || null,
      idempotencyKey,
    }));
  return (
    <ActForm
      outcome={act.outcome}
      submitLabel={t.inquiry.openCase}
      onSubmit={() => void submit()}
      onCancel={close}
      notice={<ReloadNotice outcome={act.outcome} reset={act.reset} />}
    >
      <Input
        name="title"
        label={t.inquiry.caseTitle}
        hint={t.inquiry.caseTitleHint}
        value={draft.values.title}
        onChange={(value) => draft.set("title", value)}
      />
      <Input name="party" label={t.inquiry.party} optional value={draft.values.party} onChange={(value) => draft.set("party", value)} />
    </ActForm>
  );
}
