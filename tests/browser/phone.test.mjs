// 320 px wide: every page can be read without scrolling sideways (WCAG 2.2, 1.4.10).
import assert from "node:assert/strict";
import { ask } from "./citizen.mjs";
import { NARROW, seen, sideways } from "./browser.mjs";
import { act, fillLogIn, heading, logIn, openAct, tab } from "./staff.mjs";
import { stage } from "./stage.mjs";

const { scene } = stage(import.meta.url);
const SMALL = { viewport: NARROW, touch: true };

async function fits(page, where) {
  assert.deepEqual(await sideways(page), [], `${where} sticks out`);
}

scene("the counter: empty, with a card, with long words", async ({ visit }) => {
  const { page } = await visit(SMALL);
  await page.goto("/");
  await fits(page, "/");
  await ask(page, "Jeg har ikke NemID og skal melde flytning i Furesø");
  await fits(page, "a card");
  await ask(page, "x".repeat(300));
  await fits(page, "a long word");
  await ask(page, "hvordan bager jeg en kage?");
  await fits(page, "the choices");
});

scene("the forms, with errors", async ({ visit }) => {
  const { page, watch } = await visit(SMALL);
  watch.allow(/status of 422/);
  for (const [path, send] of [["/opkald", "Bed om at blive ringet op"], ["/henvendelse", "Send henvendelsen"]]) {
    await page.goto(path);
    await fits(page, path);
    await page.getByRole("button", { name: send }).click();
    await seen(page.getByRole("alert"));
    await fits(page, `${path} with errors`);
  }
});

scene("text twice as large still fits a phone", async ({ visit }) => {
  const { page } = await visit({ viewport: { width: 640, height: 900 } });
  await page.goto("/");
  await ask(page, "Jeg har ikke NemID og skal melde flytning i Furesø");
  await page.evaluate(() => {
    document.documentElement.style.fontSize = "125%";
  });
  await fits(page, "the counter at 200 %");
});

scene("the caseworker's list, inbox, inquiry and case", async ({ visit }) => {
  const { page } = await visit(SMALL);
  await page.goto("/sager");
  await heading(page, "Log ind");
  await fits(page, "the log-in");
  await fillLogIn(page, "kari");
  await heading(page, "Mit arbejde");
  await seen(page.getByRole("table", { name: "Sager" }));
  await fits(page, "/sager");
  await page.getByRole("navigation", { name: "Hovedmenu" }).getByRole("link", { name: "Indbakke" }).click();
  await seen(page.getByRole("table", { name: "Henvendelser" }));
  await fits(page, "the inbox");
  await page.getByRole("table").getByRole("link").first().click();
  await seen(page.getByRole("heading", { name: "Samtalen med chatten" }));
  await fits(page, "an inquiry");
  await page.goto("/sager?kun=mine");
  await page.getByRole("table").getByRole("link").first().click();
  await seen(page.getByRole("region", { name: "Handlinger" }));
  await page.getByText("Hvorfor denne frist?").click();
  await page.getByText(/^Kan ikke gøres nu/).click();
  await fits(page, "a case");
  for (const name of ["Notater", "Høring", "Afgørelse", "Tidslinje"]) {
    await tab(page, name);
    await seen(page.getByRole("heading", { name, level: 2 }));
    await fits(page, `a case, ${name}`);
  }
  await openAct(page, "Notér opkald");
  await fits(page, "a dialog");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Skriv udkast" }).click();
  await seen(page.getByRole("textbox", { name: "Afgørelsens tekst" }));
  await fits(page, "the draft");
});

scene("the auditor's screens", async ({ visit }) => {
  const { page } = await visit(SMALL);
  await logIn(page, "rita", { path: "/revision" });
  await seen(page.getByRole("table"));
  await fits(page, "/revision");
  await page.getByRole("table").getByRole("link").first().click();
  await seen(page.getByRole("slider"));
  await seen(page.getByRole("heading", { name: /^Sagen, som den var/ }));
  await fits(page, "a case's history");
  await page.goto("/revision/adgang");
  await seen(page.getByRole("table"));
  await fits(page, "/revision/adgang");
});

scene("a call is noted on a phone", async ({ visit }) => {
  const { page } = await visit(SMALL);
  await logIn(page, "kari", { path: "/sager?kun=mine" });
  await page.getByRole("table").getByRole("link").first().click();
  await act(page, "Notér opkald", async (dialog) => {
    await dialog.getByRole("radio", { name: "Vi ringede" }).check();
    await dialog.getByRole("textbox", { name: "Hvad blev der sagt?" }).fill("Aftalt tid på torsdag.");
  });
  await tab(page, "Notater");
  await seen(page.getByText("Aftalt tid på torsdag."));
});
