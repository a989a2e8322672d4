// A small invented municipality.
import type {
  CaseFileFragment,
  EventLineFragment,
  InquiryFileFragment,
  PersonalValueFragment,
  StaffNameFragment,
  ViewerQuery,
  WorklistRowFragment,
} from "../gql/graphql";

export const text = (words: string): PersonalValueFragment => ({ __typename: "PersonalText", text: words });
export const erased: PersonalValueFragment = { __typename: "Erased", subject: "person-1" };

export const kari: StaffNameFragment = { id: "user-kari", login: "kari", roles: ["CASEWORKER"], name: text("Kari Holm") };
export const bo: StaffNameFragment = { id: "user-bo", login: "bo", roles: ["TEAM_LEAD"], name: text("Bo Lund") };

export function viewer(changes: Partial<ViewerQuery["viewer"]["staff"]> = {}): ViewerQuery {
  return { viewer: { demo: true, municipality: { code: "0190", name: "Furesø" }, staff: { ...kari, ...changes } } };
}

export function row(changes: Partial<WorklistRowFragment> = {}): WorklistRowFragment {
  return {
    id: "case-1",
    number: "S2026-00042",
    title: text("Hjælp til MitID"),
    kle: { number: "27.36.04", facet: "G01", title: "Personlig hjælp" },
    phase: "UNDER_INVESTIGATION",
    progress: "Opstået",
    due: "2026-12-01",
    daysLeft: 2,
    waitingOn: null,
    waitingSince: null,
    caseworker: kari,
    channel: "WEB",
    lastEventType: "CaseworkerAssigned",
    lastEventAt: "2026-11-20T09:00:00Z",
    nextStep: "INFORM",
    partyMasked: "A••• J•••",
    ...changes,
  };
}

export function worklist(rows: WorklistRowFragment[], next: string | null = null) {
  return {
    cases: {
      totalCount: rows.length,
      pageInfo: { hasNextPage: next !== null, endCursor: next },
      edges: rows.map((node) => ({ cursor: node.id, node })),
    },
  };
}

export const counters = {
  counters: { overdue: 1, dueToday: 2, dueThisWeek: 3, mine: 4, unassigned: 5, waiting: 8, awaitingApproval: 6, openInquiries: 7 },
};

export function event(revision: number, title: string, by: StaffNameFragment = kari): EventLineFragment {
  return {
    id: `event-${revision}`,
    revision,
    position: String(100 + revision),
    type: "StepNoted",
    title,
    at: `2026-11-20T09:0${revision}:00Z`,
    actor: { kind: "STAFF", label: by.login, staff: by },
    roles: by.roles,
    purpose: "CASE_HANDLING",
    reason: null,
  };
}

export function file(changes: Partial<CaseFileFragment> = {}): CaseFileFragment {
  return {
    id: "case-1",
    number: "S2026-00042",
    revision: 1,
    position: "101",
    title: text("Hjælp til MitID"),
    party: text("Anna Jensen"),
    kle: { number: "27.36.04", facet: "G01", title: "Personlig hjælp" },
    phase: "UNDER_INVESTIGATION",
    progress: "Opstået",
    received: "2026-11-02",
    channel: "WEB",
    topic: { slug: "mitid", title: "MitID" },
    deadline: {
      due: "2026-12-01",
      daysLeft: 9,
      state: "RUNNING",
      rule: "Første svar",
      ruleSet: "2026-1",
      source: "Retssikkerhedsloven § 3, stk. 2",
      days: 28,
      counting: "CALENDAR_DAYS",
      explanation: "28 kalenderdage fra modtagelsen den 2. november.",
      steps: [{ kind: "RULE", text: "28 kalenderdage fra modtagelsen den 2. november." }],
    },
    waitingOn: null,
    waitingSince: null,
    informationRequests: [],
    caseworker: kari,
    hearing: null,
    notes: [],
    draft: null,
    decision: null,
    inquiry: { id: "inq-1", reference: "H-7K2M", receivedAt: "2026-11-02T08:00:00Z" },
    availableActions: [
      { name: "NOTE_CALL", allowed: true, refusals: [] },
      { name: "CLASSIFY", allowed: true, refusals: [] },
      { name: "ASSIGN", allowed: true, refusals: [] },
      { name: "DRAFT_DECISION", allowed: true, refusals: [] },
      {
        name: "MAKE_DECISION",
        allowed: false,
        refusals: [{ code: "NO_DRAFT", message: "Der er intet udkast til en afgørelse.", statute: null, path: "" }],
      },
    ],
    missingBeforeDecision: [{ code: "FACTS_INCOMPLETE", message: "Sagen er ikke oplyst endnu.", statute: "FVL § 19", path: "" }],
    events: [event(0, "Sag oprettet"), event(1, "Tildelt")],
    ...changes,
  };
}

export function changed(next: CaseFileFragment) {
  return { result: { __typename: "CaseChanged", revision: next.revision, position: next.position, caughtUp: true, case: next } };
}

export function refused(path: string, message: string, statute: string | null = null) {
  return { result: { __typename: "Refused", code: "FIELD_EMPTY", message, statute, path } };
}

export const conflict = {
  result: { __typename: "Conflict", code: "CONFLICT", message: "Sagen er ændret.", statute: null, path: "", currentRevision: 2 },
};

export function inquiry(changes: Partial<InquiryFileFragment> = {}): InquiryFileFragment {
  return {
    id: "inq-1",
    revision: 0,
    reference: "H-7K2M",
    kind: "CALL_BACK",
    channel: "WEB",
    topic: { slug: "mitid", title: "MitID" },
    receivedAt: "2026-11-02T08:00:00Z",
    name: text("Anna Jensen"),
    phone: text("12 34 56 78"),
    email: null,
    message: text("Jeg kan ikke logge på."),
    callWhen: "morning",
    transcript: [
      { speaker: "CITIZEN", text: "Hvordan får jeg MitID?", at: "2026-11-02T07:58:00Z" },
      { speaker: "COUNTER", text: "Mød op i borgerservice.", at: "2026-11-02T07:58:01Z" },
    ],
    guidance: [],
    open: true,
    caseId: null,
    ...changes,
  };
}
