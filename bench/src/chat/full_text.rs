//! SQLite's own full-text search over the same articles and example questions.

use std::collections::BTreeMap;
use std::time::Instant;

use rusqlite::Connection;

use super::{Asked, Lesson, Peer, Ranked};

/// A tokenizer, and its name on the page.
pub(super) type Form = (&'static str, &'static str);

pub(super) const FORMS: [Form; 2] =
    [("SQLite FTS5, unicode61", "unicode61 remove_diacritics 2"), ("SQLite FTS5, trigram", "trigram")];

/// Ranks the topics of every question by BM25. Every example question is a row, and so are title with keywords and body:
/// better than one row per article.
pub(super) fn measure(
    (name, tokenizer): Form,
    lessons: &BTreeMap<&str, Vec<Lesson>>,
    asked: &[Asked],
) -> anyhow::Result<Peer> {
    let database = Connection::open_in_memory()?;
    for (lang, lessons) in lessons {
        database.execute_batch(&format!(
            "CREATE VIRTUAL TABLE {lang} USING fts5(slug UNINDEXED, text, tokenize = '{tokenizer}')"
        ))?;
        let mut insert = database.prepare(&format!("INSERT INTO {lang} (slug, text) VALUES (?1, ?2)"))?;
        for lesson in lessons {
            let head = format!("{} {}", lesson.title, lesson.keywords.join(" "));
            for text in lesson.questions.iter().chain([&head, &lesson.body]) {
                insert.execute([&lesson.slug, text])?;
            }
        }
    }
    let mut ranked = Vec::with_capacity(asked.len());
    for asked in asked {
        let started = Instant::now();
        let topics = topics(&database, &asked.lang, &asked.text)?;
        ranked.push(Ranked { id: asked.id.clone(), topics, ms: started.elapsed().as_secs_f64() * 1000.0 });
    }
    Ok(Peer::ranked(name, &ranked, asked))
}

fn topics(database: &Connection, lang: &str, text: &str) -> anyhow::Result<Vec<String>> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 2);
    let query: Vec<String> = words.map(|word| format!("\"{word}\"")).collect();
    if query.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT slug FROM {lang} WHERE {lang} MATCH ?1 ORDER BY rank LIMIT 60");
    let mut search = database.prepare_cached(&sql)?;
    let mut topics: Vec<String> = Vec::new();
    for slug in search.query_map([query.join(" OR ")], |row| row.get::<_, String>(0))? {
        let slug = slug?;
        if !topics.contains(&slug) && topics.len() < 3 {
            topics.push(slug);
        }
    }
    Ok(topics)
}
