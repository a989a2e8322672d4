import { useQueryClient } from "@tanstack/react-query";
import { useAnswer } from "../api/query";
import { NoteList } from "../cases/file/NotesSection";
import { InquiryByIdDocument, type InquiryByIdQuery, type InquiryDoneFragment, type InquiryFileFragment } from "../gql/graphql";
import { useText } from "../text/useText";
import { Alert } from "../ui/Alert";
import { announce } from "../ui/Announcer";
import { Answered } from "../ui/Answered";
import { Page } from "../ui/Page";
import { Personal } from "../ui/Personal";
import { Contact } from "./Contact";
import { InquiryActions } from "./InquiryActions";
import { InquiryDialog } from "./InquiryDialog";
import { Transcript } from "./Transcript";

export function InquiryPage({ id }: { id: string }) {
  const { t, lang } = useText();
  const client = useQueryClient();
  const query = useAnswer("inquiry", InquiryByIdDocument, { id });
  const accept = (done: InquiryDoneFragment) => {
    client.setQueryData<InquiryByIdQuery>(["inquiry", { id }, lang], { inquiry: done.inquiry });
    announce(t.inquiry.done);
  };
  return (
    <Page title={t.inquiry.title(query.data?.inquiry?.reference ?? "")}>
      <Answered of={query}>
        {({ inquiry }) =>
          inquiry ? (
            <Shown inquiry={inquiry} accept={accept} />
          ) : (
            <Alert kind="warning" heading={t.state.missing}>
              <p>{t.state.missingText}</p>
            </Alert>
          )
        }
      </Answered>
    </Page>
  );
}

function Shown({ inquiry, accept }: { inquiry: InquiryFileFragment; accept: (done: InquiryDoneFragment) => void }) {
  const { t } = useText();
  return (
    <>
      <div className="beside">
        <div className="beside-main">
          <Contact inquiry={inquiry} />
          <section aria-labelledby="message" className="section">
            <h2 id="message">{t.inquiry.message}</h2>
            <p className="prose">
              <Personal value={inquiry.message} />
            </p>
          </section>
          <Transcript lines={inquiry.transcript} />
          <section aria-labelledby="guidance" className="section">
            <h2 id="guidance">{t.inquiry.guidance}</h2>
            {inquiry.guidance.length === 0 ? <p>{t.inquiry.noGuidance}</p> : <NoteList notes={inquiry.guidance} />}
          </section>
        </div>
        <aside className="beside-side">
          <InquiryActions inquiry={inquiry} />
        </aside>
      </div>
      <InquiryDialog inquiry={inquiry} accept={accept} />
    </>
  );
}
