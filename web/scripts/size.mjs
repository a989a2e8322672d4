// Says how much a browser has to fetch, compressed, and fails when it becomes too much.
import { readFileSync, readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";

const folder = new URL("../dist/assets/", import.meta.url);
const limits = [
  { name: "staff JS", files: /^staff-.*\.js$/, kilobytes: 160 },
  { name: "staff CSS", files: /^staff-.*\.css$/, kilobytes: 30 },
  { name: "chat JS", files: /^chat\.js$/, kilobytes: 8 },
  { name: "widget JS", files: /^widget\.js$/, kilobytes: 2 },
  { name: "chat CSS", files: /^chat\.css$/, kilobytes: 30 },
  // Code that both would share: there should be none.
  { name: "other JS", files: /^(?!staff-|chat\.js$|widget\.js$).*\.js$/, kilobytes: 8 },
  { name: "fonts", files: /\.woff2$/, kilobytes: 120 },
];

let failed = false;
for (const { name, files, kilobytes } of limits) {
  const found = readdirSync(folder).filter((file) => files.test(file));
  const bytes = found.map((file) => readFileSync(new URL(file, folder)));
  const size = bytes.reduce((sum, content) => sum + gzipSync(content, { level: 9 }).length, 0) / 1000;
  const over = size > kilobytes;
  failed ||= over;
  console.log(`${over ? "TOO BIG" : "ok     "} ${name.padEnd(10)} ${size.toFixed(1).padStart(7)} kB gzip (at most ${kilobytes})`);
}
process.exit(failed ? 1 : 0);
