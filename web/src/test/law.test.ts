// The two escapes from the type system that this house does without, and the one from the text tables.
const sources = import.meta.glob<string>(["../**/*.{ts,tsx}", "!../gql/**", "!../chat/**"], { query: "?raw", import: "default", eager: true });

const code = Object.entries(sources).map(([path, text]) => [path, text.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, "").replace(/"[^"\n]*"|`[^`]*`/g, '""')] as const);

test("nothing is cast but to const", () => {
  const casts = code.filter(([, text]) => /\)? as (?!const\b)[\w{(]/.test(text.replace(/^import .*$|^\s*\*.*$|import \* as/gm, "")));
  expect(casts.map(([path]) => path)).toEqual([]);
});

test("nothing is of any type", () => {
  expect(code.filter(([, text]) => /[:<|,]\s*any\b/.test(text)).map(([path]) => path)).toEqual([]);
});

test("no file grows beyond what one can keep in mind", () => {
  const tables = /\/text\/(da|en)\.ts$/;
  const long = Object.entries(sources).filter(([path, text]) => !tables.test(path) && text.split("\n").length > 260);
  expect(long.map(([path]) => path)).toEqual([]);
});
