//! Articles in the shadow of others: asked with its own example questions, an article is found less often than another.
//!
//! Every question is held back once and asked of a counter that has learned all the others (five rounds, a fifth of each
//! article's questions at a time): a question that was learned finds its article and says nothing.

use std::collections::BTreeMap;

use skranke_chat::corpus::corpus;
use skranke_chat::understanding::{Corpus, CorpusArticle, Hint, Understanding};
use skranke_content::Library;
use skranke_domain::Lang;
use skranke_domain::conversation::{Dialogue, TopicSlug};

/// How many rounds.
const ROUNDS: usize = 5;

/// An article in the shadow of another.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shadowed {
    pub(super) topic: TopicSlug,
    pub(super) lang: Lang,
    /// The article that is found instead.
    pub(super) by: TopicSlug,
    /// How many of the questions find the other one.
    pub(super) theirs: usize,
    /// How many find the article itself.
    pub(super) own: usize,
}

/// Every article that is in the shadow of another.
pub(super) fn shadowed(library: &Library) -> Vec<Shadowed> {
    let whole = corpus(library);
    let mut found: BTreeMap<(TopicSlug, Lang), BTreeMap<TopicSlug, usize>> = BTreeMap::new();
    for round in 0..ROUNDS {
        let (known, held_back) = split(&whole, round);
        let understanding = Understanding::new(known);
        for (topic, lang, question) in held_back {
            let dialogue = Dialogue { lang, ..Dialogue::default() };
            let explained = understanding.explain(&question, &Hint { page: lang, dialogue });
            let first = explained.topics.into_iter().next().map(|first| first.topic);
            let tally = found.entry((topic, lang)).or_default();
            *tally.entry(first.unwrap_or_else(|| TopicSlug::new(""))).or_default() += 1;
        }
    }
    let shadows = found.into_iter().filter_map(|((topic, lang), tally)| {
        let own = tally.get(&topic).copied().unwrap_or(0);
        let others = tally.into_iter().filter(|(other, _)| *other != topic && !other.as_str().is_empty());
        let (by, theirs) = others.max_by_key(|(_, times)| *times)?;
        (theirs > own).then_some(Shadowed { topic, lang, by, theirs, own })
    });
    shadows.collect()
}

/// What is learned in a round, and the questions that are asked.
fn split(whole: &Corpus, round: usize) -> (Corpus, Vec<(TopicSlug, Lang, String)>) {
    let mut held_back = Vec::new();
    let articles = whole.articles.iter().enumerate().map(|(number, article)| {
        let mut questions = Vec::new();
        for (n, question) in article.questions.iter().enumerate() {
            if (n + number) % ROUNDS == round && article.questions.len() > 1 {
                held_back.push((article.slug.clone(), article.lang, question.clone()));
            } else {
                questions.push(question.clone());
            }
        }
        CorpusArticle { questions, ..article.clone() }
    });
    let articles = articles.collect();
    (Corpus { articles, places: whole.places.clone(), foreign: whole.foreign.clone() }, held_back)
}
