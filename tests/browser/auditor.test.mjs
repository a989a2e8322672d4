// The auditor's path at `/revision`.
import assert from "node:assert/strict";
import { seen, until } from "./browser.mjs";
import { act, fact, heading, logIn } from "./staff.mjs";
import { stage } from "./stage.mjs";
import { shoot } from "./shot.mjs";

const { scene } = stage(import.meta.url);

const events = (page) => page.getByRole("navigation", { name: "Hændelser" }).getByRole("listitem");
const slider = (page) => page.getByRole("slider", { name: "Hændelse" });
const asOf = (page) => page.getByTestId("as-of");
const changes = (page) => page.getByTestId("changes");

/** The state's fields as they stand: label to value. */
async function state(page) {
  const rows = asOf(page).getByRole("row");
  return Object.fromEntries(await rows.evaluateAll((all) => all.slice(1).map((row) => [row.cells[0].innerText.trim(), row.cells[1].innerText.trim()])));
}

async function settled(page) {
  await until(async () => (await page.locator("[aria-busy=true]").count()) === 0, "the screen has settled");
}

/** Opens the case that has come furthest. */
async function openHistory(page) {
  await logIn(page, "rita", { path: "/revision" });
  await heading(page, "Revision");
  const row = page.getByRole("table").getByRole("row").filter({ hasText: /Afgjort|Afsluttet/ }).first();
  const number = await row.getByRole("link").innerText();
  await row.getByRole("link").click();
  await heading(page, `Historik for ${number}`);
  await seen(asOf(page).getByRole("table"));
  return number;
}

scene("a case is found by its number, and a wrong number says so", async ({ visit }) => {
  const { page } = await visit();
  await logIn(page, "rita", { path: "/revision" });
  await seen(page.getByRole("table", { name: "Fundne sager" }));
  await shoot(page, "audit-cases");
  const number = await page.getByRole("table").getByRole("link").first().innerText();
  await page.getByRole("searchbox", { name: "Sagsnummer" }).fill(number);
  await page.getByRole("button", { name: "Søg" }).click();
  await seen(page.getByText("1 sag", { exact: true }));
  await page.getByRole("searchbox", { name: "Sagsnummer" }).fill("X");
  await page.getByRole("button", { name: "Søg" }).click();
  await seen(page.getByText("Ingen sag har det nummer"));
});

scene("every event has a time, an actor and a place for its reason", async ({ visit }) => {
  const { page } = await visit();
  await openHistory(page);
  const count = await events(page).count();
  assert.ok(count >= 8, `${count} events`);
  await shoot(page, "audit-case");
  // The list may scroll, but not past the event that is shown.
  const outOfSight = await page.locator("[aria-current=step]").evaluate((link) => {
    const box = link.getBoundingClientRect();
    for (let around = link.parentElement; around; around = around.parentElement) {
      const frame = around.getBoundingClientRect();
      if (getComputedStyle(around).overflowY !== "visible" && (box.top >= frame.bottom || box.bottom <= frame.top)) return true;
    }
    return false;
  });
  assert.equal(outOfSight, false, "the current event is scrolled out of its list");
  let reasons = 0;
  for (let at = 0; at < count; at += 1) {
    const event = events(page).nth(at);
    const title = await event.getByRole("link").innerText();
    assert.match(await event.locator("time").getAttribute("datetime"), /^\d{4}-\d\d-\d\dT/);
    await event.getByRole("link").click();
    await seen(page.getByRole("heading", { name: title, level: 2 }));
    // What follows from the calendar is noted by the system, which states no purpose.
    const actor = await fact(page, "Aktør");
    assert.match(actor, /^(\p{L}+ \p{L}+ \(Medarbejder\)|systemet \(System\))$/u);
    assert.match(await fact(page, "Tidspunkt"), /\d{4}/);
    if (!actor.startsWith("systemet")) assert.match(await fact(page, "Formål"), /Sagsbehandling/);
    if ((await fact(page, "Begrundelse")) !== "–") reasons += 1;
  }
  assert.ok(reasons > 0, "the waiver of the hearing gives its reason");
});

scene("the slider moves by keyboard through states, and the address keeps the place", async ({ visit }) => {
  const { page } = await visit();
  await openHistory(page);
  const count = await events(page).count();
  await slider(page).focus();
  assert.match(await slider(page).getAttribute("aria-valuetext"), new RegExp(`^Hændelse ${count} af ${count}: `));
  await page.keyboard.press("Home");
  await until(async () => /^Hændelse 1 af/.test(await slider(page).getAttribute("aria-valuetext")), "the first event");
  await page.waitForURL(/ved=0/);
  await seen(page.getByText("Det er den første hændelse, så der er intet før den."));
  await until(async () => (await state(page))["Tilstand"] === "Registreret", "the state at the beginning");
  assert.equal((await state(page))["Sagsbehandler"] ?? "–", "–", "nobody has the case yet");
  await shoot(page, "audit-first-event");

  // Step by step to the assignment: the difference names the caseworker.
  for (let step = 0; step < count; step += 1) {
    if (/Tildelt/.test(await slider(page).getAttribute("aria-valuetext"))) break;
    const before = await slider(page).inputValue();
    await page.keyboard.press("ArrowRight");
    await until(async () => (await slider(page).inputValue()) !== before, "the next event");
  }
  await seen(changes(page).getByRole("row").filter({ hasText: "Sagsbehandler" }));
  assert.match(await changes(page).getByRole("row").filter({ hasText: "Sagsbehandler" }).innerText(), /Kari Tænktby|Bent Opdigtet/);
  await until(async () => /Kari|Bent/.test((await state(page))["Sagsbehandler"] ?? ""), "the caseworker in the state");

  // The buttons do the same, and stop at the ends.
  await page.getByRole("button", { name: "Forrige hændelse" }).click();
  await page.getByRole("button", { name: "Næste hændelse" }).click();
  await page.keyboard.press("Shift+Tab");
  await slider(page).focus();
  await page.keyboard.press("End");
  await until(async () => (await slider(page).inputValue()) === String(count), "the last event");
  await until(async () => /Afgjort|Afsluttet/.test((await state(page))["Tilstand"]), "the state at the end");

  await page.keyboard.press("ArrowLeft");
  const place = await slider(page).inputValue();
  await page.reload();
  await seen(asOf(page).getByRole("table"));
  assert.equal(await slider(page).inputValue(), place, "a reload keeps the place");
});

