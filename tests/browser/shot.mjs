// Pictures of every page, for people to look at: artefacts/NAME-desktop.png and artefacts/NAME-phone.png.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DESKTOP, PHONE } from "./browser.mjs";
import { ARTEFACTS } from "./server.mjs";

/** Takes both pictures, and leaves the window as it was. */
export async function shoot(page, name) {
  mkdirSync(ARTEFACTS, { recursive: true });
  const before = page.viewportSize();
  for (const [size, viewport] of [["desktop", DESKTOP], ["phone", PHONE]]) {
    await page.setViewportSize(viewport);
    await page.screenshot({ path: join(ARTEFACTS, `${name}-${size}.png`), fullPage: true });
  }
  if (before) await page.setViewportSize(before);
}
