// What every test file does alike: one server, one browser, and scenes with visitors of their own.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import { launch, newVisitor } from "./browser.mjs";
import { ARTEFACTS, startServer } from "./server.mjs";

/** The longest scene takes a quarter of this on an idle machine. */
const SCENE_MS = 90_000;

/** Sets the stage for the file at `url`. `env` holds settings for its server. */
export function stage(url, env = {}) {
  const name = basename(url, ".test.mjs");
  let server;
  let browser;
  before(async () => {
    server = await startServer(env);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.stop(name);
    // Without a server the tests have failed already.
    const faults = server?.output().split("\n").filter((line) => / ERROR |panicked/.test(line)) ?? [];
    assert.deepEqual(faults, [], "the server's log holds errors");
  });

  /** One test. `visit(options)` gives a visitor; all their pages are checked at the end. */
  function scene(title, play) {
    test(title, { timeout: SCENE_MS }, async (t) => {
      const visitors = [];
      const visit = async (options) => {
        const visitor = await newVisitor(browser, server.base, options);
        visitors.push(visitor);
        return visitor;
      };
      try {
        await play({ t, visit, server });
        for (const { watch } of visitors) assert.deepEqual(watch.complaints(), [], "the browser complained");
      } catch (thrown) {
        await photograph(visitors, `failed ${name} ${title}`);
        throw thrown;
      } finally {
        for (const { context } of visitors) await context.close();
      }
    });
  }
  return { scene };
}

async function photograph(visitors, title) {
  mkdirSync(ARTEFACTS, { recursive: true });
  let number = 0;
  for (const { context } of visitors) {
    for (const page of context.pages()) {
      number += 1;
      const path = join(ARTEFACTS, `${title.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 80)}-${number}.png`);
      await page.screenshot({ path, fullPage: true }).catch(() => {});
    }
  }
}
