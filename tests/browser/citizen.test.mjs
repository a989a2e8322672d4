// The citizen's path at `/`, in a browser with JavaScript.
import assert from "node:assert/strict";
import { answers, ask, askToBeCalled, cardLines, press, question, reference } from "./citizen.mjs";
import { gone, PHONE, seen, until } from "./browser.mjs";
import { stage } from "./stage.mjs";
import { shoot } from "./shot.mjs";

const { scene } = stage(import.meta.url);
// Nobody's: there was no thirtieth of February.
const CPR = "300201-1234";
const OPEN_OR_NOT = /Åbent nu|Lukket nu|Lukket i dag|Usikkert i dag/;

scene("a general question gets a short answer with its source and a next step", async ({ visit }) => {
  const { page } = await visit();
  await page.goto("/");
  await shoot(page, "chat-empty");
  const answer = await ask(page, "Hvordan får jeg et nyt sundhedskort?");
  const said = await answer.innerText();
  assert.match(said, /sundhedskort|gule kort/i);
  assert.match(said, /Næste skridt: \S/);
  assert.match(said, /Kilder:/);
  assert.match(said, /Gennemgået \d+\. \p{L}+ \d{4}/u);
  assert.ok((await answer.locator(".sources a[href^='https://']").count()) > 0, "a source one can open");
  const words = (await answer.locator("p, li").allInnerTexts()).join(" ").split(/\s+/).length;
  assert.ok(words < 200, `${words} words are no short answer`);
  assert.equal(await question(page).inputValue(), "", "the field is empty again");
  assert.ok(await question(page).evaluate((field) => field === document.activeElement), "who typed goes on typing");
  await shoot(page, "chat-answer");
});

scene("areas named on the municipality's page are known", async ({ visit }) => {
  const { page } = await visit();
  await page.goto("/");
  for (const [text, expected] of [
    ["Hvordan skifter jeg læge?", /læge/i],
    ["Hvordan melder jeg flytning?", /flytning|flytte/i],
    ["Hvordan søger jeg boligstøtte?", /Udbetaling Danmark/],
    ["Hvordan skriver jeg mit barn op til vuggestue?", /plads|pasning|dagtilbud/i],
    ["Hvor søger jeg folkepension?", /folkepension/i],
    ["Hvordan får jeg nyt pas?", /pas/i],
  ]) {
    const said = await (await ask(page, text)).innerText();
    assert.match(said, expected, text);
    assert.match(said, /Kilder:/, `${text}: an answer, not a shrug`);
  }
});

scene("'er der åbent nu?' is answered with now, and a number that can be pressed", async ({ visit }) => {
  const { page } = await visit({ viewport: PHONE, touch: true });
  await page.goto("/");
  const answer = await ask(page, "er der åbent nu?");
  assert.match(await answer.innerText(), OPEN_OR_NOT);
  await seen(answer.locator("a[href='tel:+4570200000']"));
});

scene("'jeg har ikke NemID' with matter and municipality at once gives the card", async ({ visit }) => {
  const { page } = await visit();
  await page.goto("/");
  const answer = await ask(page, "jeg har ikke NemID og skal melde flytning i Furesø");
  assert.match(await answer.innerText(), /NemID lukkede den 31\. oktober 2023.*MitID/);
  const lines = await cardLines(answer);
  assert.match(lines["Hvem afgør det"], /Folkeregisteret/);
  assert.match(lines["Gå først til"], /Borgerservice i Furesø/);
  assert.match(lines["Telefon"], /\d\d \d\d \d\d \d\d/);
  assert.match(lines["Åbningstider"], /kl\. \d/);
  assert.match(lines["Tag med"], /legitimation/);
  assert.match(lines["Andre veje"], /fuldmagt/);
  const card = answer.locator("section.card");
  await seen(card.getByRole("heading", { name: "Meld flytning i Furesø Kommune" }));
  assert.match(await card.innerText(), OPEN_OR_NOT);
  const link = await card.getByRole("link", { name: "Gå til selvbetjeningen" }).getAttribute("href");
  assert.match(link, /^https:\/\/[^ ]+[?&]kommunekode=190$/);
  await seen(card.locator("a.button[href^='tel:+45']"));
  await shoot(page, "chat-card");
});

