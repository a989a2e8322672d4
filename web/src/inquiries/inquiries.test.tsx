import { screen, waitFor, within } from "@testing-library/react";
import { changed, conflict, file, inquiry, viewer } from "../test/fixtures";
import { objections, open } from "../test/render";
import { serve } from "../test/server";

const office = (first = inquiry()) => serve({ Viewer: () => viewer(), InquiryById: () => ({ inquiry: first }), CaseById: () => ({ case: file() }) });

const inbox = (open: boolean) => ({
  inquiries: {
    totalCount: 1,
    pageInfo: { hasNextPage: false, endCursor: null },
    edges: [{ cursor: "1", node: { ...inquiry(), open } }],
  },
});

test("the inbox shows the open ones first, and others on request", async () => {
  const server = serve({ Viewer: () => viewer(), Inbox: () => inbox(true) });
  const { user, container } = open("/sager/indbakke");
  const table = within(await screen.findByRole("table", { name: "Henvendelser" }));
  expect(table.getByRole("link", { name: "H-7K2M" })).toHaveAttribute("href", "/sager/henvendelse/inq-1");
  expect(server.last("Inbox")).toMatchObject({ open: true });
  expect(await objections(container)).toEqual([]);
  await user.click(screen.getByRole("link", { name: "Alle" }));
  await waitFor(() => expect(server.last("Inbox")).toMatchObject({ open: null }));
});

test("an inquiry shows contact, message and conversation", async () => {
  office();
  const { container } = open("/sager/henvendelse/inq-1");
  await screen.findByRole("heading", { level: 1, name: "Henvendelse H-7K2M" });
  expect(await screen.findByRole("link", { name: "12 34 56 78" })).toHaveAttribute("href", "tel:12345678");
  expect(screen.getByText("Jeg kan ikke logge på.")).toBeVisible();
  expect(screen.getByText("om formiddagen")).toBeVisible();
  expect(screen.getByText("Mød op i borgerservice.")).toBeVisible();
  expect(await objections(container)).toEqual([]);
});

test("a case is opened with the topic and the name filled in, and shown", async () => {
  const server = office();
  server.on("CaseOpen", () => changed(file()));
  const { user } = open("/sager/henvendelse/inq-1");
  await user.click(await screen.findByRole("button", { name: "Opret sag" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Opret sag" }));
  expect(dialog.getByLabelText("Sagens titel")).toHaveValue("MitID");
  expect(dialog.getByLabelText(/Partens navn/)).toHaveValue("Anna Jensen");
  await user.click(dialog.getByRole("button", { name: "Opret sag" }));
  await screen.findByRole("heading", { level: 1, name: /S2026-00042/ });
  expect(server.last("CaseOpen")).toMatchObject({
    input: { inquiryId: "inq-1", title: "MitID", party: "Anna Jensen", received: "2026-11-02", channel: "WEB", topic: "mitid" },
  });
});

test("an inquiry that became a case offers no second one, not even by its address", async () => {
  office(inquiry({ caseId: "case-1" }));
  open("/sager/henvendelse/inq-1?handling=opret-sag");
  await screen.findByRole("link", { name: "Gå til sagen" });
  expect(screen.queryByRole("button", { name: "Opret sag" })).not.toBeInTheDocument();
  expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Giv vejledning" })).toBeVisible();
});

test("guidance is noted on the inquiry", async () => {
  const server = office();
  server.on("InquiryGuide", () => ({ result: { __typename: "InquiryChanged", position: "2", caughtUp: true, inquiry: inquiry() } }));
  const { user } = open("/sager/henvendelse/inq-1?handling=vejled");
  await user.type(await screen.findByLabelText("Hvilken vejledning er givet?"), "Mød op.");
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Giv vejledning" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  expect(server.last("InquiryGuide")).toMatchObject({ input: { inquiryId: "inq-1", text: "Mød op." } });
});

test("an inquiry that somebody else has just closed offers to be loaded again", async () => {
  const server = office();
  server.on("InquiryClose", () => conflict);
  const { user } = open("/sager/henvendelse/inq-1?handling=afslut");
  await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Afslut henvendelse" }));
  server.on("InquiryById", () => ({ inquiry: inquiry({ open: false }) }));
  await user.click(await screen.findByRole("button", { name: "Hent sagen igen" }));
  expect(await screen.findByText("Henvendelsen er afsluttet.")).toBeInTheDocument();
});

test("a closed inquiry offers no acts, but the way to its case", async () => {
  office(inquiry({ open: false, caseId: "case-1" }));
  open("/sager/henvendelse/inq-1");
  expect(await screen.findByRole("link", { name: "Gå til sagen" })).toHaveAttribute("href", "/sager/sag/case-1");
  expect(screen.queryByRole("button", { name: "Opret sag" })).not.toBeInTheDocument();
});
