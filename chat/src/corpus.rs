//! What the understanding learns from, taken out of the content: every article in both languages, with the other
//! names of its self-service area, and every municipality with the names people use for it.

use skranke_content::{Article, Library, Municipality};

use crate::understanding::{Corpus, CorpusArticle, CorpusPlace};

/// The corpus of a library.
pub fn corpus(library: &Library) -> Corpus {
    Corpus {
        articles: library.articles().map(|article| of_article(library, article)).collect(),
        places: library.municipalities().iter().map(of_municipality).collect(),
    }
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
