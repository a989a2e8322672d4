// One script tag puts the counter on any page of a site that the counter allows (`chat.embed_on`):
//
//   <script src="https://skranke.example/assets/widget.js" async></script>
//
// It adds a button and, once pressed, a frame. The page's own styles and scripts reach neither: the button stands in a
// shadow tree, and the counter in a frame of its own origin. `data-lang="en"` asks for English; without it the page's
// own language counts.
(() => {
  const script = document.currentScript;
  if (!(script instanceof HTMLScriptElement)) return;
  const counter = new URL(script.src).origin;
  const english = (script.dataset["lang"] ?? document.documentElement.lang).toLowerCase().startsWith("en");
  const words = english
    ? { open: "Ask the counter", close: "Close the counter", title: "The counter: questions about self-service" }
    : { open: "Spørg skranken", close: "Luk skranken", title: "Skranken: spørgsmål om selvbetjening" };

  const host = document.createElement("div");
  const tree = host.attachShadow({ mode: "open" });
  // Made by script and not written into the page, so that a strict policy of the page lets it pass.
  const style = new CSSStyleSheet();
  style.replaceSync(`
    :host { all: initial; }
    div { position: fixed; inset: auto 1rem 1rem auto; z-index: 2147483000; display: flex; flex-direction: column;
      align-items: flex-end; gap: .5rem; font: 1rem/1.5 system-ui, sans-serif; }
    button { min-height: 3rem; padding: .5rem 1.25rem; border: 2px solid #fff; border-radius: 1.5rem; font: inherit;
      font-weight: 600; color: #fff; background: #0059b3; cursor: pointer; }
    button:focus-visible { outline: 3px solid #000; outline-offset: 2px; }
    iframe { width: min(26rem, calc(100vw - 2rem)); height: min(40rem, calc(100dvh - 6rem)); border: 1px solid #747474;
      border-radius: .25rem; background: #fff; }
    iframe[hidden] { display: none; }
    @media (forced-colors: active) { button { border-color: ButtonBorder; } }
    @media print { div { display: none; } }
  `);
  tree.adoptedStyleSheets = [style];
  const corner = document.createElement("div");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = words.open;
  button.setAttribute("aria-expanded", "false");
  corner.append(button);
  tree.append(corner);

  let frame: HTMLIFrameElement | undefined;
  const show = (open: boolean) => {
    if (open && !frame) {
      frame = document.createElement("iframe");
      frame.title = words.title;
      frame.src = `${counter}/?indlejret=1${english ? "&lang=en" : ""}`;
      frame.setAttribute(
        "sandbox",
        "allow-scripts allow-forms allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-downloads",
      );
      // Before the button: who goes on with the keyboard comes to the counter from its opener, and back.
      corner.prepend(frame);
    }
    if (frame) frame.hidden = !open;
    button.textContent = open ? words.close : words.open;
    button.setAttribute("aria-expanded", String(open));
    if (open) frame?.focus();
    else button.focus();
  };
  button.addEventListener("click", () => show(button.getAttribute("aria-expanded") !== "true"));
  tree.addEventListener("keydown", (event) => {
    if (event instanceof KeyboardEvent && event.key === "Escape" && frame && !frame.hidden) show(false);
  });
  window.addEventListener("message", (event) => {
    // Escape, pressed inside the frame.
    if (event.origin === counter && event.source === frame?.contentWindow && event.data === "skranke:luk") show(false);
  });
  const mount = () => document.body.append(host);
  if (document.body) mount();
  else document.addEventListener("DOMContentLoaded", mount);
})();

// A module to the compiler; what is built is a plain script.
export {};