scene("the same step by step, with the buttons", async ({ visit }) => {
  const { page } = await visit({ viewport: PHONE, touch: true });
  await page.goto("/");
  assert.match(await (await ask(page, "jeg har ikke NemID")).innerText(), /Hvad vil du gerne have ordnet/);
  await shoot(page, "chat-which-matter");
  assert.match(await (await press(page, "Skift læge")).innerText(), /Skift læge\. Hvilken kommune bor du i/);
  const answer = await ask(page, "aarhus");
  const lines = await cardLines(answer);
  assert.match(lines["Gå først til"], /Aarhus Kommune/);
  assert.match(await answer.getByRole("link", { name: "Gå til selvbetjeningen" }).getAttribute("href"), /[?&]kommunekode=751$/);
  // Corrected midway.
  assert.match((await cardLines(await ask(page, "nej, jeg bor i Billund")))["Gå først til"], /Billund Kommune/);
});

scene("somebody else's authority: where to go is not who decides", async ({ visit }) => {
  const { page } = await visit();
  await page.goto("/");
  const lines = await cardLines(await ask(page, "Jeg har ikke MitID og skal søge boligstøtte i Aarhus"));
  assert.match(lines["Hvem afgør det"], /Udbetaling Danmark/);
  assert.match(lines["Gå først til"], /Borgerservice/);
});

scene("a concrete case: the counter cannot see it, and says who can", async ({ visit }) => {
  const { page } = await visit();
  await page.goto("/");
  const said = await (await ask(page, "Hvor langt er min sag om boligstøtte?")).innerText();
  assert.match(said, /Jeg kan ikke se din sag/);
  assert.match(said, /Udbetaling Danmark/);
  await shoot(page, "chat-concrete-case");
});

scene("a typed CPR number is removed before anything is kept, and the citizen is told", async ({ visit, server }) => {
  const { page } = await visit();
  await page.goto("/");
  const answer = await ask(page, `mit cpr er ${CPR}, hvordan får jeg nyt pas?`);
  await seen(answer.getByText(/fjernet noget, der ligner et CPR-nummer/));
  assert.match(await answer.innerText(), /pas/i);
  await shoot(page, "chat-cpr");
  for (const shown of [await page.content(), await (await page.reload()).text()]) {
    assert.ok(!shown.includes("1234"), "the number is still on the page");
  }
  assert.deepEqual(server.filesWith(CPR), []);
  assert.deepEqual(server.filesWith(CPR.replace("-", "")), []);
  assert.ok(!server.output().includes(CPR), "the number is in the server's log");
  // What was written is sealed, too.
  assert.deepEqual(server.filesWith("hvordan får jeg nyt pas"), []);
});

scene("a CPR number and nothing else is no question about moving", async ({ visit }) => {
  const { page } = await visit();
  await page.goto("/");
  const said = await (await ask(page, `mit cpr er ${CPR}`)).innerText();
  assert.match(said, /fjernet noget, der ligner et CPR-nummer/);
  assert.match(said, /Jeg har ikke brug for dit nummer/, "there was nothing else to answer");
});

scene("danger to life comes first, and is not in small print", async ({ visit }) => {
  const { page } = await visit();
  await page.goto("/");
  const answer = await ask(page, "min mand slår mig, jeg er bange");
  await seen(answer.locator("a[href='tel:112']"));
  const size = (locator) => locator.first().evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize));
  const urgent = await size(answer.locator("p").first());
  const usual = await size(page.locator("p.said").first());
  await shoot(page, "chat-danger");
  assert.ok(urgent >= usual, `urgent text has ${urgent} px, usual text ${usual} px`);
});

