import { act, screen, waitFor, within } from "@testing-library/react";
import { bo, changed, conflict, event, file, kari, refused, text, viewer } from "../../test/fixtures";
import { push } from "../../test/line";
import { objections, open } from "../../test/render";
import { Status, serve } from "../../test/server";

function office(first = file()) {
  return serve({ Viewer: () => viewer(), CaseById: () => ({ case: first }) });
}

test("the case shows its identity, what is missing and what can be done", async () => {
  office();
  const { container } = open("/sager/sag/case-1");
  await screen.findByRole("heading", { level: 1, name: "S2026-00042 Hjælp til MitID" });
  const identity = within(screen.getByRole("region", { name: "Sagens oplysninger" }));
  expect(identity.getByText("Anna Jensen")).toBeVisible();
  expect(identity.getByText("28 kalenderdage fra modtagelsen den 2. november.")).toBeInTheDocument();

  const missing = within(screen.getByRole("region", { name: "Hvad mangler før en afgørelse" }));
  expect(missing.getByText("Sagen er ikke oplyst endnu.")).toBeVisible();
  expect(missing.getByText("Hjemmel: FVL § 19")).toBeVisible();

  const actions = within(screen.getByRole("region", { name: "Handlinger" }));
  expect(actions.getByRole("button", { name: "Notér opkald" })).toBeVisible();
  expect(actions.queryByRole("button", { name: "Træf afgørelse" })).not.toBeInTheDocument();
  expect(actions.getByText("Kan ikke gøres nu (1)")).toBeVisible();
  expect(actions.getByText("Der er intet udkast til en afgørelse.")).toBeInTheDocument();
  expect(await objections(container)).toEqual([]);
});

test("a case of somebody else's is not found rather than hinted at", async () => {
  serve({ Viewer: () => viewer(), CaseById: () => ({ case: null }) });
  open("/sager/sag/nope");
  expect(await screen.findByText("Ikke fundet")).toBeVisible();
});

