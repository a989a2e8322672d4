// The caseworker's path at `/sager`: Kari has the case, Bent is the colleague who looks on and approves.
import assert from "node:assert/strict";
import { ask, askToBeCalled } from "./citizen.mjs";
import { gone, seen, until } from "./browser.mjs";
import { act, classify, fact, factIs, fillLogIn, heading, logIn, openAct, openCaseFrom, tab, take } from "./staff.mjs";
import { stage } from "./stage.mjs";
import { shoot } from "./shot.mjs";

const { scene } = stage(import.meta.url);

const NEWS = /nye? hændelser? – vis/;
const actions = (page) => page.getByRole("region", { name: "Handlinger" });
const missing = (page) => page.getByRole("region", { name: "Hvad mangler før en afgørelse" });

/** A citizen who asked the counter first and then left an inquiry; answers its reference. */
async function citizen(visit, name) {
  const { page } = await visit();
  await page.goto("/");
  await ask(page, "Hvordan søger jeg boligstøtte?");
  return askToBeCalled(page, { name, phone: "00 00 45 67", municipality: "Furesø", message: "Jeg kan ikke bruge selvbetjeningen." });
}

async function refuseForm(page, { grounds }) {
  await page.getByRole("combobox", { name: "Resultat" }).selectOption({ label: "Afslag" });
  await page.getByRole("textbox", { name: "Afgørelsens tekst" }).fill("Vi kan ikke give dig boligstøtte.");
  await page.getByRole("textbox", { name: "Retsgrundlag" }).fill("Boligstøtteloven");
  const text = (value) => (grounds ? value : "");
  await page.getByRole("textbox", { name: "Regler, afgørelsen bygger på" }).fill(text("Boligstøtteloven § 2."));
  await page.getByRole("textbox", { name: "Hovedhensyn ved skønnet" }).fill(text("Boligen har ikke eget køkken."));
  await page.getByRole("textbox", { name: "Faktiske oplysninger, der er lagt vægt på" }).fill(text("Lejekontrakten af 1. november."));
  await page.getByRole("checkbox", { name: "Giv klagevejledning" }).setChecked(grounds);
}

