import { screen } from "@testing-library/react";
import { viewer } from "../test/fixtures";
import { open } from "../test/render";
import { Status, serve } from "../test/server";

const found = { auditCases: { totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null }, edges: [] } };

test("somebody who only audits lands on the audit", async () => {
  serve({ Viewer: () => viewer({ roles: ["AUDITOR"] }), AuditCases: () => found });
  open("/sager");
  await screen.findByRole("heading", { name: "Revision", level: 1 });
  expect(location.pathname).toBe("/revision");
});

test("a caseworker has no access to the audit, and is not shown the way", async () => {
  serve({ Viewer: () => viewer() });
  open("/revision");
  await screen.findByRole("heading", { name: "Du har ikke adgang" });
  expect(screen.queryByRole("link", { name: "Adgangslog" })).not.toBeInTheDocument();
});

test("logging out forgets what was typed", async () => {
  const server = serve({
    Viewer: () => viewer(),
    "/api/logout": () => ({}),
    "/api/session": () => new Status(401, {}),
  });
  sessionStorage.setItem("skranke.draft.user-kari.case-1.NOTE_CALL", "{}");
  const { user } = open("/revision");
  await user.click(await screen.findByRole("button", { name: "Log ud" }));
  await screen.findByRole("heading", { name: "Log ind" });
  expect(server.times("/api/logout")).toBe(1);
  expect(sessionStorage).toHaveLength(0);
});

test("an unknown address says so", async () => {
  serve({ Viewer: () => viewer() });
  open("/sager/findes-ikke");
  await screen.findByRole("heading", { name: "Siden findes ikke" });
});
