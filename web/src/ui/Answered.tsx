// What a question on its way, refused or failed looks like, everywhere alike.
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { type Failure, failureOf } from "../api/failure";
import type { Texts } from "../text/da";
import { useText } from "../text/useText";
import { Alert } from "./Alert";

interface Props<R> {
  of: UseQueryResult<R>;
  children: (data: R) => ReactNode;
}

export function Answered<R>({ of, children }: Props<R>) {
  if (of.data !== undefined) return children(of.data);
  if (of.isError) return <Broken failure={failureOf(of.error)} retry={() => void of.refetch()} />;
  return <Loading />;
}

export function Loading() {
  const { t } = useText();
  return <p className="loading">{t.state.loading}</p>;
}

export function Broken({ failure, retry }: { failure: Failure; retry: () => void }) {
  const { t } = useText();
  if (failure.kind === "no-access") return <NoAccess />;
  return (
    <Alert kind="error" heading={t.state.broken} urgent>
      <p>{failureText(failure, t)}</p>
      {failure.kind === "fault" && failure.message && <p className="quiet">{failure.message}</p>}
      <button type="button" className="button button-secondary" onClick={retry}>
        {t.state.retry}
      </button>
    </Alert>
  );
}

export function NoAccess() {
  const { t } = useText();
  return (
    <Alert kind="warning" heading={t.state.noAccess}>
      <p>{t.state.noAccessText}</p>
    </Alert>
  );
}

/** Nothing to show: because nothing is there, or because a filter hides it. The caller says which. */
export function Nothing({ heading, text, children }: { heading: string; text: string; children?: ReactNode }) {
  return (
    <div className="nothing">
      <p className="nothing-heading">{heading}</p>
      <p>{text}</p>
      {children}
    </div>
  );
}

export function failureText(failure: Failure, t: Texts): string {
  switch (failure.kind) {
    case "offline":
      return t.state.offline;
    case "session":
      return t.session.expired;
    case "no-access":
      return t.state.noAccessText;
    case "too-many":
      return t.state.tooMany;
    case "fault":
      return t.state.fault;
  }
}