scene("from the citizen's call to the closed case, with a colleague looking on", async ({ visit }) => {
  const { page: kari } = await visit();
  const { page: bent, context: bents } = await visit();
  await logIn(kari, "kari", { path: "/sager/indbakke" });
  await logIn(bent, "bent");
  await seen(bent.getByRole("table", { name: "Sager" }));
  await seen(kari.getByRole("table", { name: "Henvendelser" }));
  await shoot(kari, "staff-inbox");
  await shoot(bent, "staff-worklist");

  // The inbox says that something came in, and does not move before it is asked to.
  const reference = await citizen(visit, "Alma Påfund");
  const news = kari.getByRole("button", { name: NEWS });
  await seen(news);
  assert.equal(await kari.getByRole("link", { name: reference }).count(), 0);
  await news.click();
  await kari.getByRole("link", { name: reference }).click();

  // The inquiry comes with the conversation.
  await heading(kari, `Henvendelse ${reference}`);
  assert.equal(await fact(kari, "Navn"), "Alma Påfund");
  await seen(kari.getByText("Jeg kan ikke bruge selvbetjeningen."));
  const transcript = kari.getByRole("list").filter({ hasText: "Hvordan søger jeg boligstøtte?" });
  await seen(transcript.getByText(/Udbetaling Danmark/));
  await shoot(kari, "staff-inquiry");

  const number = await openCaseFrom(kari, reference, "Boligstøtte, hjælp til at søge");
  assert.match(number, /^S\d{4}-\d{5}$/);
  assert.equal(await fact(kari, "Part"), "Alma Påfund");
  await shoot(kari, "staff-case-new");

  // Bent's list says so, too; he looks the case up.
  await bent.getByRole("button", { name: NEWS }).click();
  await bent.getByRole("link", { name: number }).click();
  await heading(bent, new RegExp(number));
  assert.equal(await fact(bent, "Ansvarlig"), "Ingen endnu");

  await take(kari);
  await factIs(bent, "Ansvarlig", "Kari Tænktby");
  await seen(bent.getByText(/Sagen er opdateret: .*\(Kari Tænktby\)/));
  await classify(kari);
  await until(async () => (await fact(bent, "KLE-emne")) !== "Ikke journaliseret", "Bent sees the KLE subject");

  await act(kari, "Notér opkald", async (dialog) => {
    await dialog.getByRole("radio", { name: "Vi ringede" }).check();
    await dialog.getByRole("textbox", { name: "Hvad blev der sagt?" }).fill("Alma sender lejekontrakten i morgen.");
    await shoot(kari, "staff-call-note");
  });
  await tab(bent, "Notater");
  await seen(bent.getByText("Alma sender lejekontrakten i morgen."));
  await tab(kari, "Notater");
  await seen(kari.getByText("Alma sender lejekontrakten i morgen."));

  // It is Kari's case: Bent may not, and reads why.
  await bent.getByText(/^Kan ikke gøres nu/).click();
  await shoot(bent, "staff-blocked");
  assert.equal(await actions(bent).getByRole("button", { name: "Notér opkald" }).count(), 0);

  await act(kari, "Sæt til oplyst");
  await factIs(bent, "Tilstand", "Oplyst");

  // A refusal without grounds, guidance or hearing: what is missing stands there with its statute.
  await actions(kari).getByRole("button", { name: "Skriv udkast" }).click();
  await refuseForm(kari, { grounds: false });
  await shoot(kari, "staff-draft-form");
  await kari.getByRole("button", { name: "Gem udkast" }).click();
  await seen(kari.getByRole("heading", { name: "Udkast, version 1" }));
  for (const statute of [/Hjemmel: FVL § 19/, /Hjemmel: FVL §§ 22 og 24/, /Hjemmel: FVL § 25/]) await seen(missing(kari).getByText(statute));
  await shoot(kari, "staff-missing");
  assert.equal(await actions(kari).getByRole("button", { name: "Send til godkendelse" }).count(), 0);

  // Whoever tries all the same is told why, with the statute.
  const url = new URL(kari.url());
  url.searchParams.set("handling", "SUBMIT_DECISION");
  await kari.goto(url.href);
  const dialog = await seen(kari.getByRole("dialog", { name: "Send til godkendelse" }));
  await dialog.getByRole("button", { name: "Send til godkendelse" }).click();
  const refusal = await seen(dialog.getByRole("alert"));
  assert.match(await refusal.innerText(), /Det blev ikke gjort[\s\S]*Hjemmel: FVL §/);
  await shoot(kari, "staff-refused");
  await kari.keyboard.press("Escape");
  await gone(dialog);

  await act(kari, "Undlad partshøring", async (waive) => {
    await waive.getByRole("textbox", { name: "Hjemmel" }).fill("FVL § 19, stk. 2, nr. 1");
    await waive.getByRole("textbox", { name: "Begrundelse" }).fill("Parten har selv givet oplysningerne.");
  });
  await actions(kari).getByRole("button", { name: "Skriv udkast" }).click();
  assert.equal(await kari.getByRole("textbox", { name: "Afgørelsens tekst" }).inputValue(), "Vi kan ikke give dig boligstøtte.");
  await refuseForm(kari, { grounds: true });
  assert.equal(await kari.getByRole("textbox", { name: "Klageinstans" }).inputValue(), "Ankestyrelsen");
  await kari.getByRole("button", { name: "Gem udkast" }).click();
  await seen(kari.getByRole("heading", { name: "Udkast, version 2" }));
  await act(kari, "Send til godkendelse");

  // Four eyes: the author may not approve; the colleague sees the button without a reload.
  assert.equal(await actions(kari).getByRole("button", { name: "Godkend udkast" }).count(), 0);
  await actions(kari).getByText(/^Kan ikke gøres nu/).click();
  await seen(actions(kari).getByRole("listitem").filter({ hasText: "Godkend udkast" }));
  const second = await bents.newPage();
  await second.goto("/sager?kun=til-godkendelse");
  await seen(second.getByRole("link", { name: number }));
  await second.close();
  await tab(bent, "Afgørelse");
  await seen(bent.getByText("Lejekontrakten af 1. november."));
  await seen(bent.getByText(/Ankestyrelsen/));
  await shoot(bent, "staff-draft");
  await act(bent, "Godkend udkast");

  await seen(actions(kari).getByRole("button", { name: "Træf afgørelse" }));
  await seen(kari.getByText(/Godkendt af Bent Opdigtet/));
  await act(kari, "Træf afgørelse");
  await act(kari, "Send afgørelse");
  await factIs(kari, "Tilstand", "Afgjort");
  await shoot(kari, "staff-decided");
  await act(kari, "Afslut sag");
  await factIs(bent, "Tilstand", "Afsluttet");
  await tab(bent, "Tidslinje");
  for (const event of ["Sag oprettet", "Telefonnotat", "Sagen oplyst"]) await seen(bent.getByText(event, { exact: true }));
  await shoot(bent, "staff-timeline");
});

