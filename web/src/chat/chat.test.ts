import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { enhance } from "./chat";

const PAGE = `
  <h2 id="samtale-titel" class="sr-only">Samtalen</h2>
  <p id="oplaes" role="status"></p>
  <div id="samtale" role="log" aria-live="off"></div>
  <section id="eksempler"></section>
  <div id="efter"></div>
  <form method="post" action="/samtale" id="besked" data-samtale="tekst" data-sending="Sender …"
    data-failed="Ikke sendt." data-retry="Prøv igen" data-empty="Skriv noget.">
    <input type="hidden" name="message" value="server"><input type="hidden" name="lang" value="da">
    <div class="form-group"><span id="tekst-fejl"></span><textarea id="tekst" name="text"></textarea></div>
    <button type="submit">Send</button><p id="status"></p>
  </form>
  <form method="post" action="/samtale/slut" id="slut" hidden><button>Slut</button></form>`;

const fragments = (number: number, more: object = {}) => ({
  html: `<article class="turn" id="svar-${number}" tabindex="-1"><form method="post" action="/samtale"
    data-samtale="valg"><input type="hidden" name="message" value="x"><button name="choice" value="person">Menneske</button>
    </form></article>`,
  after: "<p>Hjalp svaret?</p>",
  announce: "Svar",
  answer: `svar-${number}`,
  lang: "da",
  hint: false,
  repeated: false,
  renewed: false,
  ...more,
});

const answers = (body: object, ok = true) => Promise.resolve({ ok, json: () => Promise.resolve(body) } as Response);

/** Every test gets a document of its own, so that no listener of an earlier one is left. */
function page(): { field: HTMLTextAreaElement; form: HTMLFormElement; id: (name: string) => HTMLElement | null } {
  document.body.innerHTML = PAGE;
  enhance(document);
  const id = (name: string) => document.getElementById(name);
  return { field: id("tekst") as HTMLTextAreaElement, form: id("besked") as HTMLFormElement, id };
}

function sent(call: number): URLSearchParams {
  return vi.mocked(fetch).mock.calls[call]?.[1]?.body as URLSearchParams;
}

const settled = () => new Promise((done) => setTimeout(done, 5));
let listeners: [string, EventListenerOrEventListenerObject][] = [];

beforeEach(() => {
  vi.stubGlobal("fetch", vi.fn());
  sessionStorage.clear();
  const add = document.addEventListener.bind(document);
  vi.spyOn(document, "addEventListener").mockImplementation((name: string, listener: EventListenerOrEventListenerObject) => {
    listeners.push([name, listener]);
    add(name, listener);
  });
});

afterEach(() => {
  for (const [name, listener] of listeners) document.removeEventListener(name, listener);
  listeners = [];
  vi.unstubAllGlobals();
});

it("adds the answer, empties the field and keeps the focus in it", async () => {
  vi.mocked(fetch).mockImplementation(() => answers(fragments(2)));
  const { field, form, id } = page();
  field.value = "Hvordan skifter jeg læge?";
  form.requestSubmit();
  await settled();
  expect(sent(0).get("text")).toBe("Hvordan skifter jeg læge?");
  expect(sent(0).get("message")).not.toBe("server");
  expect(id("svar-2")).not.toBeNull();
  expect(id("efter")?.textContent).toBe("Hjalp svaret?");
  expect(id("eksempler")).toBeNull();
  expect(id("slut")?.hidden).toBe(false);
  expect(field.value).toBe("");
  expect(document.activeElement).toBe(field);
  expect(document.documentElement.outerHTML).not.toContain("Hvordan skifter jeg læge?");
});

it("keeps what was typed when the network fails, and sends it again under the same key", async () => {
  vi.mocked(fetch).mockImplementationOnce(() => Promise.reject(new TypeError("offline")));
  vi.mocked(fetch).mockImplementationOnce(() => answers(fragments(2)));
  const { field, form, id } = page();
  field.value = "Pas?";
  form.requestSubmit();
  await settled();
  expect(field.value).toBe("Pas?");
  expect(id("status")?.textContent).toContain("Ikke sendt.");
  id("status")?.querySelector("button")?.click();
  await settled();
  expect(sent(1).get("message")).toBe(sent(0).get("message"));
  expect(field.value).toBe("");
  expect(id("status")?.textContent).toBe("");
});

it("sends one message for a double press and a new key for the next message", async () => {
  vi.mocked(fetch).mockImplementation(() => answers(fragments(2)));
  const { field, form } = page();
  field.value = "Pas?";
  form.requestSubmit();
  form.requestSubmit();
  await settled();
  expect(fetch).toHaveBeenCalledTimes(1);
  field.value = "Pas?";
  form.requestSubmit();
  await settled();
  expect(sent(1).get("message")).not.toBe(sent(0).get("message"));
});

it("does not send an empty message, and says so", () => {
  const { field, form, id } = page();
  form.requestSubmit();
  expect(fetch).not.toHaveBeenCalled();
  expect(id("tekst-fejl")?.textContent).toBe("Skriv noget.");
  expect(field.getAttribute("aria-invalid")).toBe("true");
});

