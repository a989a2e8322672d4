import { afterEach, beforeEach, expect, it, vi } from "vitest";

/** Runs the script as a page with the tag would. */
async function onPage(attributes: Record<string, string> = {}): Promise<ShadowRoot> {
  const script = document.createElement("script");
  script.src = "https://skranke.example/assets/widget.js";
  for (const [name, value] of Object.entries(attributes)) script.setAttribute(name, value);
  vi.spyOn(document, "currentScript", "get").mockReturnValue(script);
  vi.resetModules();
  await import("./widget");
  const host = [...document.body.children].find((child) => child.shadowRoot);
  if (!host?.shadowRoot) throw new Error("there is no widget");
  return host.shadowRoot;
}

beforeEach(() => {
  document.body.replaceChildren();
  document.documentElement.lang = "da";
  // jsdom has no constructable style sheets.
  vi.stubGlobal("CSSStyleSheet", class { replaceSync() {} });
});

afterEach(() => vi.unstubAllGlobals());

/** What must be there. */
function part<T extends Element>(tree: ShadowRoot, kind: new () => T, name: string): T {
  const found = tree.querySelector(name);
  if (!(found instanceof kind)) throw new Error(`there is no ${name}`);
  return found;
}

const button = (tree: ShadowRoot) => part(tree, HTMLButtonElement, "button");

it("fetches nothing before it is asked, then shows the counter in a frame, and closes on Escape", async () => {
  const tree = await onPage();
  expect(button(tree).textContent).toBe("Spørg skranken");
  expect(tree.querySelector("iframe")).toBeNull();
  button(tree).click();
  const frame = part(tree, HTMLIFrameElement, "iframe");
  expect(frame.src).toBe("https://skranke.example/?indlejret=1");
  expect(frame.title).not.toBe("");
  expect(frame.getAttribute("sandbox")).toContain("allow-same-origin");
  expect(button(tree).getAttribute("aria-expanded")).toBe("true");
  button(tree).dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  expect(frame.hidden).toBe(true);
  button(tree).click();
  expect(tree.querySelectorAll("iframe")).toHaveLength(1);
});

it("speaks the page's language, or the one it is told", async () => {
  document.documentElement.lang = "en-GB";
  expect(button(await onPage()).textContent).toBe("Ask the counter");
  document.body.replaceChildren();
  expect(button(await onPage({ "data-lang": "da" })).textContent).toBe("Spørg skranken");
});

it("listens to its own frame only", async () => {
  const tree = await onPage();
  button(tree).click();
  const frame = part(tree, HTMLIFrameElement, "iframe");
  const tell = (origin: string, source: Window | null) =>
    window.dispatchEvent(new MessageEvent("message", { data: "skranke:luk", origin, source }));
  tell("https://elsewhere.example", frame.contentWindow);
  tell("https://skranke.example", window);
  expect(frame.hidden).toBe(false);
  tell("https://skranke.example", frame.contentWindow);
  expect(frame.hidden).toBe(true);
});
