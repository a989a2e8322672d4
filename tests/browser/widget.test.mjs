// The counter in a frame on a page of another site.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { startServer } from "./server.mjs";
import { launch } from "./browser.mjs";

// The page that the documentation shows, word for word but for the counter's address.
const EXAMPLE = readFileSync(new URL("../../docs/widget/example.html", import.meta.url), "utf8");
let site, counter, browser, origin;

before(async () => {
  site = createServer((_request, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    // As strict as a careful site is.
    response.setHeader("content-security-policy", `default-src 'none'; script-src ${counter.base}; frame-src ${counter.base}`);
    response.end(EXAMPLE.replace("http://127.0.0.1:8080", counter.base));
  });
  await new Promise((done) => site.listen(0, "localhost", done));
  origin = `http://localhost:${site.address().port}`;
  counter = await startServer({ SKRANKE_CHAT_EMBED_ON: origin });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await counter?.stop("widget");
  site?.close();
});

test("one script tag puts the counter on a page of another origin, and it goes on from message to message", async () => {
  const page = await browser.newPage();
  const refused = [];
  page.on("console", (message) => message.type() === "error" && refused.push(message.text()));
  await page.goto(`${origin}/`);
  await page.getByRole("button", { name: "Spørg skranken" }).click();
  const frame = page.frameLocator("iframe");
  for (const text of ["Jeg har ikke MitID og skal skifte læge", "Furesø"]) {
    await frame.getByLabel("Dit spørgsmål").fill(text);
    await frame.getByRole("button", { name: "Send", exact: true }).click();
  }
  await frame.locator(".card-print").waitFor();
  assert.match(await frame.locator(".card-print").innerText(), /Furesø Kommune/);
  await frame.getByLabel("Dit spørgsmål").press("Escape");
  await page.getByRole("button", { name: "Spørg skranken" }).waitFor();
  assert.deepEqual(refused, []);
  await page.close();
});

test("a site that is not allowed gets no frame", async () => {
  const page = await browser.newPage();
  const stranger = createServer((_request, response) => {
    response.setHeader("content-type", "text/html");
    response.end(`<iframe src="${counter.base}/?indlejret=1"></iframe>`);
  });
  await new Promise((done) => stranger.listen(0, "localhost", done));
  const refused = new Promise((done) => page.on("console", (message) => /frame-ancestors/.test(message.text()) && done(message.text())));
  await page.goto(`http://localhost:${stranger.address().port}/`);
  assert.ok(await refused);
  stranger.close();
  await page.close();
});
