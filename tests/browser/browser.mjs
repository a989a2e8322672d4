// A real Chromium, and visitors whose pages are watched: whatever the browser complains about fails the test.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

/** How long a page may take for anything. */
export const PATIENCE_MS = 10_000;
export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 360, height: 740 };
/** WCAG 2.2, 1.4.10: no scrolling in two dimensions at this width. */
export const NARROW = { width: 320, height: 640 };

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const SWITCHES = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function launch() {
  const executablePath = process.env.CHROMIUM ?? PLACES.find((place) => existsSync(place));
  if (!executablePath) throw new Error("no Chromium: install one (`make chromium`), or name it in CHROMIUM");
  return chromium.launch({ executablePath, headless: true, args: SWITCHES });
}

/** A browser profile of its own with one page, watched. `script: false` is a browser without JavaScript. */
export async function newVisitor(browser, base, { script = true, viewport = DESKTOP, touch = false } = {}) {
  const context = await browser.newContext({
    baseURL: base,
    viewport,
    javaScriptEnabled: script,
    hasTouch: touch,
    locale: "da-DK",
    timezoneId: "Europe/Copenhagen",
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const watch = new Watch(context);
  // Without JavaScript this does not run; Chromium then still reports the violation on the console.
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`CSP: ${event.violatedDirective} forbids ${event.blockedURI} (${event.sourceFile}:${event.lineNumber})`);
    });
  });
  const page = await context.newPage();
  return { context, page, watch };
}

/** Collects what went wrong behind the screen. */
class Watch {
  #complaints = [];
  #allowed = [
    // Screens ask who is logged in, and "nobody" is answered with 401, which Chromium writes down as an error.
    /status of 401 .*\/(api\/session|graphql)$/,
  ];

  constructor(context) {
    context.on("console", (message) => {
      if (message.type() === "error") this.#note(`console: ${message.text()} ${message.location().url}`);
    });
    context.on("weberror", (error) => this.#note(`page error: ${error.error().stack ?? error.error()}`));
    context.on("response", (response) => {
      if (response.status() >= 500) this.#note(`answered with ${response.status()}: ${response.url()}`);
    });
  }

  #note(complaint) {
    this.#complaints.push(complaint);
  }

  /** What this test provokes on purpose. */
  allow(...patterns) {
    this.#allowed.push(...patterns);
  }

  complaints() {
    return this.#complaints.filter((complaint) => !this.#allowed.some((pattern) => pattern.test(complaint)));
  }
}

/** The connection is gone: how Chromium says so for requests and for the live line. */
export const NO_CONNECTION = [/ERR_CONNECTION_(REFUSED|RESET|CLOSED)/, /ERR_(EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING|SOCKET_NOT_CONNECTED)/, /WebSocket connection to/];

/** Waits until it can be seen. */
export async function seen(locator) {
  await locator.first().waitFor({ state: "visible" });
  return locator.first();
}

/** Waits until it is gone. */
export async function gone(locator) {
  await locator.first().waitFor({ state: "hidden" });
}

/** Asks again until `probe` answers something true, and answers that. */
export async function until(probe, what) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await probe();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${PATIENCE_MS} ms: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Elements that stick out to the right of the window, when the page can be scrolled sideways. */
export async function sideways(page) {
  return page.evaluate(() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const out = [...document.body.querySelectorAll("*")].filter((one) => {
      const box = one.getBoundingClientRect();
      return box.width > 0 && box.right > root.clientWidth + 0.5;
    });
    return [`${root.scrollWidth} px wide in a window of ${root.clientWidth}`, ...out.slice(-5).map((one) => one.outerHTML.slice(0, 160))];
  });
}
