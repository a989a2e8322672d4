// axe in the real browser. It is injected from outside the page, so the page's own policy stays as strict as it is.
import assert from "node:assert/strict";
import axe from "axe-core";

const GRAVE = new Set(["serious", "critical"]);

/** Everything axe finds on the page, as lines to read. */
export async function findings(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    // target-size is WCAG 2.2 AA, and off unless asked for.
    globalThis.axe.run(document, { resultTypes: ["violations"], rules: { "target-size": { enabled: true } } }),
  );
  return violations.map(({ id, impact, help, nodes }) => ({
    grave: GRAVE.has(impact),
    text: [
      `${impact} ${id}: ${help}`,
      ...nodes.map((node) => `    ${node.target.join(" ")}  ${node.html.slice(0, 140)}\n      ${(node.failureSummary ?? "").replaceAll("\n", " ")}`),
    ].join("\n"),
  }));
}

/** Fails on serious and critical findings; lesser ones are told to `t`. */
export async function assertAccessible(page, where, t) {
  const found = await findings(page);
  for (const lesser of found.filter(({ grave }) => !grave)) t?.diagnostic(`${where}: ${lesser.text}`);
  const grave = found.filter(({ grave }) => grave).map(({ text }) => text);
  assert.equal(grave.length, 0, `axe on ${where}:\n${grave.join("\n")}`);
}