it("takes a conversation off the screen that was deleted in another tab", async () => {
  vi.mocked(fetch).mockImplementationOnce(() => answers(fragments(2)));
  vi.mocked(fetch).mockImplementationOnce(() => answers(fragments(7, { renewed: true })));
  const { field, form, id } = page();
  for (const words of ["hej", "hvordan får jeg pas?"]) {
    field.value = words;
    form.requestSubmit();
    await settled();
  }
  expect(id("svar-2")).toBeNull();
  expect(id("svar-7")).not.toBeNull();
});

it("shows an answer that is there already only once, and moves the focus to it after a button", async () => {
  vi.mocked(fetch).mockImplementation(() => answers(fragments(2, { repeated: true })));
  const { field, form, id } = page();
  field.value = "hej";
  form.requestSubmit();
  await settled();
  document.querySelector<HTMLButtonElement>("[name=choice]")?.click();
  await settled();
  expect(sent(1).get("choice")).toBe("person");
  expect(document.querySelectorAll("#svar-2")).toHaveLength(1);
  expect(document.activeElement).toBe(id("svar-2"));
});

it("shows the server's own words when it refuses, and a hint beside the field", async () => {
  vi.mocked(fetch).mockImplementationOnce(() => answers({ error: "For stort." }, false));
  vi.mocked(fetch).mockImplementationOnce(() => answers(fragments(0, { html: "", answer: null, hint: true, announce: "Hvad?" })));
  const { field, form, id } = page();
  field.value = "x";
  form.requestSubmit();
  await settled();
  expect(id("status")?.textContent).toContain("For stort.");
  form.requestSubmit();
  await settled();
  expect(id("tekst-fejl")?.textContent).toBe("Hvad?");
  expect(field.value).toBe("x");
});

it("shows the words of the house, too, when it is the house that refuses", async () => {
  vi.mocked(fetch).mockImplementationOnce(() => answers({ code: "TOO_MANY", message: "Vent et øjeblik." }, false));
  const { field, form, id } = page();
  field.value = "x";
  form.requestSubmit();
  await settled();
  expect(id("status")?.textContent).toContain("Vent et øjeblik.");
  expect(id("status")?.classList).toContain("not-sent");
});

it("reads an answer out once, and leaves one that takes the focus to the focus", async () => {
  vi.mocked(fetch).mockImplementationOnce(() => answers(fragments(2, { announce: "Første svar" })));
  vi.mocked(fetch).mockImplementationOnce(() => answers(fragments(4, { announce: "Andet svar" })));
  const { field, form, id } = page();
  field.value = "hej";
  form.requestSubmit();
  await settled();
  expect(id("oplaes")?.textContent).toBe("Første svar");
  document.querySelector<HTMLButtonElement>("[name=choice]")?.click();
  await settled();
  expect(id("oplaes")?.textContent).toBe("Første svar");
  expect(document.activeElement).toBe(id("svar-4"));
});

it("asks what was said in another tab when it is come back to", async () => {
  vi.mocked(fetch).mockImplementationOnce(() => answers(fragments(2)));
  vi.mocked(fetch).mockImplementationOnce(() => answers(fragments(4, { announce: "Svar i den anden fane" })));
  vi.mocked(fetch).mockImplementationOnce(() => answers(fragments(4, { html: "", renewed: true })));
  const { field, form, id } = page();
  field.value = "hej";
  form.requestSubmit();
  await settled();
  document.dispatchEvent(new Event("visibilitychange"));
  await settled();
  expect(vi.mocked(fetch).mock.calls[1]?.[0]).toContain("/samtale/nyt?efter=2");
  expect(id("svar-4")).not.toBeNull();
  expect(id("oplaes")?.textContent).toBe("Svar i den anden fane");
  document.dispatchEvent(new Event("visibilitychange"));
  await settled();
  expect(id("svar-4")).toBeNull();
});

it("keeps what was typed into a form but not who typed it, until the receipt", () => {
  const formular = `<form data-formular><input name="name"><select name="municipality"><option value=""></option>
    <option value="0190">Furesø</option></select><textarea name="message"></textarea></form>`;
  document.body.innerHTML = formular;
  enhance(document);
  const value = (name: string) => document.querySelector<HTMLInputElement>(`[name=${name}]`);
  for (const [name, text] of [["name", "Inger"], ["municipality", "0190"], ["message", "Ring gerne"]] as const) {
    const field = value(name);
    if (field) field.value = text;
    field?.dispatchEvent(new Event("input", { bubbles: true }));
  }
  document.body.innerHTML = formular;
  enhance(document);
  expect([value("name")?.value, value("municipality")?.value, value("message")?.value]).toEqual(["", "0190", "Ring gerne"]);
  document.body.innerHTML = `<strong class="reference">H7QF-4M2X</strong>`;
  enhance(document);
  expect(sessionStorage.length).toBe(0);
});

it("restores a draft after a reload and forgets it when the conversation is ended", () => {
  sessionStorage.setItem("skranke-kladde", "halvt spørgsmål");
  const { field, id } = page();
  expect(field.value).toBe("halvt spørgsmål");
  id("slut")?.addEventListener("submit", (event) => event.preventDefault());
  (id("slut") as HTMLFormElement).requestSubmit();
  expect(sessionStorage.getItem("skranke-kladde")).toBeNull();
});
