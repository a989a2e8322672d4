// axe on every page and in every state, in the real browser; and text that is large enough to read.
import assert from "node:assert/strict";
import { answers, ask, askToBeCalled } from "./citizen.mjs";
import { assertAccessible } from "./axe.mjs";
import { gone, NO_CONNECTION, seen, until } from "./browser.mjs";
import { fillLogIn, heading, logIn, openAct, tab } from "./staff.mjs";
import { stage } from "./stage.mjs";
import { shoot } from "./shot.mjs";

const { scene } = stage(import.meta.url);
/** Below this nobody over fifty reads without glasses. */
const SMALLEST_PX = 12;

/** Both checks on the page as it is now. */
async function check(page, where, t) {
  await assertAccessible(page, where, t);
  const small = await page.evaluate((least) => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const holder = text.parentElement;
      if (!text.data.trim() || !holder.checkVisibility()) continue;
      const size = Number.parseFloat(getComputedStyle(holder).fontSize);
      if (size < least) found.push(`${size} px: ${text.data.trim().slice(0, 60)}`);
    }
    return found;
  }, SMALLEST_PX);
  assert.deepEqual(small, [], `small print on ${where}`);
}

const actions = (page) => page.getByRole("region", { name: "Handlinger" });

scene("the counter: empty, an answer, the choices, danger, other languages", async ({ t, visit }) => {
  const { page } = await visit();
  await page.goto("/");
  await check(page, "/", t);
  await page.getByText("Hvad gemmer vi?").click();
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await check(page, "an empty message", t);
  await ask(page, "Hvordan får jeg et nyt sundhedskort?");
  await ask(page, "hvordan bager jeg en kage?");
  await ask(page, "jeg har ikke NemID");
  await ask(page, "mit cpr er 300201-1234, hvordan får jeg nyt pas?");
  await ask(page, "min mand slår mig");
  await ask(page, "Guten Tag, ich möchte meinen Umzug melden");
  await ask(page, "مرحبا كيف أغير عنواني");
  await check(page, "a conversation", t);
  await shoot(page, "chat-languages");
});

scene("the counter: the card", async ({ t, visit }) => {
  const { page } = await visit();
  await page.goto("/");
  await ask(page, "Jeg har ikke NemID og skal melde flytning i Furesø");
  await check(page, "a card", t);
});

scene("the counter in English", async ({ t, visit }) => {
  const { page } = await visit();
  await page.goto("/?lang=en");
  await ask(page, "I don't have MitID and want to change doctor in Furesø");
  await check(page, "/?lang=en", t);
});

scene("the forms: empty, with errors, the receipt; and a page that does not exist", async ({ t, visit }) => {
  const { page, watch } = await visit();
  watch.allow(/status of (404|422)/);
  for (const [path, send] of [["/opkald", "Bed om at blive ringet op"], ["/henvendelse", "Send henvendelsen"]]) {
    await page.goto(path);
    await check(page, path, t);
    await page.getByRole("button", { name: send }).click();
    await seen(page.getByRole("alert"));
    await check(page, `${path} with errors`, t);
  }
  await askToBeCalled(page, { name: "Liva Påfund", phone: "00 00 12 37", municipality: "Furesø" });
  await check(page, "the receipt", t);
  await page.goto("/findes-ikke");
  await check(page, "404", t);
});

