// The chat page's behaviour. The page works without it, as forms that post and reload; this spares the reload.
//
// What holds: a message is sent under a key of its own, and again under the same key when the network fails, so
// that it is answered once. What was typed stays in the field until it was answered, and survives a reload.

import { keepFormDrafts } from "./drafts";

/** What the server answers to `Accept: application/json`. */
interface Fragments {
  html: string;
  after: string;
  announce: string;
  answer: string | null;
  lang: string;
  hint: boolean;
  repeated: boolean;
  renewed: boolean;
}

type Outcome = { kind: "answered"; fragments: Fragments } | { kind: "refused"; text: string } | { kind: "lost" };

const DRAFT = "skranke-kladde";
const PATIENCE_MS = 20_000;
const KINDS = new Set(["tekst", "valg", "eksempel", "vurdering"]);

/** Starts the enhancement on a page; does nothing on a page without a conversation. */
export function enhance(page: Document): void {
  for (const button of page.querySelectorAll<HTMLButtonElement>("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
  // Shown in another site's page: Escape closes the frame, which only that page can.
  if (page.body.classList.contains("counter-framed")) {
    page.addEventListener("keydown", (event) => {
      if (event.key === "Escape") window.parent.postMessage("skranke:luk", "*");
    });
  }
  const found = parts(page);
  focusErrors(page);
  guardForms(page);
  keepFormDrafts(page);
  if (!found) return;
  const { field, form } = found;
  restoreDraft(field);
  field.addEventListener("input", () => {
    keepDraft(field.value);
    showHint(found, "");
  });
  field.addEventListener("keydown", (event) => {
    const typing = event.isComposing || event.shiftKey || window.matchMedia?.("(pointer: coarse)").matches;
    if (event.key !== "Enter" || typing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  let busy = false;
  page.addEventListener("submit", (event) => {
    const sent = event.target;
    if (!(sent instanceof HTMLFormElement)) return;
    if (sent.id === "slut") keepDraft("");
    const kind = sent.dataset["samtale"];
    if (!kind || !KINDS.has(kind)) return;
    event.preventDefault();
    if (busy) return;
    if (kind === "tekst" && field.value.trim() === "") {
      showHint(found, form.dataset["empty"] ?? "");
      field.focus();
      return;
    }
    busy = true;
    void send(found, sent, kind, event.submitter).finally(() => {
      busy = false;
    });
  });
  // Come back to, a page shows what was said in another tab meanwhile, or that the conversation was deleted there.
  const lookAgain = () => {
    if (busy || page.visibilityState === "hidden") return;
    busy = true;
    void refresh(found).finally(() => {
      busy = false;
    });
  };
  page.addEventListener("visibilitychange", lookAgain);
  window.addEventListener("focus", lookAgain);
}

/** The number of the last answer on the page (`svar-0c1d2e3f4a5b-17`), in the conversation's own count. */
function lastAnswer(log: HTMLElement): string | undefined {
  return [...log.querySelectorAll("[id^=svar-]")].at(-1)?.id.split("-").at(-1);
}

async function refresh(found: Parts): Promise<void> {
  const known = lastAnswer(found.log);
  // An empty page has nothing that could be out of date but a conversation it does not show: a reload will.
  if (known === undefined) return;
  try {
    const lang = encodeURIComponent(found.page.documentElement.lang);
    const address = `/samtale/nyt?efter=${encodeURIComponent(known)}&lang=${lang}`;
    const response = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    const fragments: unknown = await response.json();
    if (!response.ok || !isFragments(fragments)) return;
    if (fragments.renewed) {
      found.log.replaceChildren();
      replace(found.after, "");
    } else if (fragments.html !== "" && lastAnswer(found.log) === known) {
      append(found.log, fragments.html);
      replace(found.after, fragments.after);
      announce(found, fragments);
    }
  } catch {
    // Nobody asked for it: the next message tells whether the connection is there.
  }
}

/** Reads an answer out once. An alarm speaks for itself, and so does an answer that takes the focus. */
function announce(found: Parts, fragments: Fragments): void {
  const region = found.page.getElementById("oplaes");
  const answer = fragments.answer ? found.page.getElementById(fragments.answer) : null;
  if (!region || answer?.getAttribute("role") === "alert") return;
  region.lang = fragments.lang;
  region.textContent = fragments.announce;
}

interface Parts {
  page: Document;
  log: HTMLElement;
  after: HTMLElement;
  form: HTMLFormElement;
  field: HTMLTextAreaElement;
  error: HTMLElement;
  status: HTMLElement;
}

function parts(page: Document): Parts | undefined {
  const log = page.getElementById("samtale");
  const after = page.getElementById("efter");
  const form = page.getElementById("besked");
  const field = page.getElementById("tekst");
  const error = page.getElementById("tekst-fejl");
  const status = page.getElementById("status");
  if (!log || !after || !error || !status) return undefined;
  if (!(form instanceof HTMLFormElement) || !(field instanceof HTMLTextAreaElement)) return undefined;
  return { page, log, after, form, field, error, status };
}

async function send(found: Parts, form: HTMLFormElement, kind: string, submitter: HTMLElement | null): Promise<void> {
  const body = fieldsOf(form, submitter);
  const typed = found.field.value;
  if (kind !== "vurdering") body.set("message", keyFor(form, body));
  setBusy(form, true);
  say(found, found.form.dataset["sending"] ?? "");
  const outcome = await post(form.getAttribute("action") ?? "/samtale", body);
  setBusy(form, false);
  say(found, "");
  if (outcome.kind !== "answered") {
    const failed = found.form.dataset["failed"] ?? "";
    offerRetry(found, form, submitter, outcome.kind === "refused" ? outcome.text : failed);
    return;
  }
  // Answered: the key is spent, and what was written shall not stay in the page.
  delete form.dataset["key"];
  delete form.dataset["words"];
  const { fragments } = outcome;
  if (fragments.hint) {
    showHint(found, fragments.announce);
    found.field.focus();
    return;
  }
  if (kind === "vurdering") {
    replace(found.after, fragments.after);
    return;
  }
  // A pressed "English" or "Dansk" is for the whole page, which only the server can write.
  const choice = body.get("choice") ?? "";
  if (choice.startsWith("lang:") && fragments.lang !== found.page.documentElement.lang) {
    const framed = found.page.body.classList.contains("counter-framed") ? "indlejret=1" : "";
    const query = [fragments.lang === "en" ? "lang=en" : "", framed].filter(Boolean).join("&");
    window.location.assign(`/${query ? "?" : ""}${query}#seneste`);
    return;
  }
  if (kind === "tekst" && found.field.value === typed) {
    found.field.value = "";
    keepDraft("");
  }
  show(found, fragments, kind);
}

function fieldsOf(form: HTMLFormElement, submitter: HTMLElement | null): URLSearchParams {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string") body.append(name, value);
  }
  // Not every browser knows the second argument of FormData: the pressed button is added by hand.
  if (submitter instanceof HTMLButtonElement && submitter.name) body.set(submitter.name, submitter.value);
  return body;
}

/** The key of a message: the same for a retry of the same words, a new one for anything else. */
function keyFor(form: HTMLFormElement, body: URLSearchParams): string {
  const words = `${body.get("choice") ?? ""}\n${body.get("text") ?? ""}`;
  const known = form.dataset["key"];
  if (known && form.dataset["words"] === words) return known;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const key = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  form.dataset["key"] = key;
  form.dataset["words"] = words;
  return key;
}

async function post(address: string, body: URLSearchParams): Promise<Outcome> {
  const patience = new AbortController();
  const timer = window.setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    const response = await fetch(address, {
      method: "POST",
      body,
      headers: { Accept: "application/json" },
      credentials: "same-origin",
      signal: patience.signal,
    });
    const answer: unknown = await response.json();
    if (response.ok && isFragments(answer)) return { kind: "answered", fragments: answer };
    const text = troubleIn(answer);
    return text === undefined ? { kind: "lost" } : { kind: "refused", text };
  } catch {
    return { kind: "lost" };
  } finally {
    window.clearTimeout(timer);
  }
}

function isFragments(answer: unknown): answer is Fragments {
  return typeof answer === "object" && answer !== null && "html" in answer && typeof answer.html === "string";
}

/** What the server says went wrong: the counter calls it `error`, the house in front of it `message`. */
function troubleIn(answer: unknown): string | undefined {
  if (typeof answer !== "object" || answer === null) return undefined;
  if ("message" in answer && typeof answer.message === "string") return answer.message;
  return "error" in answer && typeof answer.error === "string" ? answer.error : undefined;
}

/** Adds the new lines to the conversation. The HTML is the server's own, with every text escaped. */
function show(found: Parts, fragments: Fragments, kind: string): void {
  found.page.getElementById("eksempler")?.remove();
  for (const name of ["slut", "udskrift"]) found.page.getElementById(name)?.removeAttribute("hidden");
  const heading = found.page.getElementById("samtale-titel");
  heading?.classList.replace("sr-only", "h3");
  // What stands here was deleted in another tab, and shall not stay on the screen.
  if (fragments.renewed) found.log.replaceChildren();
  const known = fragments.answer ? found.page.getElementById(fragments.answer) : null;
  if (!known) append(found.log, fragments.html);
  replace(found.after, fragments.after);
  const answer = fragments.answer ? found.page.getElementById(fragments.answer) : null;
  answer?.scrollIntoView?.({ block: "start" });
  // Who typed goes on typing and hears the answer; who pressed a button reads on from it.
  if (kind === "tekst") {
    announce(found, fragments);
    found.field.focus({ preventScroll: true });
  } else answer?.focus({ preventScroll: true });
}

function append(to: HTMLElement, html: string): void {
  const template = to.ownerDocument.createElement("template");
  template.innerHTML = html;
  to.append(template.content);
}

function replace(inside: HTMLElement, html: string): void {
  inside.replaceChildren();
  append(inside, html);
}

function setBusy(form: HTMLFormElement, busy: boolean): void {
  // Not `disabled`: that would take the focus away from whoever pressed it.
  for (const button of form.querySelectorAll("button")) {
    if (busy) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

function say(found: Parts, text: string): void {
  found.status.textContent = text;
  found.status.classList.remove("not-sent");
}

function showHint(found: Parts, text: string): void {
  found.error.textContent = text;
  found.error.parentElement?.classList.toggle("form-error", text !== "");
  if (text === "") found.field.removeAttribute("aria-invalid");
  else found.field.setAttribute("aria-invalid", "true");
}

function offerRetry(found: Parts, form: HTMLFormElement, submitter: HTMLElement | null, text: string): void {
  say(found, `${text} `);
  found.status.classList.add("not-sent");
  const again = found.page.createElement("button");
  again.type = "button";
  again.className = "button button-secondary";
  again.textContent = found.form.dataset["retry"] ?? "";
  again.addEventListener("click", () => {
    if (!form.isConnected) return;
    if (submitter?.isConnected) form.requestSubmit(submitter);
    else form.requestSubmit();
  });
  found.status.append(again);
}

function restoreDraft(field: HTMLTextAreaElement): void {
  try {
    if (field.value === "") field.value = window.sessionStorage.getItem(DRAFT) ?? "";
  } catch {
    // Storage may be forbidden; then a reload loses the draft, and nothing else.
  }
}

function keepDraft(text: string): void {
  try {
    if (text === "") window.sessionStorage.removeItem(DRAFT);
    else window.sessionStorage.setItem(DRAFT, text);
  } catch {
    // As above.
  }
}

/** After a form came back with errors, the reader starts at their summary. */
function focusErrors(page: Document): void {
  page.getElementById("fejl")?.focus();
}

/** The call-back and inquiry forms post as they are; a double click posts once. */
function guardForms(page: Document): void {
  for (const form of page.querySelectorAll<HTMLFormElement>("form[data-formular]")) {
    let sent = false;
    form.addEventListener("submit", (event) => {
      if (sent) event.preventDefault();
      sent = true;
      setBusy(form, true);
    });
    // Back from the receipt: the page may be the one that was left.
    window.addEventListener("pageshow", () => {
      sent = false;
      setBusy(form, false);
    });
  }
}

enhance(document);
