// lunr with the Danish stemmer of lunr-languages (English is lunr's own). Every example question is a document, beside the
// articles themselves: found better than the articles alone.

import lunr from 'lunr';
import stemmer from 'lunr-languages/lunr.stemmer.support.js';
import danish from 'lunr-languages/lunr.da.js';
import { measure } from './common.mjs';

stemmer(lunr);
danish(lunr);

await measure((lang, articles) => {
  const texts = [];
  const index = lunr(function () {
    if (lang === 'da') this.use(lunr.da);
    this.ref('ref');
    this.field('text');
    const add = (slug, text, boost) => {
      this.add({ ref: texts.length, text }, { boost });
      texts.push(slug);
    };
    for (const { slug, title, keywords, questions, body } of articles) {
      for (const question of questions) add(slug, question, 1);
      add(slug, [title, ...keywords].join(' '), 2);
      add(slug, body, 0.5);
    }
  });
  return (text) => {
    const terms = lunr.tokenizer(text);
    const found = index.query((query) => query.term(terms.map(String), { usePipeline: true }));
    const best = [];
    for (const { ref } of found) {
      if (!best.includes(texts[ref])) best.push(texts[ref]);
      if (best.length === 3) break;
    }
    return best;
  };
});
