// nlp.js: one intent per topic, trained with the titles, the keywords and every example question.

import { Nlp } from '@nlpjs/nlp';
import { LangDa } from '@nlpjs/lang-da';
import { LangEn } from '@nlpjs/lang-en';
import { containerBootstrap } from '@nlpjs/core';
import { measure } from './common.mjs';

await measure(async (lang, articles) => {
  const container = await containerBootstrap();
  container.use(lang === 'da' ? LangDa : LangEn);
  const nlp = new Nlp({ container, languages: [lang], autoSave: false, autoLoad: false, modelFileName: '', nlu: { log: false, useNoneFeature: false } });
  nlp.addLanguage(lang);
  for (const { slug, title, keywords, questions } of articles) {
    for (const text of [title, ...keywords, ...questions]) nlp.addDocument(lang, text, slug);
  }
  await nlp.train();
  return async (text) => {
    const { classifications } = await nlp.process(lang, text);
    return classifications.filter(({ intent }) => intent !== 'None').map(({ intent }) => intent);
  };
});
