import { act, screen, within } from "@testing-library/react";
import { counters, erased, row, viewer, worklist } from "../../test/fixtures";
import { connect, lose, push } from "../../test/line";
import { objections, open } from "../../test/render";
import { Status, serve } from "../../test/server";
import { endOfWeek } from "../../text/format";
import { filterOf, viewOf } from "./view";

const office = (rows = [row()]) => serve({ Viewer: () => viewer(), Counters: () => counters, Worklist: () => worklist(rows) });

test("the counters are links and the rows tell what is next", async () => {
  office();
  const { container } = open("/sager");
  expect(await screen.findByRole("link", { name: "Overskredet 1" })).toHaveAttribute("href", "/sager?kun=overskredet");
  expect(screen.getByRole("link", { name: "Åbne henvendelser 7" })).toHaveAttribute("href", "/sager/indbakke");

  const table = within(await screen.findByRole("table", { name: "Sager" }));
  expect(table.getByRole("link", { name: "S2026-00042" })).toHaveAttribute("href", "/sager/sag/case-1");
  expect(table.getByText("2 dage tilbage")).toBeVisible();
  expect(table.getByText("A••• J•••")).toBeVisible();
  expect(table.getByText("Sæt til oplyst")).toBeVisible();
  expect(document.title).toBe("Mit arbejde – Skranke");
  expect(await objections(container)).toEqual([]);
});

test("a case that waits says for whom and since when, and has no last day", async () => {
  const server = office();
  server.on("Worklist", () => worklist([row({ due: null, daysLeft: null, waitingOn: "PARTY", waitingSince: "2026-11-20" })]));
  open("/sager?kun=venter");
  expect(await screen.findByRole("link", { name: "Venter på andre 8" })).toHaveAttribute("aria-current", "page");
  const table = within(await screen.findByRole("table", { name: "Sager" }));
  expect(table.getByText(/^Venter på borgeren siden 20\. nov/)).toBeVisible();
  expect(table.queryByText("Ingen frist")).not.toBeInTheDocument();
  expect(server.last("Worklist")).toMatchObject({ filter: { waiting: true, mine: true } });
});

test("news never re-sorts the list: it waits for the reader", async () => {
  const server = office();
  const { user } = open("/sager");
  await screen.findByRole("table", { name: "Sager" });
  server.on("Worklist", () => worklist([row({ id: "case-2", number: "S2026-00043" }), row()]));
  act(() => {
    for (const position of ["1", "2", "3"]) push("WorklistChanged", { worklistChanged: { position } });
  });
  const button = await screen.findByRole("button", { name: "3 nye hændelser – vis" });
  expect(screen.queryByRole("link", { name: "S2026-00043" })).not.toBeInTheDocument();
  await user.click(button);
  await screen.findByRole("link", { name: "S2026-00043" });
  expect(screen.queryByRole("button", { name: /nye hændelser/ })).not.toBeInTheDocument();
});

test("a lost connection shows, and coming back counts as news", async () => {
  office();
  open("/sager");
  await screen.findByRole("table", { name: "Sager" });
  act(() => lose());
  expect(screen.getByText(/Forbindelsen er afbrudt/)).toBeVisible();
  act(() => connect());
  expect(screen.queryByText(/Forbindelsen er afbrudt/)).not.toBeInTheDocument();
  expect(await screen.findByRole("button", { name: "1 ny hændelse – vis" })).toBeVisible();
});

test("the filter lives in the address", async () => {
  const server = office();
  const { user } = open("/sager");
  await user.type(await screen.findByLabelText("Sagsnummer"), "S2026");
  await user.click(screen.getByRole("button", { name: "Vis" }));
  await user.selectOptions(screen.getByLabelText("Sortering"), "Nyeste først");
  expect(location.search).toBe("?nr=S2026&sortering=NEWEST");
  await screen.findByRole("link", { name: "Nulstil filter" });
  expect(server.last("Worklist")).toMatchObject({ filter: { number: "S2026" }, order: "NEWEST" });
});

test("empty and filtered-empty are two different things", async () => {
  office([]);
  const { unmount } = open("/sager");
  expect(await screen.findByText("Der er ingen sager endnu")).toBeVisible();
  unmount();
  open("/sager?kun=overskredet");
  expect(await screen.findByText("Ingen sager passer til filteret")).toBeVisible();
});

test("a fault and a missing right are two different things", async () => {
  const server = office();
  server.on("Worklist", () => new Status(500, { errors: [{ message: "Reference 7f3a" }] }));
  const { user } = open("/sager");
  expect(await screen.findByText("Det kunne ikke hentes")).toBeVisible();
  server.on("Worklist", () => new Status(200, { errors: [{ message: "nej", extensions: { code: "FORBIDDEN" } }] }));
  await user.click(screen.getByRole("button", { name: "Prøv igen" }));
  expect(await screen.findByText("Du har ikke adgang")).toBeVisible();
});

test("an erased title is a badge, never a blank", async () => {
  office([row({ title: erased })]);
  open("/sager");
  expect(await screen.findByText("slettet")).toBeVisible();
});

test("the next page is a link with the cursor", async () => {
  const server = office();
  server.on("Worklist", () => worklist([row()], "cursor-50"));
  open("/sager?kun=mine");
  expect(await screen.findByRole("link", { name: "Næste side" })).toHaveAttribute("href", "/sager?kun=mine&efter=cursor-50");
});

test("an address becomes a filter; nonsense in it does not", () => {
  const view = (search: string) => viewOf(new URLSearchParams(search));
  expect(filterOf(view("kun=i-dag"), "2026-11-18")).toEqual({ dueBy: "2026-11-18", overdue: false });
  expect(filterOf(view("kun=denne-uge&tilstand=INFORMED"), "2026-11-18")).toEqual({
    dueBy: "2026-11-22",
    overdue: false,
    phases: ["INFORMED"],
  });
  expect(filterOf(view("kun=noget&tilstand=ANDET"))).toEqual({});
  expect(endOfWeek("2026-11-22")).toBe("2026-11-22");
});