scene("the counter without JavaScript, and with the server gone", async ({ t, visit, server }) => {
  // axe itself needs JavaScript: the page's own script is kept from the page instead.
  const { page } = await visit();
  await page.route("**/assets/chat.js", (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
  await page.goto("/");
  await page.getByRole("button", { name: "Hvordan skifter jeg læge?" }).click();
  await page.waitForURL(/#seneste$/);
  await seen(answers(page));
  await check(page, "/ without JavaScript", t);
  const { page: lonely, watch } = await visit();
  watch.allow(...NO_CONNECTION);
  await lonely.goto("/");
  await lonely.getByRole("textbox").fill("hej");
  await server.crash();
  await lonely.getByRole("button", { name: "Send", exact: true }).click();
  await seen(lonely.getByRole("button", { name: "Prøv igen" }));
  await check(lonely, "/ with the server gone", t);
  await server.start();
});

scene("the log-in: as it comes, empty, wrong, expired, in English", async ({ t, visit }) => {
  const { page, watch } = await visit();
  watch.allow(/status of 401 .*\/api\/login$/);
  await page.goto("/sager");
  await heading(page, "Log ind");
  await seen(page.getByRole("combobox", { name: "Kommune" }));
  await check(page, "the log-in", t);
  await shoot(page, "staff-log-in");
  await page.getByRole("button", { name: "Log ind", exact: true }).click();
  await seen(page.getByRole("alert"));
  await check(page, "the empty log-in", t);
  await shoot(page, "staff-log-in-empty");
  await fillLogIn(page, "kari", "Furesø", "forkert");
  await seen(page.getByText("Du blev ikke logget ind"));
  await check(page, "the wrong log-in", t);
  await page.goto("/log-ind?udloebet=1");
  await seen(page.getByText("Din session er udløbet"));
  await check(page, "the expired session", t);
  await page.getByRole("button", { name: "English" }).click();
  await seen(page.getByRole("combobox", { name: "Municipality" }));
  await check(page, "the log-in in English", t);
});

scene("the worklist and the inbox: full, filtered, empty", async ({ t, visit }) => {
  const { page } = await visit();
  await logIn(page, "kari");
  for (const [path, sign] of [
    ["/sager", page.getByRole("table")],
    ["/sager?nr=X", page.getByText("Ingen sager passer til filteret")],
    ["/sager/indbakke", page.getByRole("table")],
    ["/sager/indbakke?vis=alle", page.getByRole("table")],
    ["/sager/findes-ikke", page.getByRole("heading", { name: "Siden findes ikke" })],
    ["/sager/sag/00000000-0000-0000-0000-000000000000", page.getByText("Ikke fundet")],
    ["/revision", page.getByRole("heading", { name: "Du har ikke adgang" })],
  ]) {
    await page.goto(path);
    await seen(sign);
    await check(page, path, t);
  }
});

scene("an inquiry and its dialogs", async ({ t, visit }) => {
  const { page } = await visit();
  const reference = await askToBeCalled(page, { name: "Frida Modelby", phone: "00 00 12 38", municipality: "Furesø", message: "Ring venligst." });
  await logIn(page, "kari", { path: "/sager/indbakke" });
  await page.getByRole("link", { name: reference }).click();
  await seen(actions(page));
  await check(page, "an inquiry", t);
  for (const name of ["Opret sag", "Giv vejledning", "Afslut henvendelse"]) {
    const dialog = await openAct(page, name);
    await check(page, `an inquiry, ${name}`, t);
    await page.keyboard.press("Escape");
    await gone(dialog);
  }
});

scene("a case: every part, every dialog that is open to its caseworker, a refusal, the draft", async ({ t, visit }) => {
  const { page } = await visit();
  await logIn(page, "kari", { path: "/sager?kun=mine" });
  await page.getByRole("table").getByRole("link").first().click();
  await seen(actions(page));
  await page.getByText("Hvorfor denne frist?").click();
  await page.getByText(/^Kan ikke gøres nu/).click();
  await check(page, "a case", t);
  for (const name of ["Notater", "Høring", "Afgørelse", "Tidslinje"]) {
    await tab(page, name);
    await seen(page.getByRole("heading", { name, level: 2 }));
    await check(page, `a case, ${name}`, t);
  }
  const names = (await actions(page).getByRole("button").allInnerTexts()).filter((name) => name !== "Skriv udkast");
  assert.ok(names.length >= 5, names.join());
  for (const name of names) {
    const dialog = await openAct(page, name);
    await check(page, `a case, ${name}`, t);
    if (name === "Notér opkald") {
      await dialog.getByRole("button", { name, exact: true }).click();
      await seen(dialog.getByRole("alert"));
      await check(page, "a refusal", t);
    }
    if (name === "Journalisér (KLE)") {
      await dialog.getByRole("searchbox").fill("32");
      await seen(dialog.getByRole("radio"));
      await until(async () => (await dialog.getByRole("radio").count()) > 1, "what the search finds");
      await check(page, "the KLE search", t);
      await shoot(page, "staff-kle-search");
    }
    await dialog.getByRole("button", { name: "Annullér" }).click();
    await gone(dialog);
  }
  await page.goto(`${new URL(page.url()).pathname}?vis=afgoerelse&handling=DRAFT_DECISION`);
  await seen(page.getByRole("textbox", { name: "Afgørelsens tekst" }));
  await check(page, "the draft", t);
});

scene("the audit: the cases, a history, the access log", async ({ t, visit }) => {
  const { page } = await visit();
  await logIn(page, "rita", { path: "/revision" });
  await seen(page.getByRole("table"));
  await check(page, "/revision", t);
  await page.getByRole("table").getByRole("link").first().click();
  await seen(page.getByTestId("as-of").getByRole("table"));
  await check(page, "a history", t);
  await page.getByRole("button", { name: "English" }).click();
  await heading(page, /History|history/);
  await seen(page.getByTestId("as-of").getByRole("table"));
  await check(page, "a history in English", t);
  await page.goto("/revision/adgang");
  await seen(page.getByRole("table"));
  await check(page, "/revision/adgang", t);
});
