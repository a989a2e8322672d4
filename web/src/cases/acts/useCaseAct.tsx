// One act on a case: what every one of its forms does alike.
import { type ReactNode, useState } from "react";
import type { Document } from "../../api/client";
import type { RefusalPart } from "../../forms/refusal";
import { type Act, useAct } from "../../forms/useAct";
import { type Draft, useDraft } from "../../forms/useDraft";
import type { Values } from "../../forms/draft";
import type { CaseAction, CaseDoneFragment, CaseFileFragment } from "../../gql/graphql";
import { useViewer } from "../../session/viewer";
import { useText } from "../../text/useText";
import { announce } from "../../ui/Announcer";
import type { CaseState } from "../file/useCase";
import { ConflictNotice } from "./ConflictNotice";

export interface ActProps {
  action: CaseAction;
  file: CaseFileFragment;
  state: CaseState;
  close: () => void;
}

type Done = CaseDoneFragment & { __typename: "CaseChanged" };
type NotDone = RefusalPart & ({ __typename: "Refused" } | { __typename: "Conflict"; currentRevision: number | null });
export type CaseDocument<I> = Document<{ result: Done | NotDone }, { input: I }>;

export interface CaseAct<I> extends Act<I> {
  /** The revision that was on screen when the form was opened, or loaded again. */
  seen: number;
  notice: ReactNode;
}

export function useCaseAct<I>(document: CaseDocument<I>, props: ActProps, onDone?: () => void): CaseAct<I> {
  const { action, file, state, close } = props;
  const { t } = useText();
  const viewer = useViewer();
  const [opened, setSeen] = useState(file.revision);
  // What we did ourselves while the form was open is no surprise to us; what others did is.
  const later = file.events.filter((event) => event.revision > opened);
  const seen = later.every((event) => event.actor.staff?.id === viewer.staff.id) ? file.revision : opened;
  const [news, setNews] = useState<CaseFileFragment["events"]>([]);
  const act = useAct<I, Done>(document, (done) => {
    state.accept(done);
    announce(done.caughtUp ? t.file.done(t.actions[action]) : `${t.file.done(t.actions[action])}. ${t.file.lagging}`);
    onDone?.();
    close();
  });

  async function reload(): Promise<void> {
    const fresh = await state.reload();
    if (!fresh) return;
    setNews(fresh.events.filter((event) => event.revision > seen));
    setSeen(fresh.revision);
    act.reset();
  }

  const notice = <ConflictNotice open={act.outcome.kind === "conflict"} news={news} onReload={() => void reload()} />;
  return { ...act, seen, notice };
}

/** The form's values, kept for this person, this case and this act. */
export function useActDraft<K extends string>({ action, file }: ActProps, initial: Values<K>): Draft<K> {
  const viewer = useViewer();
  return useDraft(`${viewer.staff.id}.${file.id}.${action}`, initial);
}