scene("any two events can be compared", async ({ visit }) => {
  const { page } = await visit();
  await openHistory(page);
  await changes(page).getByRole("combobox", { name: "Sammenlign med" }).selectOption({ index: 1 });
  await page.waitForURL(/mod=0/);
  await seen(changes(page).getByRole("row").filter({ hasText: "Tilstand" }).filter({ hasText: "Registreret" }));
  await settled(page);
  const rows = await changes(page).getByRole("row").count();
  assert.ok(rows > 5, `${rows} rows of difference between the first and the last event`);
  await shoot(page, "audit-compare");
});

scene("nothing on the screen is the program's own language", async ({ visit }) => {
  const { page } = await visit();
  await openHistory(page);
  for (let at = 0; at < (await events(page).count()); at += 1) {
    await events(page).nth(at).getByRole("link").click();
    await settled(page);
    const cells = await page.getByRole("main").locator("th, td, dt").allInnerTexts();
    const odd = cells.filter((cell) => /^[a-z]+[A-Z]\w*$|^(true|false|null)$|^[A-Z]+_[A-Z_]+$/.test(cell.trim()));
    assert.deepEqual(odd, [], await slider(page).getAttribute("aria-valuetext"));
  }
});

scene("the look-ups are there: who, what, when, why; also the auditor's own", async ({ visit }) => {
  const { page: kari } = await visit();
  await logIn(kari, "kari", { path: "/sager?kun=mine" });
  await kari.getByRole("table").getByRole("link").first().click();
  const number = (await (await heading(kari, /^S\d{4}-/)).innerText()).split(" ")[0];
  await act(kari, "Notér opkald", async (dialog) => {
    await dialog.getByRole("textbox", { name: "Hvad blev der sagt?" }).fill("Borgeren ringede om fristen.");
  });

  const { page } = await visit();
  await logIn(page, "rita", { path: "/revision" });
  await page.getByRole("navigation", { name: "Hovedmenu" }).getByRole("link", { name: "Adgangslog" }).click();
  await heading(page, "Adgangslog");
  const table = await seen(page.getByRole("table", { name: "Opslag" }));
  const row = table.getByRole("row").filter({ hasText: number }).filter({ hasText: "Kari Tænktby" }).first();
  await seen(row);
  assert.match(await row.innerText(), /Sagsbehandling[\s\S]*Sagsbehandler/);
  await shoot(page, "audit-access");

  await page.getByRole("textbox", { name: "Sagsnummer" }).fill(number);
  await page.getByRole("button", { name: "Vis", exact: true }).click();
  await page.waitForURL(/sag=/);
  await until(async () => (await table.getByRole("row").allInnerTexts()).slice(1).every((text) => text.includes(number)), "only this case");
  await seen(row);
  await page.getByRole("link", { name: "Nulstil filter" }).click();
  await page.getByRole("combobox", { name: "Medarbejder" }).selectOption({ label: "Rita Prøvestrup (rita)" });
  await page.waitForURL(/medarbejder=/);
  await settled(page);
  await until(async () => (await table.getByRole("row").filter({ hasText: "Kari Tænktby" }).count()) === 0, "only Rita's");
  await seen(table.getByRole("row").filter({ hasText: "Rita Prøvestrup" }));
  await page.getByRole("textbox", { name: "Sagsnummer" }).fill("S1999-99999");
  await page.getByRole("button", { name: "Vis", exact: true }).click();
  await seen(page.getByText("Ingen sag har præcis det nummer."));
});

scene("an auditor changes nothing: no worklist, no acts", async ({ visit }) => {
  const { page } = await visit();
  await logIn(page, "rita");
  await heading(page, "Revision");
  assert.equal(new URL(page.url()).pathname, "/revision");
  await page.goto("/sager/indbakke");
  await heading(page, "Du har ikke adgang");
  await shoot(page, "audit-no-access");
  // What the screen says about the log shall be true.
  if (/noteret/.test(await page.getByRole("main").innerText())) {
    await page.goto("/revision/adgang");
    await seen(page.getByRole("table", { name: "Opslag" }).getByRole("row").filter({ hasText: "Afvist" }));
  }
});
