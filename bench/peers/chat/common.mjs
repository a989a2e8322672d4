// What both peers share: the articles they learn from, the questions they are asked, the lines they print.
//
//   node nlp.mjs|lunr.mjs TRAINING.json QUESTIONS.json
//
// TRAINING is { da: [{ slug, title, keywords, questions, body }], en: [...] }, QUESTIONS [{ id, lang, text }]. One line is
// printed per question, {"id","topics","ms"}, best topic first, and a last one, {"memory_mb","train_s"}.

import { readFileSync } from 'node:fs';

const [training, questions] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')));

/** Learns both languages, then answers every question with at most three topics. */
export async function measure(learn) {
  const began = performance.now();
  const answer = {};
  for (const lang of Object.keys(training)) answer[lang] = await learn(lang, training[lang]);
  const seconds = (performance.now() - began) / 1000;
  // The first questions pay for the compiler; nobody is measured by them.
  for (const { lang, text } of questions.slice(0, 100)) await answer[lang](text);
  for (const { id, lang, text } of questions) {
    const asked = performance.now();
    const topics = [...new Set(await answer[lang](text))].slice(0, 3);
    console.log(JSON.stringify({ id, topics, ms: performance.now() - asked }));
  }
  const memory = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0);
  console.log(JSON.stringify({ memory_mb: Math.round(memory / 1024), train_s: seconds }));
}
