// What the address says the worklist shows.
import type { CaseFilter, CaseOrder, Phase } from "../../gql/graphql";
import { endOfWeek, today } from "../../text/format";
import { oneOf } from "../../ui/oneOf";

export const FILTERS = ["overskredet", "i-dag", "denne-uge", "mine", "ufordelte", "venter", "til-godkendelse"] as const;
export type FilterName = (typeof FILTERS)[number];

export const ORDERS: readonly CaseOrder[] = ["DUE", "NEWEST", "LAST_EVENT", "NUMBER"];
export const PHASES: readonly Phase[] = [
  "REGISTERED",
  "UNDER_INVESTIGATION",
  "IN_HEARING",
  "INFORMED",
  "DECISION_PROPOSED",
  "DECIDED",
  "ORDERED",
  "EFFECTUATED",
  "WITHDRAWN",
  "FORWARDED_AWAY",
  "CLOSED",
];

export interface View {
  only: FilterName | undefined;
  number: string;
  phase: Phase | undefined;
  order: CaseOrder;
  after: string | null;
}

export function viewOf(search: URLSearchParams): View {
  return {
    only: oneOf(FILTERS, search.get("kun")),
    number: search.get("nr") ?? "",
    phase: oneOf(PHASES, search.get("tilstand")),
    order: oneOf(ORDERS, search.get("sortering")) ?? "DUE",
    after: search.get("efter"),
  };
}

export function isFiltered(view: View): boolean {
  return view.only !== undefined || view.number !== "" || view.phase !== undefined;
}

export function filterOf(view: View, day = today()): CaseFilter {
  return {
    ...only(view.only, day),
    ...(view.number ? { number: view.number } : {}),
    ...(view.phase ? { phases: [view.phase] } : {}),
  };
}

function only(name: FilterName | undefined, day: string): CaseFilter {
  switch (name) {
    case undefined:
      return {};
    case "overskredet":
      return { overdue: true };
    case "i-dag":
      return { dueBy: day, overdue: false };
    case "denne-uge":
      return { dueBy: endOfWeek(day), overdue: false };
    case "mine":
      return { mine: true };
    case "ufordelte":
      return { unassigned: true };
    case "venter":
      return { waiting: true, mine: true };
    case "til-godkendelse":
      return { awaitingApproval: true };
  }
}
