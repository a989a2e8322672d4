import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { erased, event, kari, row, text, viewer, worklist } from "../test/fixtures";
import { objections, open } from "../test/render";
import { serve } from "../test/server";

const events = [event(0, "Sag oprettet"), event(1, "Journaliseret"), event(2, "Tildelt")].map((one) => ({
  ...one,
  correlationId: `chain-${one.revision}`,
  fields: [{ key: "note", label: "Felt", value: text(`værdi ${one.revision}`) }],
}));

function office() {
  return serve({
    Viewer: () => viewer({ roles: ["AUDITOR"] }),
    AuditCases: () => ({ auditCases: worklist([row()]).cases }),
    StaffList: () => ({ staff: [kari] }),
    CaseTimeline: () => ({ caseHistory: { id: "case-1", number: "S2026-00042", events } }),
    CaseAsOf: ({ revision }) => ({
      caseHistory: {
        id: "case-1",
        asOf: { revision, at: "2026-11-20T09:00:00Z", fields: [{ key: "phase", label: "Tilstand", value: text(`tilstand ${revision}`) }] },
      },
    }),
    CaseDiff: ({ from, to }) => ({
      caseHistory: { id: "case-1", diff: [{ key: "party", label: "Part", before: erased, after: text(`fra ${from} til ${to}`) }] },
    }),
    AccessLog: () => ({
      accessLog: {
        pageInfo: { hasNextPage: false, endCursor: null },
        edges: [
          {
            cursor: "1",
            node: {
              id: "1",
              at: "2026-11-20T09:00:00Z",
              actor: { kind: "STAFF", label: "kari", staff: kari },
              roles: ["CASEWORKER"],
              purpose: "CASE_HANDLING",
              type: "CaseViewed",
              title: "Sag åbnet",
              caseId: "case-1",
              caseNumber: "S2026-00042",
              inquiryId: null,
              attempt: null,
              code: null,
              rows: null,
            },
          },
        ],
      },
    }),
  });
}

test("a case is found by its number", async () => {
  const server = office();
  const { user } = open("/revision");
  await user.type(await screen.findByLabelText("Sagsnummer"), "S2026-00042");
  await user.click(screen.getByRole("button", { name: "Søg" }));
  expect(await screen.findByRole("link", { name: "S2026-00042" })).toHaveAttribute("href", "/revision/sag/case-1");
  expect(server.last("AuditCases")).toMatchObject({ number: "S2026-00042" });
});

test("the history opens at the newest event and moves by slider, button and link", async () => {
  office();
  const { user, container } = open("/revision/sag/case-1");
  await screen.findByRole("heading", { level: 1, name: "Historik for S2026-00042" });
  const slider = await screen.findByRole("slider", { name: "Hændelse" });
  expect(slider).toHaveAttribute("aria-valuetext", "Hændelse 3 af 3: Tildelt");
  expect(await screen.findByText("tilstand 2")).toBeVisible();

  await user.click(screen.getByRole("button", { name: "Forrige hændelse" }));
  expect(await screen.findByText("tilstand 1")).toBeVisible();
  expect(await screen.findByText("fra 0 til 1")).toBeVisible();
  expect(within(screen.getByTestId("changes")).getByText("slettet")).toBeVisible();

  fireEvent.change(slider, { target: { value: "1" } });
  expect(await screen.findByText("tilstand 0")).toBeVisible();
  expect(screen.getByText("Det er den første hændelse, så der er intet før den.")).toBeVisible();

  await user.click(screen.getByRole("link", { name: "Tildelt" }));
  expect(await screen.findByText("tilstand 2")).toBeVisible();
  expect(screen.getByRole("link", { name: "Tildelt" })).toHaveAttribute("aria-current", "step");
  expect(await objections(container)).toEqual([]);
});

test("two chosen events are compared, the older one first", async () => {
  const server = office();
  const { user } = open("/revision/sag/case-1");
  await user.selectOptions(await screen.findByLabelText("Sammenlign med"), "1. Sag oprettet");
  await waitFor(() => expect(server.last("CaseDiff")).toEqual({ id: "case-1", from: 0, to: 2 }));
});

test("the access log is filtered by person and by case number", async () => {
  const server = office();
  const { user, container } = open("/revision/adgang");
  expect(await screen.findByText("Sag åbnet")).toBeVisible();
  expect(await objections(container)).toEqual([]);
  await user.selectOptions(screen.getByLabelText("Medarbejder"), "Kari Holm (kari)");
  await waitFor(() => expect(server.last("AccessLog")).toMatchObject({ staffId: "user-kari", caseId: null }));
  await user.type(screen.getByLabelText("Sagsnummer"), "s2026-00042");
  await user.click(screen.getByRole("button", { name: "Vis" }));
  await waitFor(() => expect(server.last("AccessLog")).toMatchObject({ staffId: "user-kari", caseId: "case-1" }));
});

test("an unknown case number is refused beside its field", async () => {
  office();
  const { user } = open("/revision/adgang");
  await user.type(await screen.findByLabelText("Sagsnummer"), "S1999-1");
  await user.click(screen.getByRole("button", { name: "Vis" }));
  await waitFor(() => expect(screen.getByLabelText("Sagsnummer")).toHaveAccessibleDescription("Ingen sag har præcis det nummer."));
});
