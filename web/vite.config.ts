import { fileURLToPath } from "node:url";
import { readFileSync } from "node:fs";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { runnerImport } from "vite";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The font's licence travels with the font. */
const fontLicence: Plugin = {
  name: "font-licence",
  apply: "build",
  generateBundle() {
    const source = readFileSync(here("./node_modules/dkfds/dist/fonts/IBMPlexSans/split/woff2/license.txt"));
    this.emitFile({ type: "asset", fileName: "assets/IBMPlexSans-licence.txt", source });
  },
};

/** What the dashboard asks, document by document: the server answers nothing else in production. */
const operations: Plugin = {
  name: "operations",
  apply: "build",
  async generateBundle() {
    const { module } = await runnerImport<Record<string, unknown>>(here("./src/gql/graphql.ts"));
    const documents = Object.values(module).filter((value) => value instanceof String).map(String);
    const asked = documents.filter((text) => /^\s*(query|mutation|subscription)\b/.test(text));
    this.emitFile({ type: "asset", fileName: "operations.json", source: JSON.stringify(asked, null, 1) });
  },
};

/** While developing: the one page answers for every address of the dashboard, as the server does later. */
const onePage: Plugin = {
  name: "one-page",
  apply: "serve",
  configureServer(server) {
    server.middlewares.use((request, _response, next) => {
      if (/^\/(sager|revision|log-ind)?([/?]|$)/.test(request.url ?? "") && !request.url?.includes(".")) request.url = "/staff.html";
      next();
    });
  },
};

export default defineConfig({
  plugins: [react(), fontLicence, operations, onePage],
  // The package exports only its script; its styles, fonts and icons are in the folder beside it.
  resolve: { alias: { dkfds: here("./node_modules/dkfds/dist") } },
  css: {
    // The design system's own warnings are not ours to mend.
    preprocessorOptions: { scss: { quietDeps: true, silenceDeprecations: ["if-function"] } },
  },
  build: {
    target: "es2022",
    // The content security policy allows files of our own only: nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: "assets/licences.md" },
    rolldownOptions: {
      input: { staff: here("./staff.html"), chat: here("./src/chat/entry.ts"), widget: here("./src/widget/widget.ts") },
      output: {
        // The chat page is written by the server and the widget stands in other sites' pages: their names never change.
        entryFileNames: (chunk) => (chunk.name === "staff" ? "assets/[name]-[hash].js" : "assets/[name].js"),
        assetFileNames: (asset) => (asset.names.includes("chat.css") ? "assets/chat.css" : "assets/[name]-[hash][extname]"),
      },
    },
  },
  server: {
    proxy: {
      "/api": "http://127.0.0.1:8080",
      "/graphql": { target: "http://127.0.0.1:8080", ws: true },
    },
  },
  test: {
    environment: "jsdom",
    globals: true,
    setupFiles: ["src/test/setup.ts"],
    css: false,
    restoreMocks: true,
    testTimeout: 30_000,
  },
});
