// Who is looking: known to every screen behind the log-in.
import { createContext, useContext } from "react";
import type { Role, ViewerQuery } from "../gql/graphql";

export type Viewer = ViewerQuery["viewer"];

export const ViewerContext = createContext<Viewer | undefined>(undefined);

export function useViewer(): Viewer {
  const viewer = useContext(ViewerContext);
  if (!viewer) throw new Error("useViewer stands outside the session gate");
  return viewer;
}

export function hasRole(viewer: Viewer, ...roles: Role[]): boolean {
  return roles.some((role) => viewer.staff.roles.includes(role));
}

/** Whether they handle cases; others see no worklist. */
export function handlesCases(viewer: Viewer): boolean {
  return hasRole(viewer, "CASEWORKER", "TEAM_LEAD");
}
