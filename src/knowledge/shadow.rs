//! Articles in the shadow of others: asked with its own example questions, an article is found less often than another.
//!
//! The questions are those of a rehearsal: each was asked of a counter that had not learned it.

use std::collections::BTreeMap;

use skranke_chat::understanding::Rehearsed;
use skranke_domain::Lang;
use skranke_domain::conversation::TopicSlug;

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
pub(super) fn shadowed(rehearsed: &[Rehearsed]) -> Vec<Shadowed> {
    let mut found: BTreeMap<(TopicSlug, Lang), BTreeMap<TopicSlug, usize>> = BTreeMap::new();
    for Rehearsed { wanted, lang, heard, .. } in rehearsed {
        let Some(wanted) = wanted else { continue };
        let first = heard.topics.first().map_or_else(|| TopicSlug::new(""), |first| first.topic.clone());
        *found.entry((wanted.clone(), *lang)).or_default().entry(first).or_default() += 1;
    }
    let shadows = found.into_iter().filter_map(|((topic, lang), tally)| {
        let own = tally.get(&topic).copied().unwrap_or(0);
        let others = tally.into_iter().filter(|(other, _)| *other != topic && !other.as_str().is_empty());
        let (by, theirs) = others.max_by_key(|(_, times)| *times)?;
        (theirs > own).then_some(Shadowed { topic, lang, by, theirs, own })
    });
    shadows.collect()
}