scene("what the counter does not know it says, and offers a person", async ({ visit }) => {
  const { page } = await visit();
  await page.goto("/");
  const answer = await ask(page, "hvordan bager jeg en kage?");
  assert.match(await answer.innerText(), /Det kan jeg ikke svare på/);
  await seen(answer.getByRole("link", { name: "Bliv ringet op" }));
  await seen(answer.getByRole("link", { name: "Skriv til kommunen" }));
  await shoot(page, "chat-abstains");
  assert.match(await (await press(page, "Tal med et menneske")).innerText(), /70 20 00 00/);
});

scene("what is typed is text, whatever it looks like", async ({ visit }) => {
  const { page } = await visit();
  await page.goto("/");
  const trick = "<img src=x onerror=alert(1)><script>alert(2)</script> \"'&";
  await ask(page, trick);
  assert.equal((await page.locator("p.said").last().textContent()).trim(), trick);
  assert.equal(await page.locator("#samtale img, #samtale script").count(), 0);
});

scene("an empty message is asked for at the field", async ({ visit }) => {
  const { page } = await visit();
  await page.goto("/");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await seen(page.getByText("Skriv dit spørgsmål, før du sender."));
  assert.equal(await question(page).getAttribute("aria-invalid"), "true");
  await shoot(page, "chat-empty-message");
  await question(page).fill("h");
  await gone(page.getByText("Skriv dit spørgsmål, før du sender."));
});

scene("by keyboard alone: skip link, Enter sends, Shift+Enter is a new line", async ({ visit }) => {
  const { page } = await visit();
  await page.goto("/");
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Gå til indholdet" });
  assert.ok(await skip.evaluate((link) => link === document.activeElement));
  await page.keyboard.press("Enter");
  assert.match(page.url(), /#indhold$/);
  await question(page).focus();
  await page.keyboard.type("Hvordan skifter");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("jeg læge?");
  assert.equal(await answers(page).count(), 0);
  await page.keyboard.press("Enter");
  assert.match(await (await seen(answers(page))).innerText(), /læge/);
});

scene("a reload loses neither the conversation nor what is being typed", async ({ visit }) => {
  const { page } = await visit();
  await page.goto("/");
  await ask(page, "Hvordan skifter jeg læge?");
  await question(page).fill("Og hvad med mit sundhe");
  await page.reload();
  assert.equal(await answers(page).count(), 1);
  assert.equal(await question(page).inputValue(), "Og hvad med mit sundhe");
});

scene("the citizen rates the answer, then ends and deletes the conversation", async ({ visit }) => {
  const { page } = await visit();
  await page.goto("/");
  await ask(page, "Hvordan skifter jeg læge?");
  await page.getByRole("group", { name: "Hjalp svaret?" }).getByRole("button", { name: "Ja" }).click();
  await seen(page.getByText("Tak for dit svar."));
  await page.getByRole("button", { name: "Slut og slet samtalen" }).click();
  await seen(page.getByText("Samtalen er slettet."));
  assert.equal(await answers(page).count(), 0);
  await page.goto("/");
  assert.equal(await answers(page).count(), 0);
});

scene("the card prints alone, with its address in full", async ({ visit }) => {
  const { page } = await visit();
  await page.goto("/");
  const first = await ask(page, "Jeg har ikke MitID og skal skifte læge i Furesø");
  const second = await ask(page, "Jeg har ikke MitID og skal melde flytning i Aarhus");
  await page.emulateMedia({ media: "print" });
  await gone(first.locator("section.card"));
  await seen(second.locator("section.card"));
  await seen(second.getByText(/^https:.*kommunekode=751$/));
  await gone(page.getByRole("textbox"));
  await shoot(page, "chat-card-printed");
  const height = await page.evaluate(() => document.body.scrollHeight);
  assert.ok(height < 1_400, `${height} px is more than a page`);
});

scene("English: the page, an answer and the card; and back", async ({ visit }) => {
  const { page } = await visit();
  await page.goto("/");
  await page.getByRole("link", { name: "English" }).click();
  await seen(page.getByRole("heading", { name: "Ask the counter", level: 1 }));
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  const answer = await ask(page, "I don't have MitID and want to change doctor in Furesø");
  const lines = await cardLines(answer);
  assert.match(lines["Go first to"], /Furesø/);
  assert.match(await answer.innerText(), /Next step:/);
  await seen(answer.getByRole("button", { name: "Talk to a person" }));
  await shoot(page, "chat-english");
  await page.getByRole("link", { name: "Dansk" }).click();
  await seen(page.getByRole("heading", { name: "Spørg skranken", level: 1 }));
});

scene("an English question on the Danish page is answered in one language", async ({ visit }) => {
  const { page } = await visit();
  await page.goto("/");
  const answer = await ask(page, "I don't have MitID and want to change doctor in Furesø");
  assert.equal(await answer.getAttribute("lang"), "en");
  await shoot(page, "chat-english-on-danish-page");
  const danish = await answer.evaluate((article) => {
    const words = /Næste skridt|Telefon |Gå til selvbetjeningen|Kortet er lavet|Bemærk/;
    const texts = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
    const found = [];
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      if (words.test(text.data) && text.parentElement.closest("[lang]").lang === "en") found.push(text.data);
    }
    return found;
  });
  assert.deepEqual(danish, [], "Danish words that claim to be English");
});

