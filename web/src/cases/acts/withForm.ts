// The acts that this dashboard has a form for. The API may offer more: those are for other screens.
import type { CaseAction } from "../../gql/graphql";

const FORMS = [
  "CLASSIFY",
  "ASSIGN",
  "RELEASE",
  "NOTE_CALL",
  "NOTE_STEP",
  "REQUEST_INFORMATION",
  "RECEIVE_INFORMATION",
  "SUSPEND_DEADLINE",
  "RESUME_DEADLINE",
  "SEND_DELAY_NOTICE",
  "EXTEND_DEADLINE",
  "OPEN_HEARING",
  "CLOSE_HEARING",
  "WAIVE_HEARING",
  "INFORM",
  "DRAFT_DECISION",
  "SUBMIT_DECISION",
  "APPROVE_DECISION",
  "RETURN_DECISION",
  "MAKE_DECISION",
  "SEND_DECISION",
  "CLOSE",
  "REOPEN",
] as const satisfies readonly CaseAction[];

/** An act with a form. */
export type ActWithForm = (typeof FORMS)[number];

/** Whether there is a form for it here. */
export function hasForm(name: CaseAction): name is ActWithForm {
  return FORMS.some((form) => form === name);
}
