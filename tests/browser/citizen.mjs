// What a citizen does at the counter.
import { seen, until } from "./browser.mjs";

/** The answers of the counter, oldest first. */
export const answers = (page) => page.locator("article.turn-counter");
export const question = (page) => page.getByRole("textbox", { name: /^(Dit spørgsmål|Your question)$/ });

/** Writes to the counter, and answers the counter's newest reply. */
export async function ask(page, text) {
  const before = await answers(page).count();
  await question(page).fill(text);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  return newest(page, before);
}

/** Presses a button of the conversation, and answers the counter's newest reply. */
export async function press(page, name) {
  const before = await answers(page).count();
  await page.getByRole("button", { name }).last().click();
  return newest(page, before);
}

async function newest(page, before) {
  await until(async () => (await answers(page).count()) > before, "a new answer");
  const answer = answers(page).nth(before);
  await answer.waitFor({ state: "visible" });
  return answer;
}

/** The fields of a card: label to text. */
export async function cardLines(answer) {
  const card = answer.locator("section.card");
  await seen(card);
  return Object.fromEntries(
    await card.locator("dl > div").evaluateAll((rows) => rows.map((row) => [row.querySelector("dt").textContent, row.querySelector("dd").textContent])),
  );
}

/** Fills the call-back form and sends it; answers the reference. */
export async function askToBeCalled(page, { name, phone, municipality, message = "" }) {
  await page.goto("/opkald");
  await page.getByRole("textbox", { name: /^Dit navn/ }).fill(name);
  await page.getByRole("textbox", { name: /^Telefonnummer/ }).fill(phone);
  await page.getByRole("combobox", { name: /^Din kommune/ }).selectOption({ label: municipality });
  await page.getByRole("textbox", { name: /^Din besked/ }).fill(message);
  await page.getByRole("button", { name: "Bed om at blive ringet op" }).click();
  return reference(page);
}

export async function reference(page) {
  const text = await (await seen(page.locator("strong.reference"))).textContent();
  if (!/^[0-9A-Z]{4}-[0-9A-Z]{4}$/.test(text)) throw new Error(`no reference: ${text}`);
  return text;
}
