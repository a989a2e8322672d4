// The citizen's path without JavaScript: plain forms that post and reload.
import assert from "node:assert/strict";
import { answers, cardLines, question, reference } from "./citizen.mjs";
import { seen, until } from "./browser.mjs";
import { stage } from "./stage.mjs";

// The limit is reached at the end, on purpose.
const { scene } = stage(import.meta.url, { SKRANKE_LIMITS_BURST: "60", SKRANKE_LIMITS_REFILL_MILLIS: "10000" });
const PLAIN = { script: false };

/** Sends the form, waits for the page that comes back, and answers the newest reply. */
async function post(page, text) {
  await question(page).fill(text);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.waitForURL(/#seneste$/);
  return seen(answers(page).last());
}

scene("a question, its answer, and the conversation goes on", async ({ visit }) => {
  const { page } = await visit(PLAIN);
  await page.goto("/");
  assert.match(await (await post(page, "Hvordan får jeg et nyt sundhedskort?")).innerText(), /Næste skridt:/);
  assert.equal(await question(page).inputValue(), "");
  await post(page, "er der åbent nu?");
  assert.equal(await answers(page).count(), 2);
});

scene("without NemID, step by step, with buttons that post", async ({ visit }) => {
  const { page } = await visit(PLAIN);
  await page.goto("/");
  await post(page, "jeg har ikke NemID");
  await page.getByRole("button", { name: "Meld flytning", exact: true }).click();
  await seen(page.getByText(/Hvilken kommune bor du i/));
  const lines = await cardLines(await post(page, "Furesø"));
  assert.match(lines["Gå først til"], /Furesø/);
  assert.match(await page.getByRole("link", { name: "Gå til selvbetjeningen" }).getAttribute("href"), /kommunekode=190$/);
});

scene("an example, a rating, the end", async ({ visit }) => {
  const { page } = await visit(PLAIN);
  await page.goto("/");
  await page.getByRole("button", { name: "Hvordan skifter jeg læge?" }).click();
  await seen(answers(page));
  await page.getByRole("button", { name: "Nej", exact: true }).click();
  await seen(page.getByText("Tak for dit svar."));
  await page.getByRole("button", { name: "Slut og slet samtalen" }).click();
  await seen(page.getByText("Samtalen er slettet."));
  assert.equal(await answers(page).count(), 0);
});

scene("an empty message comes back with its error at the field", async ({ visit }) => {
  const { page } = await visit(PLAIN);
  await page.goto("/");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await seen(page.getByText("Skriv dit spørgsmål, før du sender."));
});

scene("a CPR number is removed, and going back and forth shows it nowhere", async ({ visit }) => {
  const { page } = await visit(PLAIN);
  await page.goto("/");
  await post(page, "mit cpr er 300201-1234, hvordan får jeg nyt pas?");
  assert.ok(!(await page.getByRole("main").innerText()).includes("1234"));
});

scene("English stays English from page to page", async ({ visit }) => {
  const { page } = await visit(PLAIN);
  await page.goto("/");
  await page.getByRole("link", { name: "English" }).click();
  await question(page).fill("How do I change doctor?");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.waitForURL(/lang=en#seneste$/);
  assert.match(await answers(page).last().innerText(), /Next step:/);
  await page.getByRole("link", { name: "Ask to be called" }).first().click();
  await seen(page.getByRole("heading", { name: /call/i, level: 1 }));
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
});

scene("a call-back: what was typed comes back with the errors, then a reference", async ({ visit, server }) => {
  const { page, watch } = await visit(PLAIN);
  watch.allow(/status of 422 .*\/opkald$/);
  await page.goto(`${server.base}/opkald?kommunekode=0190`);
  const send = page.getByRole("button", { name: "Bed om at blive ringet op" });
  await page.getByRole("textbox", { name: /^Dit navn/ }).fill("Clara Fiktivsen");
  await send.click();
  await seen(page.getByRole("link", { name: /telefonnummer/i }));
  assert.equal(await page.getByRole("textbox", { name: /^Dit navn/ }).inputValue(), "Clara Fiktivsen");
  assert.match(await page.title(), /^Der er noget, du skal rette/);
  await page.getByRole("textbox", { name: /^Telefonnummer/ }).fill("00 00 12 36");
  await send.click();
  await reference(page);
});

scene("somebody who sends too much reads a page, not a program's answer", async ({ visit }) => {
  const { context, page, watch } = await visit(PLAIN);
  watch.allow(/status of 429/);
  const send = () => context.request.post("/samtale", { form: { text: "hej", message: "1" }, maxRedirects: 0 });
  let response;
  // On a slow machine one more message may be allowed by the time that the button is pressed: then the
  // page has moved on, so each try fills the form anew and presses at once when the limit is met.
  await until(async () => {
    await page.goto("/");
    await question(page).fill("hej");
    await until(async () => (await send()).status() === 429, "the limit");
    const answered = page.waitForResponse((response) => response.request().method() === "POST");
    await Promise.all([answered, page.getByRole("button", { name: "Send", exact: true }).click()]);
    response = await answered;
    return response.status() === 429;
  }, "the limit, on the page");
  assert.match(response.headers()["content-type"], /text\/html/);
});
