//! What the understanding learns from, taken out of the content: every article in both languages, with the other
//! names of its self-service area, every municipality with the names people use for it, how people ask in languages that
//! are not spoken here, and the thresholds.

use skranke_content::{Article, Library, Municipality};
use skranke_domain::conversation::Foreign;

use crate::redact::Public;
use crate::understanding::{Corpus, CorpusArticle, CorpusForeign, CorpusPlace, Thresholds};

/// The corpus of a library.
pub fn corpus(library: &Library) -> Corpus {
    Corpus {
        articles: library.articles().map(|article| of_article(library, article)).collect(),
        places: library.municipalities().iter().map(of_municipality).collect(),
        foreign: Foreign::ALL.into_iter().flat_map(|language| in_language(library, language)).collect(),
        public: Public::of(library),
        thresholds: library.thresholds().map_or_else(Thresholds::default, |told| Thresholds {
            answer: told.answer,
            choices: told.choices,
            lead: told.lead,
            doubt: told.doubt,
        }),
    }
}

fn in_language(library: &Library, language: Foreign) -> impl Iterator<Item = CorpusForeign> {
    library.foreign().of(language).map(move |(slug, topic)| CorpusForeign {
        language,
        slug: slug.clone(),
        title: topic.title.clone(),
        questions: topic.questions.clone(),
    })
}

fn of_article(library: &Library, article: &Article) -> CorpusArticle {
    let service = library.service(&article.topic);
    let mut keywords = article.keywords.clone();
    keywords.extend(service.map_or(&[][..], |service| service.synonyms(article.lang)).iter().cloned());
    CorpusArticle {
        slug: article.topic.clone(),
        lang: article.lang,
        title: article.title.clone(),
        keywords,
        questions: article.questions.clone(),
        body: article.paragraphs.join("\n"),
    }
}

fn of_municipality(place: &Municipality) -> CorpusPlace {
    let mut names = vec![place.name.clone(), place.official_name.clone()];
    names.extend(place.aliases.iter().cloned());
    CorpusPlace { code: place.code, names, villages: place.villages.clone() }
}
