// What staff do on their screens.
import { PASSWORD } from "./server.mjs";
import { gone, seen, until } from "./browser.mjs";

/** Opens `path` and logs in on the way. */
export async function logIn(page, login, { municipality = "Furesø", path = "/sager" } = {}) {
  await page.goto(path);
  await fillLogIn(page, login, municipality);
  await gone(page.getByRole("heading", { name: "Log ind", level: 1 }));
}

export async function fillLogIn(page, login, municipality = "Furesø", password = PASSWORD) {
  await seen(page.getByRole("heading", { name: "Log ind", level: 1 }));
  await page.getByRole("combobox", { name: "Kommune" }).selectOption({ label: municipality });
  await page.getByRole("textbox", { name: "Brugernavn" }).fill(login);
  await page.getByLabel("Adgangskode").fill(password);
  await page.getByRole("button", { name: "Log ind", exact: true }).click();
}

/** The page's heading says so. */
export const heading = (page, name) => seen(page.getByRole("heading", { name, level: 1 }));

/** A value of the identity bar or another list of labelled values. */
export async function fact(page, label) {
  const row = page.locator("dl > div").filter({ has: page.locator("dt", { hasText: new RegExp(`^${label}$`) }) });
  return (await row.first().locator("dd").innerText()).trim();
}

/** Waits until a labelled value is `expected` (a text or a pattern). */
export async function factIs(page, label, expected) {
  await until(async () => {
    const text = await fact(page, label);
    return expected instanceof RegExp ? expected.test(text) : text === expected;
  }, `${label} is ${expected}`);
}

/** Opens the form of an act on a case; answers its dialog. */
export async function openAct(page, name) {
  await page.getByRole("region", { name: "Handlinger" }).getByRole("button", { name, exact: true }).click();
  return seen(page.getByRole("dialog", { name }));
}

/** Carries out an act whose form is filled in by `fill`. */
export async function act(page, name, fill = async () => {}) {
  const dialog = await openAct(page, name);
  await fill(dialog);
  await dialog.getByRole("button", { name, exact: true }).click();
  await gone(dialog);
}

export const tab = (page, name) => page.getByRole("navigation", { name: "Sagens dele" }).getByRole("link", { name }).click();

/** Opens the inquiry with this reference from the inbox, makes a case of it, and answers the case's number. */
export async function openCaseFrom(page, reference, title) {
  await page.goto("/sager/indbakke");
  await page.getByRole("link", { name: reference }).click();
  await heading(page, `Henvendelse ${reference}`);
  await act(page, "Opret sag", async (dialog) => {
    await dialog.getByRole("textbox", { name: "Sagens titel" }).fill(title);
  });
  const text = await (await heading(page, new RegExp(title))).innerText();
  return text.split(" ")[0];
}

/** Classifies the case that is open. */
export async function classify(page) {
  await act(page, "Journalisér (KLE)", async (dialog) => {
    await dialog.getByRole("searchbox", { name: "Søg KLE-emne" }).fill("32");
    await dialog.getByRole("radio").first().check();
    await dialog.getByRole("combobox", { name: "Facet" }).selectOption({ index: 1 });
  });
}

/** Takes the case that is open. */
export async function take(page) {
  const dialog = await openAct(page, "Tildel");
  await dialog.getByRole("button", { name: "Tag sagen selv" }).click();
  await gone(dialog);
}