test("a call is noted in one dialog, and the page shows it at once", async () => {
  const server = office();
  const note = { kind: "CALL", direction: "OUTGOING", text: text("Ringede op."), by: { kind: "STAFF", label: "kari", staff: kari }, at: "2026-11-20T10:00:00Z" } as const;
  server.on("CallNote", () => changed(file({ revision: 2, position: "102", notes: [note], events: [event(0, "a"), event(1, "b"), event(2, "c")] })));
  const { user } = open("/sager/sag/case-1?vis=notater");
  await user.click(await screen.findByRole("button", { name: "Notér opkald" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Notér opkald" }));
  await user.click(dialog.getByLabelText("Vi ringede"));
  await user.type(dialog.getByLabelText("Hvad blev der sagt?"), "Ringede op.");
  await user.click(dialog.getByRole("button", { name: "Notér opkald" }));

  await screen.findByText("Ringede op.", { selector: "p" });
  expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  expect(screen.getByTestId("announcer")).toHaveTextContent("Gjort: Notér opkald");
  expect(server.last("CallNote")).toMatchObject({ input: { caseId: "case-1", direction: "OUTGOING", text: "Ringede op." } });
  expect(sessionStorage.getItem("skranke.draft.user-kari.case-1.NOTE_CALL")).toBeNull();
});

test("a deadline is suspended with somebody to wait for, and explains itself step by step", async () => {
  const server = office(file({ availableActions: [{ name: "SUSPEND_DEADLINE", allowed: true, refusals: [] }] }));
  const stopped = {
    ...file().deadline!,
    state: "SUSPENDED",
    steps: [
      { kind: "RULE", text: "28 dage fra modtagelsen." },
      { kind: "PAUSE", text: "20.11.2026–22.11.2026 (3 dage) tæller ikke." },
    ],
  } as const;
  server.on("DeadlineSuspend", () =>
    changed(file({ revision: 2, deadline: { ...stopped, steps: [...stopped.steps] }, waitingOn: "EXPERT", waitingSince: "2026-11-20" })),
  );
  const { user, container } = open("/sager/sag/case-1");
  await user.click(await screen.findByRole("button", { name: "Sæt fristen i bero" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Sæt fristen i bero" }));
  await user.selectOptions(dialog.getByLabelText("Hvem ventes der på?"), "EXPERT");
  await user.type(dialog.getByLabelText("Begrundelse"), "Lægeerklæring");
  expect(await objections(container)).toEqual([]);
  await user.click(dialog.getByRole("button", { name: "Sæt fristen i bero" }));

  const identity = within(screen.getByRole("region", { name: "Sagens oplysninger" }));
  expect(await identity.findByText("I bero")).toBeVisible();
  expect(identity.getByText(/^Venter på læge eller anden fagperson siden 20\. nov/)).toBeVisible();
  expect(identity.getByText("20.11.2026–22.11.2026 (3 dage) tæller ikke.")).toBeInTheDocument();
  expect(server.last("DeadlineSuspend")).toMatchObject({ input: { caseId: "case-1", waitingFor: "EXPERT", reason: "Lægeerklæring" } });
});

test("an extension is a whole number of days, and what was asked for is answered by its number", async () => {
  const asked = [
    { number: 1, waitingFor: "PARTY", receivedAt: "2026-11-20T10:00:00Z" },
    { number: 2, waitingFor: "EXPERT", receivedAt: null },
  ] as const;
  const names = ["EXTEND_DEADLINE", "RECEIVE_INFORMATION", "REQUEST_INFORMATION", "RESUME_DEADLINE", "SEND_DELAY_NOTICE"] as const;
  const availableActions = names.map((name) => ({ name, allowed: true, refusals: [] }));
  const server = office(file({ availableActions, informationRequests: [...asked] }));
  server.on("InformationReceive", () => changed(file({ revision: 2, availableActions })));
  const { user, container } = open("/sager/sag/case-1");
  const start = async (name: string) => {
    await user.click(await screen.findByRole("button", { name }));
    return within(await screen.findByRole("dialog", { name }));
  };
  let dialog = await start("Forlæng fristen");
  await user.type(dialog.getByLabelText("Antal dage"), "to");
  await user.click(dialog.getByRole("button", { name: "Forlæng fristen" }));
  expect(await dialog.findAllByText("Skriv et helt antal dage.")).not.toHaveLength(0);
  await user.click(dialog.getByRole("button", { name: "Annullér" }));
  for (const name of ["Indhent oplysninger", "Lad fristen løbe igen", "Borgeren har fået besked om forsinkelse"]) {
    dialog = await start(name);
    expect(await objections(container)).toEqual([]);
    await user.click(dialog.getByRole("button", { name: "Annullér" }));
  }
  dialog = await start("Oplysninger er modtaget");
  expect(dialog.getByRole("option", { name: "Anmodning 2 til læge eller anden fagperson" })).toBeInTheDocument();
  expect(dialog.queryByRole("option", { name: /^Anmodning 1/ })).not.toBeInTheDocument();
  await user.click(dialog.getByRole("button", { name: "Oplysninger er modtaget" }));
  await waitFor(() => expect(server.last("InformationReceive")).toMatchObject({ input: { number: 2 } }));
});

test("a refusal stands beside its field and on top, with the statute, and nothing typed is lost", async () => {
  const server = office();
  server.on("CallNote", () => refused("text", "Feltet skal udfyldes.", "OFL § 13"));
  const { user, container } = open("/sager/sag/case-1?handling=NOTE_CALL");
  await user.click(await screen.findByLabelText("Vi ringede"));
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Notér opkald" }));

  const summary = within(await screen.findByRole("alert"));
  expect(summary.getByText("Hjemmel: OFL § 13")).toBeVisible();
  const field = screen.getByLabelText("Hvad blev der sagt?");
  expect(field).toBeInvalid();
  expect(field).toHaveAccessibleDescription(/Feltet skal udfyldes\./);
  await user.click(summary.getByRole("link", { name: "Feltet skal udfyldes." }));
  expect(field).toHaveFocus();
  expect(screen.getByLabelText("Vi ringede")).toBeChecked();
  expect(await objections(container)).toEqual([]);
});

test("a retry after a lost answer carries the same key, so nothing happens twice", async () => {
  const server = office();
  server.on("CallNote", () => new Status(503));
  const { user } = open("/sager/sag/case-1?handling=NOTE_CALL");
  await user.type(await screen.findByLabelText("Hvad blev der sagt?"), "Hej");
  const send = within(screen.getByRole("dialog")).getByRole("button", { name: "Notér opkald" });
  await user.click(send);
  expect(await screen.findByText(/det bliver aldrig gjort to gange/)).toBeVisible();
  await user.click(send);
  await waitFor(() => expect(server.times("CallNote")).toBe(2));
  const keys = server.asked.filter((one) => one.operation === "CallNote").map((one) => JSON.stringify(one.variables));
  expect(keys[0]).toBe(keys[1]);
});

test("what was being typed survives a reload", async () => {
  office();
  const { user, unmount } = open("/sager/sag/case-1?handling=NOTE_CALL");
  await user.type(await screen.findByLabelText("Hvad blev der sagt?"), "Halv sætning");
  unmount();
  open(location.pathname + location.search);
  expect(await screen.findByLabelText("Hvad blev der sagt?")).toHaveValue("Halv sætning");
});

test("a conflict keeps the draft, shows who did what, and then sends the new revision", async () => {
  const server = office();
  server.on("DecisionDraft", () => conflict);
  const { user } = open("/sager/sag/case-1");
  await user.click(await screen.findByRole("button", { name: "Skriv udkast" }));
  const box = await screen.findByLabelText("Afgørelsens tekst");
  await user.type(box, "Du får hjælp.");
  await user.click(screen.getByRole("button", { name: "Gem udkast" }));
  expect(await screen.findByText("En anden har ændret sagen imens")).toBeVisible();
  expect(server.last("DecisionDraft")).toMatchObject({ input: { expectedVersion: 1, complaint: { body: "Ankestyrelsen" } } });

  const later = file({ revision: 2, position: "102", events: [event(0, "a"), event(1, "b"), event(2, "Frigivet", bo)] });
  server.on("CaseById", () => ({ case: later }));
  await user.click(screen.getByRole("button", { name: "Hent sagen igen" }));
  expect(await screen.findByText(/Frigivet/)).toHaveTextContent("Frigivet · Bo Lund");
  expect(box).toHaveValue("Du får hjælp.");
  await user.click(screen.getByRole("button", { name: "Gem udkast" }));
  await waitFor(() => expect(server.last("DecisionDraft")).toMatchObject({ input: { expectedVersion: 2 } }));
});

test("somebody else's act appears by itself and is announced", async () => {
  const server = office();
  open("/sager/sag/case-1?vis=tidslinje");
  await screen.findByText("Tildelt", { selector: "strong" });
  const later = file({ revision: 2, position: "102", events: [event(0, "a"), event(1, "b"), event(2, "Notat skrevet", bo)] });
  server.on("CaseById", () => ({ case: later }));
  act(() => push("CaseChanges", { caseChanged: { caseId: "case-1", position: "102", eventType: "StepNoted" } }));
  await screen.findByText("Notat skrevet", { selector: "strong" });
  await waitFor(() => expect(screen.getByTestId("announcer")).toHaveTextContent("Notat skrevet (Bo Lund)"));
});

test("news of our own act asks nothing again", async () => {
  const server = office();
  open("/sager/sag/case-1");
  await screen.findByRole("region", { name: "Handlinger" });
  act(() => push("CaseChanges", { caseChanged: { caseId: "case-1", position: "101", eventType: "StepNoted" } }));
  expect(server.times("CaseById")).toBe(1);
});

test("our own act is no news, even when word of it comes before its answer", async () => {
  const server = office();
  open("/sager/sag/case-1?vis=tidslinje");
  await screen.findByText("Tildelt", { selector: "strong" });
  server.on("CaseById", () => ({ case: file({ revision: 2, position: "102", events: [event(0, "a"), event(1, "b"), event(2, "Notat skrevet", kari)] }) }));
  act(() => push("CaseChanges", { caseChanged: { caseId: "case-1", position: "102", eventType: "StepNoted" } }));
  await screen.findByText("Notat skrevet", { selector: "strong" });
  await act(() => new Promise((done) => setTimeout(done, 20)));
  expect(screen.queryByText(/Sagen er opdateret/, { selector: ".badge" })).not.toBeInTheDocument();
});

test("a subject and a facet are picked from what the search finds", async () => {
  const server = office(file({ kle: null }));
  server.on("KleSearch", () => ({ kleSearch: [{ number: "27.36.04", title: "Personlig hjælp" }] }));
  server.on("KleFacets", () => ({ kleFacets: [{ number: "G01", facet: "G01", title: "Generelle sager" }] }));
  server.on("CaseClassify", () => changed(file({ revision: 2 })));
  const { user } = open("/sager/sag/case-1?handling=CLASSIFY");
  await user.type(await screen.findByLabelText("Søg KLE-emne"), "hjælp");
  await user.click(await screen.findByLabelText("27.36.04 Personlig hjælp"));
  await user.selectOptions(screen.getByLabelText("Facet"), "G01");
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Journalisér (KLE)" }));
  await waitFor(() => expect(server.last("CaseClassify")).toMatchObject({ input: { kle: "27.36.04", facet: "G01" } }));
});

test("taking the case is one click", async () => {
  const server = office(file({ caseworker: bo }));
  server.on("StaffList", () => ({ staff: [kari, bo] }));
  server.on("CaseAssign", () => changed(file({ revision: 2 })));
  const { user } = open("/sager/sag/case-1?handling=ASSIGN");
  await user.click(await screen.findByRole("button", { name: "Tag sagen selv" }));
  await waitFor(() => expect(server.last("CaseAssign")).toMatchObject({ input: { staffId: "user-kari" } }));
});

test("a session that ends under the pen leads to the log-in and back, with the text", async () => {
  const server = office();
  server.on("CallNote", () => new Status(401, {}));
  server.on("/api/session", () => new Status(401, { municipalities: [{ code: "0190", name: "Furesø" }] }));
  server.on("/api/login", () => ({}));
  const { user } = open("/sager/sag/case-1?handling=NOTE_CALL");
  await user.type(await screen.findByLabelText("Hvad blev der sagt?"), "Vigtigt");
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Notér opkald" }));
  expect(await screen.findByText("Din session er udløbet")).toBeVisible();
  await user.type(await screen.findByLabelText("Brugernavn"), "kari");
  await user.type(screen.getByLabelText("Adgangskode"), "x");
  await user.click(screen.getByRole("button", { name: "Log ind" }));
  expect(await screen.findByLabelText("Hvad blev der sagt?")).toHaveValue("Vigtigt");
});