scene("an approval of a version that is no longer the newest does not go through", async ({ visit }) => {
  const { page: kari } = await visit();
  const { page: bent } = await visit();
  await logIn(kari, "kari");
  await logIn(bent, "bent");
  await openCaseFrom(kari, await citizen(visit, "Gorm Modelby"), "Enkeltydelse");
  await take(kari);
  await classify(kari);
  await act(kari, "Sæt til oplyst");
  const grant = async (text) => {
    await actions(kari).getByRole("button", { name: "Skriv udkast" }).click();
    await kari.getByRole("combobox", { name: "Resultat" }).selectOption({ label: "Medhold" });
    await kari.getByRole("textbox", { name: "Afgørelsens tekst" }).fill(text);
    await kari.getByRole("textbox", { name: "Retsgrundlag" }).fill("Boligstøtteloven");
    await kari.getByRole("button", { name: "Gem udkast" }).click();
    await gone(kari.getByRole("button", { name: "Gem udkast" }));
  };
  await grant("Du får ydelsen.");
  await act(kari, "Send til godkendelse");
  await bent.goto(new URL(kari.url()).pathname);
  const dialog = await openAct(bent, "Godkend udkast");
  // While Bent has the dialog open, Kari writes another version.
  await grant("Du får den halve ydelse.");
  await seen(bent.getByText(/Sagen er opdateret: .*\(Kari Tænktby\)/));
  assert.doesNotMatch(await dialog.innerText(), /version 2/, "the dialog says that Bent has read what he has not seen");
  await dialog.getByRole("button", { name: "Godkend udkast" }).click();
  await seen(dialog.getByRole("alert"));
  await shoot(bent, "staff-conflict");
  assert.equal(await fact(kari, "Tilstand"), "Oplyst");
});

scene("news are what others did: one's own acts are none", async ({ visit }) => {
  const { page } = await visit();
  await logIn(page, "kari", { path: "/sager?kun=mine" });
  await page.getByRole("table").getByRole("link").first().click();
  for (const text of ["Første notat.", "Andet notat.", "Tredje notat.", "Fjerde notat."]) {
    await act(page, "Skriv notat", (dialog) => dialog.getByRole("textbox", { name: "Notat" }).fill(text));
    await tab(page, "Notater");
    await seen(page.getByText(text));
    assert.equal(await page.getByText(/^Sagen er opdateret/).count(), 0, text);
  }
});

scene("the inquiry that became a case is done with: it offers no second case", async ({ visit }) => {
  const { page } = await visit();
  await logIn(page, "kari");
  const reference = await citizen(visit, "Hilda Tænktby");
  await openCaseFrom(page, reference, "Plads i vuggestue");
  await page.getByRole("link", { name: reference }).click();
  await seen(page.getByRole("link", { name: "Gå til sagen" }));
  assert.equal(await actions(page).getByRole("button", { name: "Opret sag" }).count(), 0, "a second case is offered");
});

scene("guidance instead of a case, and the inquiry is closed", async ({ visit }) => {
  const { page } = await visit();
  await logIn(page, "kari");
  const reference = await citizen(visit, "Knud Demosen");
  await page.goto("/sager/indbakke");
  await page.getByRole("link", { name: reference }).click();
  await act(page, "Giv vejledning", async (dialog) => {
    await dialog.getByRole("textbox").fill("Fortalt om fuldmagt og om biblioteket.");
  });
  await seen(page.getByText("Fortalt om fuldmagt og om biblioteket."));
  await act(page, "Afslut henvendelse");
  await seen(page.getByText("Henvendelsen er afsluttet."));
  await page.goto("/sager/indbakke?vis=afsluttede");
  await seen(page.getByRole("link", { name: reference }));
});

scene("the inbox speaks Danish, also about when to call", async ({ visit }) => {
  const { page } = await visit();
  await logIn(page, "kari", { path: "/sager/indbakke" });
  const table = await seen(page.getByRole("table", { name: "Henvendelser" }));
  assert.doesNotMatch(await table.innerText(), /\b(any|morning|afternoon)\b/);
});

