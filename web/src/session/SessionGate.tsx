// Lets nobody through without a session, and tells everything behind it who is looking.
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { hangUp } from "../api/live";
import { onSessionLost } from "../api/lost";
import { useAnswer } from "../api/query";
import { ViewerDocument } from "../gql/graphql";
import { navigate } from "../router/router";
import { Answered } from "../ui/Answered";
import { ViewerContext } from "./viewer";
import { hadSession, loginAddress, rememberSession } from "./where";

export function SessionGate({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  useEffect(() => {
    onSessionLost(() => {
      if (location.pathname === "/log-ind") return;
      hangUp();
      navigate(loginAddress(location.pathname + location.search, hadSession()), "replace");
      client.clear();
    });
    return () => onSessionLost(() => {});
  }, [client]);
  const viewer = useAnswer("viewer", ViewerDocument, {});
  const known = viewer.data !== undefined;
  useEffect(() => {
    if (known) rememberSession();
  }, [known]);
  return <Answered of={viewer}>{(data) => <ViewerContext value={data.viewer}>{children}</ViewerContext>}</Answered>;
}
