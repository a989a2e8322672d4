import { useEffect } from "react";
import type { CaseFileFragment } from "../../gql/graphql";
import { useSearch } from "../../router/router";
import { useText } from "../../text/useText";
import { Alert } from "../../ui/Alert";
import { announce } from "../../ui/Announcer";
import { Answered } from "../../ui/Answered";
import { Page } from "../../ui/Page";
import { personalText } from "../../ui/Personal";
import { ActDialog } from "../acts/ActDialog";
import { ActionBar } from "./ActionBar";
import { CaseSections } from "./CaseSections";
import { IdentityBar } from "./IdentityBar";
import { MissingList } from "./MissingList";
import { type CaseState, useCase } from "./useCase";

/** Sagen. */
export function CasePage({ id }: { id: string }) {
  const { t } = useText();
  const state = useCase(id);
  const file = state.query.data?.case;
  const title = file ? `${file.number} ${personalText(file.title, t.app.erased)}` : t.file.title;
  return (
    <Page title={title}>
      <Answered of={state.query}>
        {(data) =>
          data.case ? (
            <Shown file={data.case} state={state} />
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

function Shown({ file, state }: { file: CaseFileFragment; state: CaseState }) {
  const search = useSearch();
  return (
    <>
      <News news={state.news} />
      <IdentityBar file={file} />
      <div className="beside">
        <div className="beside-main">
          <CaseSections file={file} state={state} />
        </div>
        <aside className="beside-side">
          <MissingList missing={file.missingBeforeDecision} />
          <ActionBar actions={file.availableActions} />
        </aside>
      </div>
      <ActDialog key={search.get("handling")} file={file} state={state} />
    </>
  );
}

/** Says what somebody else has just done. Its line is always there, so nothing moves. */
function News({ news }: { news: CaseState["news"] }) {
  const { t } = useText();
  const who = news ? (news.actor.staff ? personalText(news.actor.staff.name, t.app.erased) : news.actor.label) : "";
  const sentence = news ? t.file.changedBy(news.title, who) : "";
  useEffect(() => {
    if (sentence) announce(sentence);
  }, [sentence]);
  return (
    <p className="news-line">
      {sentence && <span className="badge badge-info">{sentence}</span>}
    </p>
  );
}