scene("the list: counters, filters and their empty states live in the address", async ({ visit }) => {
  const { page } = await visit();
  await logIn(page, "kari");
  await seen(page.getByRole("table", { name: "Sager" }));
  await page.getByRole("link", { name: /^Mine sager/ }).click();
  await page.waitForURL(/kun=mine/);
  await page.getByRole("combobox", { name: "Tilstand" }).selectOption({ label: "I partshøring" });
  await page.waitForURL(/tilstand=IN_HEARING/);
  await seen(page.getByText("Ingen sager passer til filteret"));
  await shoot(page, "staff-filtered-empty");
  await page.goBack();
  await seen(page.getByRole("table", { name: "Sager" }));
  await page.getByRole("link", { name: "Nulstil filter" }).click();
  await page.waitForURL(/\/sager$/);
  const number = await page.getByRole("table").getByRole("link").first().innerText();
  await page.getByRole("textbox", { name: "Sagsnummer" }).fill(number);
  await page.getByRole("button", { name: "Vis", exact: true }).click();
  await seen(page.getByText("1 sag", { exact: true }));
});

scene("a dialog by keyboard: the focus goes in, Escape gives it back, nothing is lost", async ({ visit }) => {
  const { page } = await visit();
  await logIn(page, "kari", { path: "/sager?kun=mine" });
  await page.getByRole("table").getByRole("link").first().click();
  const button = actions(page).getByRole("button", { name: "Notér opkald" });
  await button.focus();
  await page.keyboard.press("Enter");
  const dialog = await seen(page.getByRole("dialog", { name: "Notér opkald" }));
  assert.ok(await dialog.evaluate((box) => box.contains(document.activeElement)));
  const text = dialog.getByRole("textbox", { name: "Hvad blev der sagt?" });
  await text.fill("Halv sæt");
  await page.keyboard.press("Escape");
  await gone(dialog);
  assert.ok(await button.evaluate((one) => one === document.activeElement), "the focus came back");
  await page.keyboard.press("Enter");
  assert.equal(await text.inputValue(), "Halv sæt");
  await page.reload();
  assert.equal(await text.inputValue(), "Halv sæt");
  // Nothing said is refused by the house, at the field.
  await text.fill("");
  await dialog.getByRole("button", { name: "Notér opkald" }).click();
  await seen(dialog.getByRole("alert"));
  assert.equal(await text.getAttribute("aria-invalid"), "true");
});

scene("empty log-in fields are named one by one", async ({ visit }) => {
  const { page } = await visit();
  await page.goto("/sager");
  await page.getByRole("button", { name: "Log ind", exact: true }).click();
  const summary = await seen(page.getByRole("alert"));
  const links = await summary.getByRole("link").allInnerTexts();
  assert.equal(new Set(links).size, links.length, `the errors cannot be told apart: ${links.join(" / ")}`);
});

scene("a wrong password is said to be wrong, and the screens of others stay closed", async ({ visit }) => {
  const { page, watch } = await visit();
  watch.allow(/status of 401 .*\/api\/login$/);
  await page.goto("/sager");
  await fillLogIn(page, "kari", "Furesø", "forkert");
  await seen(page.getByText("Kommune, brugernavn eller adgangskode er forkert."));
  await shoot(page, "staff-wrong-password");
  await fillLogIn(page, "kari");
  await heading(page, "Mit arbejde");
  await page.goto("/revision");
  await heading(page, "Du har ikke adgang");
  await page.goto("/sager?kun=mine");
  await page.getByRole("table").getByRole("link").first().click();
  await seen(actions(page));
  const path = new URL(page.url()).pathname;
  const { page: aarhus } = await visit();
  await logIn(aarhus, "kari", { municipality: "Aarhus" });
  await aarhus.goto(path);
  await seen(aarhus.getByText("Ikke fundet"));
});

scene("English and back", async ({ visit }) => {
  const { page } = await visit();
  await logIn(page, "kari");
  await page.getByRole("button", { name: "English" }).click();
  await heading(page, "My work");
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  await page.getByRole("table").getByRole("link").first().click();
  await seen(page.getByRole("region", { name: "Actions" }));
  await shoot(page, "staff-english");
  await page.getByRole("button", { name: "Dansk" }).click();
  await seen(actions(page));
});
