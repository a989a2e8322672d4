// What people see when the house goes wrong: the server is killed, the session ends, the address is wrong.
import assert from "node:assert/strict";
import { answers, ask, question } from "./citizen.mjs";
import { gone, NO_CONNECTION, seen, until } from "./browser.mjs";
import { fact, factIs, fillLogIn, heading, logIn, openAct, tab } from "./staff.mjs";
import { stage } from "./stage.mjs";
import { shoot } from "./shot.mjs";

const { scene } = stage(import.meta.url);

async function openMine(page) {
  await page.goto("/sager?kun=mine");
  await page.getByRole("table").getByRole("link").first().click();
  await seen(page.getByRole("region", { name: "Handlinger" }));
}

const status = (page) => page.locator("#status");

scene("the citizen's words survive a server that dies, and are answered once it is back", async ({ visit, server }) => {
  const { page, watch } = await visit();
  watch.allow(...NO_CONNECTION);
  await page.goto("/");
  await ask(page, "Hvordan skifter jeg læge?");
  await question(page).fill("Jeg har ikke MitID og skal melde flytning i Furesø");
  await server.crash();
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await seen(status(page).getByText("Din besked kom ikke af sted. Teksten står stadig i feltet."));
  assert.equal(await question(page).inputValue(), "Jeg har ikke MitID og skal melde flytning i Furesø");
  await shoot(page, "chat-server-gone");
  // Still gone: it may be pressed as often as one likes.
  await status(page).getByRole("button", { name: "Prøv igen" }).click();
  await seen(status(page).getByRole("button", { name: "Prøv igen" }));

  await server.start();
  await status(page).getByRole("button", { name: "Prøv igen" }).click();
  await seen(page.getByRole("heading", { name: "Meld flytning i Furesø Kommune" }));
  assert.equal(await question(page).inputValue(), "");
  await page.reload();
  assert.equal(await answers(page).count(), 2, "the conversation goes on where it was");
  assert.equal(await page.locator("p.said").count(), 2, "and every message stands in it once");
});

scene("killed in the middle of an answer: a retry is answered, and stands there once", async ({ visit, server }) => {
  const { page, watch } = await visit();
  watch.allow(...NO_CONNECTION);
  await page.goto("/");
  await ask(page, "hej");
  for (const [round, text] of ["Hvordan skifter jeg læge?", "Hvordan får jeg nyt pas?", "er der åbent nu?"].entries()) {
    await question(page).fill(text);
    const sent = page.waitForRequest((request) => request.method() === "POST");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await sent;
    await server.crash();
    await server.start();
    await until(async () => (await answers(page).count()) === round + 2 || (await status(page).getByRole("button").count()) > 0, "an answer or a way to retry");
    const retry = status(page).getByRole("button", { name: "Prøv igen" });
    if ((await retry.count()) > 0) await retry.click();
    await until(async () => (await answers(page).count()) === round + 2, `an answer to ${text}`);
  }
  await page.reload();
  const said = await page.locator("p.said").allInnerTexts();
  assert.deepEqual(said.map((text) => text.trim()), ["hej", "Hvordan skifter jeg læge?", "Hvordan får jeg nyt pas?", "er der åbent nu?"]);
  assert.equal(await answers(page).count(), 4);
});

scene("a caseworker's note survives a server that dies, and is noted once", async ({ visit, server }) => {
  const { page, watch } = await visit();
  watch.allow(...NO_CONNECTION);
  await logIn(page, "kari");
  await openMine(page);
  const dialog = await openAct(page, "Notér opkald");
  const text = dialog.getByRole("textbox", { name: "Hvad blev der sagt?" });
  await text.fill("Borgeren spørger til fristen, da serveren dør.");
  await server.crash();
  await seen(page.getByText("Forbindelsen er afbrudt. Skærmen opdateres ikke af sig selv."));
  await dialog.getByRole("button", { name: "Notér opkald" }).click();
  const alert = await seen(dialog.getByRole("alert"));
  assert.match(await alert.innerText(), /Der er ingen forbindelse til serveren[\s\S]*det bliver aldrig gjort to gange/);
  assert.equal(await text.inputValue(), "Borgeren spørger til fristen, da serveren dør.");
  await shoot(page, "staff-server-gone");

  await server.start();
  await dialog.getByRole("button", { name: "Notér opkald" }).click();
  await gone(dialog);
  await tab(page, "Notater");
  await seen(page.getByText("Borgeren spørger til fristen, da serveren dør."));
  assert.equal(await page.getByText("Borgeren spørger til fristen, da serveren dør.").count(), 1);
  await gone(page.getByText("Forbindelsen er afbrudt."));
});