scene("a call-back: errors name their fields, then a reference", async ({ visit }) => {
  const { page, watch } = await visit({ viewport: PHONE, touch: true });
  watch.allow(/status of 422 .*\/opkald$/);
  await page.goto("/");
  await ask(page, "Jeg vil tale med et menneske");
  await answers(page).last().getByRole("link", { name: "Bliv ringet op" }).click();
  await seen(page.getByText("Samtalen her på siden sendes med"));
  await shoot(page, "call-back");
  await page.getByRole("textbox", { name: /^Din besked/ }).fill("Jeg er hjemme efter frokost.");
  await page.getByRole("button", { name: "Bed om at blive ringet op" }).click();
  const errors = page.getByRole("alert");
  await seen(errors.getByRole("heading", { name: "Der er noget, du skal rette" }));
  await until(() => errors.first().evaluate((box) => box === document.activeElement), "the errors have the focus");
  assert.equal(await page.getByRole("textbox", { name: /^Din besked/ }).inputValue(), "Jeg er hjemme efter frokost.");
  await shoot(page, "call-back-errors");
  await errors.getByRole("link", { name: "Skriv dit navn." }).click();
  await page.keyboard.type("Alma Påfund");
  assert.equal(await page.getByRole("textbox", { name: /^Dit navn/ }).inputValue(), "Alma Påfund");
  await page.getByRole("textbox", { name: /^Telefonnummer/ }).fill("00 00 12 34");
  await page.getByRole("combobox", { name: /^Din kommune/ }).selectOption({ label: "Furesø" });
  await page.getByRole("button", { name: "Bed om at blive ringet op" }).click();
  await reference(page);
  assert.match(await page.getByRole("main").innerText(), /Furesø Kommune ringer til dig/);
  await shoot(page, "receipt");
});

scene("a written inquiry gets a reference of its own", async ({ visit }) => {
  const { page } = await visit();
  const first = await askToBeCalled(page, { name: "Bo Modelby", phone: "00 00 12 35", municipality: "Aarhus" });
  await page.goto("/henvendelse?kommunekode=0530");
  const main = page.getByRole("main");
  assert.equal(await main.getByRole("combobox", { name: /^Din kommune/ }).inputValue(), "0530");
  await main.getByRole("textbox", { name: /^Dit navn/ }).fill("Bo Modelby");
  await main.getByRole("textbox", { name: /^E-mail/ }).fill("bo@eksempel.dk");
  await main.getByRole("textbox", { name: /^Din besked/ }).fill(`Mit nummer er ${CPR}. Kan I hjælpe mig med at søge boligstøtte?`);
  await shoot(page, "written");
  await main.getByRole("button", { name: "Send henvendelsen" }).click();
  assert.notEqual(await reference(page), first);
  await seen(page.getByText("Vi har fjernet personlige numre fra din besked."));
});
