// What was typed into the call-back and inquiry forms survives a reload or a refusal, until the receipt is there.
//
// Only in this tab, and never who somebody is or how to reach them: a name and a number are quickly typed again, and
// others may sit at the same machine in a library.

const DRAFT = "skranke-kladde-formular";
const KEPT = ["municipality", "topic", "message"];

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** Keeps the drafts of the page's forms, and forgets them on the page of a receipt. */
export function keepFormDrafts(page: Document): void {
  if (page.querySelector(".reference")) forget();
  for (const form of page.querySelectorAll<HTMLFormElement>("form[data-formular]")) {
    const fields = KEPT.map((name) => form.elements.namedItem(name)).filter(isField);
    const kept = read();
    for (const field of fields) {
      // What the server has put there is newer.
      if (field.value === "") field.value = kept[field.name] ?? "";
    }
    form.addEventListener("input", () => write(Object.fromEntries(fields.map((field) => [field.name, field.value]))));
  }
}

function isField(found: unknown): found is Field {
  return (
    found instanceof HTMLInputElement || found instanceof HTMLSelectElement || found instanceof HTMLTextAreaElement
  );
}

function read(): Record<string, string> {
  try {
    const kept: unknown = JSON.parse(window.sessionStorage.getItem(DRAFT) ?? "{}");
    if (typeof kept !== "object" || kept === null) return {};
    return Object.fromEntries(Object.entries(kept).filter(([, value]) => typeof value === "string"));
  } catch {
    return {};
  }
}

function write(fields: Record<string, string>): void {
  try {
    window.sessionStorage.setItem(DRAFT, JSON.stringify(fields));
  } catch {
    // Storage may be forbidden; then a reload loses the draft, and nothing else.
  }
}

function forget(): void {
  try {
    window.sessionStorage.removeItem(DRAFT);
  } catch {
    // As above.
  }
}