scene("killed in the middle of saving: the retry does it once", async ({ visit, server }) => {
  const { page, watch } = await visit();
  watch.allow(...NO_CONNECTION);
  await logIn(page, "kari");
  await openMine(page);
  const dialog = await openAct(page, "Skriv notat");
  await dialog.getByRole("textbox", { name: "Notat" }).fill("Skrevet midt i et strømsvigt.");
  const sent = page.waitForRequest((request) => (request.postData() ?? "").includes("strømsvigt"));
  await dialog.getByRole("button", { name: "Skriv notat" }).click();
  await sent;
  await server.crash();
  await server.start();
  await until(async () => !(await dialog.isVisible()) || (await dialog.getByRole("alert").count()) > 0, "done or not done");
  if (await dialog.isVisible()) await dialog.getByRole("button", { name: "Skriv notat" }).click();
  await gone(dialog);
  await page.reload();
  await tab(page, "Notater");
  await seen(page.getByText("Skrevet midt i et strømsvigt."));
  assert.equal(await page.getByText("Skrevet midt i et strømsvigt.").count(), 1);
});

scene("the live line comes back by itself, with what was missed", async ({ visit, server }) => {
  const { page: kari, watch } = await visit();
  const { page: bent, watch: bents } = await visit();
  watch.allow(...NO_CONNECTION);
  bents.allow(...NO_CONNECTION);
  await logIn(kari, "kari");
  await logIn(bent, "bent");
  await openMine(kari);
  await bent.goto(new URL(kari.url()).pathname);
  await factIs(bent, "Ansvarlig", "Kari Tænktby");
  await server.crash();
  await seen(bent.getByText(/^Forbindelsen er afbrudt/));
  await server.start();
  await gone(bent.getByText(/^Forbindelsen er afbrudt/));
  const dialog = await openAct(kari, "Frigiv");
  await dialog.getByRole("button", { name: "Frigiv" }).click();
  await gone(dialog);
  await factIs(bent, "Ansvarlig", "Ingen endnu");
  await openAct(kari, "Tildel").then((assign) => assign.getByRole("button", { name: "Tag sagen selv" }).click());
  await factIs(bent, "Ansvarlig", "Kari Tænktby");
});

scene("an expired session keeps what was typed, and leads back to it", async ({ visit }) => {
  const { page, context } = await visit();
  await logIn(page, "kari");
  await openMine(page);
  const place = await fact(page, "Part");
  const dialog = await openAct(page, "Notér opkald");
  await dialog.getByRole("textbox", { name: "Hvad blev der sagt?" }).fill("Skrevet, mens sessionen udløb.");
  // Logging out in another tab ends the session at the server.
  const other = await context.newPage();
  await other.goto("/sager");
  await other.getByRole("button", { name: "Log ud" }).click();
  await heading(other, "Log ind");
  await other.close();

  // The open line ends with the session, so this tab is told at once, before anything is sent in vain.
  await heading(page, "Log ind");
  await seen(page.getByText("Din session er udløbet"));
  await shoot(page, "staff-session-expired");
  await fillLogIn(page, "kari");
  const again = await seen(page.getByRole("dialog", { name: "Notér opkald" }));
  assert.equal(await again.getByRole("textbox", { name: "Hvad blev der sagt?" }).inputValue(), "Skrevet, mens sessionen udløb.");
  assert.equal(await fact(page, "Part"), place);
  await again.getByRole("button", { name: "Notér opkald" }).click();
  await gone(again);
});

scene("a half-written decision survives a reload, and can be thrown away", async ({ visit }) => {
  const { page } = await visit();
  await logIn(page, "kari");
  await openMine(page);
  await page.getByRole("button", { name: "Skriv udkast" }).click();
  const text = page.getByRole("textbox", { name: "Afgørelsens tekst" });
  await text.fill("Kære borger, vi har nu");
  await page.reload();
  await seen(page.getByText("Det, du skrev sidst, er hentet frem igen."));
  assert.equal(await text.inputValue(), "Kære borger, vi har nu");
  await page.getByRole("button", { name: "Kassér det" }).click();
  assert.notEqual(await text.inputValue(), "Kære borger, vi har nu");
});

scene("a wrong address says so, for citizens and for staff", async ({ visit }) => {
  const { page, watch } = await visit();
  watch.allow(/status of 404/);
  await page.goto("/findes-ikke");
  await heading(page, "Siden findes ikke");
  await shoot(page, "not-found");
  await page.getByRole("link", { name: "Gå til forsiden" }).click();
  await heading(page, "Spørg skranken");
  await logIn(page, "kari", { path: "/sager/findes-ikke" });
  await heading(page, "Siden findes ikke");
  await page.getByRole("link", { name: "Til forsiden" }).click();
  await heading(page, "Mit arbejde");
  await page.goto("/sager/sag/00000000-0000-0000-0000-000000000000");
  await seen(page.getByText("Ikke fundet"));
  await shoot(page, "staff-not-found");
});

scene("a page that is not meant to be posted to speaks the reader's language", async ({ visit }) => {
  const { context } = await visit();
  const response = await context.request.post("/findes-ikke-post", { headers: { accept: "text/html" } });
  assert.equal(response.status(), 404);
  const wrongWay = await context.request.get("/samtale", { headers: { accept: "text/html" } });
  assert.equal(wrongWay.status(), 405);
  assert.doesNotMatch(await wrongWay.text(), /is not allowed here/, "English on a Danish page");
});
