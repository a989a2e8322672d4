import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [react()],
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
    rolldownOptions: {
      input: { staff: here("./staff.html"), chat: here("./src/chat/entry.ts") },
      output: {
        // The chat page is written by the server, so its two files have names that never change.
        entryFileNames: (chunk) => (chunk.name === "chat" ? "assets/chat.js" : "assets/[name]-[hash].js"),
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
  },
});
