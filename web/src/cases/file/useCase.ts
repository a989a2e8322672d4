// One case on screen: fetched, replaced by what an act answers, and refreshed when somebody else acts.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAnswer } from "../../api/query";
import { useLive } from "../../api/live";
import { type CaseByIdQuery, CaseByIdDocument, CaseChangesDocument, type CaseDoneFragment, type CaseFileFragment } from "../../gql/graphql";
import { useViewer } from "../../session/viewer";
import { useText } from "../../text/useText";

export interface CaseState {
  query: ReturnType<typeof useAnswer<CaseByIdQuery, { id: string }>>;
  /** Takes over the case as an act of our own left it. */
  accept: (done: CaseDoneFragment) => void;
  /** Fetches it again; the answer is the case as it is now. */
  reload: () => Promise<CaseFileFragment | undefined>;
  /** The event by which somebody else changed it last, while we looked. */
  news: CaseFileFragment["events"][number] | undefined;
}

export function useCase(id: string): CaseState {
  const { lang } = useText();
  const viewer = useViewer();
  const client = useQueryClient();
  const [news, setNews] = useState<CaseState["news"]>();
  const query = useAnswer("case", CaseByIdDocument, { id });

  async function reload(): Promise<CaseFileFragment | undefined> {
    const { data } = await query.refetch();
    return data?.case ?? undefined;
  }

  async function follow(position: string | undefined): Promise<void> {
    const known = query.data?.case;
    if (known && position !== undefined && !isNewer(position, known.position)) return;
    const fresh = await reload();
    if (!known || !fresh) return;
    // Word of our own act may come before its answer does: that is no news.
    const others = fresh.events.filter((event) => event.revision > known.revision && event.actor.staff?.id !== viewer.staff.id);
    if (others.length > 0) setNews(others.at(-1));
  }

  useLive(CaseChangesDocument, { caseId: id }, {
    next: ({ caseChanged }) => void follow(caseChanged.position),
    missed: () => void follow(undefined),
  });

  return {
    query,
    reload,
    news,
    accept: (done) => {
      setNews(undefined);
      client.setQueryData<CaseByIdQuery>(["case", { id }, lang], { case: done.case });
      // The view has not caught up yet: what came with the answer is older than the act.
      if (!done.caughtUp) setTimeout(() => void client.invalidateQueries({ queryKey: ["case", { id }] }), 500);
    },
  };
}

/** Positions are decimal strings that may be longer than a number is exact. */
export function isNewer(position: string, than: string): boolean {
  try {
    return BigInt(position) > BigInt(than);
  } catch {
    return true;
  }
}
