//! Full-text search over cases: titles, parties, notes, what was asked and heard, themes of documents.
//!
//! These fields are sealed, and the index must not undo that. So it holds no words: each is replaced by a code that only
//! the key ring can make ([`Blinder`]), and a question is looked up by the codes of its words. When a subject's key is
//! destroyed, what the index held about them is deleted (`secure-delete`: from its pages too).
//!
//! One place is one event as far as it is about one person, and a hit is a place in which all words stand. Short texts
//! (a title, a name) are found by the beginnings of their words as well.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params, params_from_iter};
use skranke_domain::case::CaseEvent;
use skranke_domain::privacy::PrivacyEvent;
use skranke_domain::sealed::{Opener, SealError, Sealable};
use skranke_domain::{SubjectId, Tenant, codec};
use skranke_store::{Blinder, KeyRing, StreamSeals};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use uuid::Uuid;

use crate::event::Event;
use crate::page::{Cursor, Item, Page};
use crate::projection::{FoldFault, Projection};
use crate::reached::Reached;
use crate::rows;
use crate::views::{Views, ViewsError, locked};
use crate::work_row::WorkRow;

/// The fields that are searched, by the names they are sealed under, and whether they are found by beginnings too.
const SEARCHED: &[(&str, bool)] = &[
    ("CaseOpened.title", true),
    ("CaseOpened.party", true),
    ("PartyAdded.name", true),
    ("RepresentativeRecorded.name", true),
    ("CallNoted.text", false),
    ("StepNoted.text", false),
    ("FactNoted.text", false),
    ("InformationRequested.what", false),
    ("InformationReceived.what", false),
    ("HearingOpened.facts", false),
    ("HearingReplyReceived.text", false),
    ("DocumentJournalised.theme", true),
    ("DocumentTakenOver.theme", true),
];

/// How many places one event may have at most: people whom its searched fields are about.
const PLACES: u64 = 16;
/// The longest word in characters; what comes after is not looked at.
const LONGEST: usize = 64;
/// The beginnings of a word that are found, in characters.
const BEGINNINGS: std::ops::RangeInclusive<usize> = 3..=8;
/// The most words of a question.
pub const MOST_WORDS: usize = 10;
/// The order of hits in cursors.
const MARK: char = 's';

/// A place in a case where all words stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The case.
    pub row: WorkRow,
    /// The type of the event that says it.
    pub event_type: String,
    /// When that was.
    pub at: Timestamp,
}

/// What is searched for, and by whom.
#[derive(Clone, Debug, Default)]
pub struct SearchQuery {
    /// The words, as typed.
    pub text: String,
    /// Only cases that are reached; `None` for every case.
    pub reached: Option<Reached>,
    /// Behind this hit.
    pub after: Option<Cursor>,
    /// At most so many.
    pub first: usize,
}

/// What one event says about one person, in codes.
#[derive(Debug)]
pub(crate) struct Place {
    subject: SubjectId,
    codes: BTreeSet<u64>,
}

/// Opens what is searched and turns it into codes: the costly half of indexing, which needs no table and is done
/// ahead of the fold, on the threads that read the log.
pub(crate) struct Indexer {
    keys: KeyRing,
    blinders: Mutex<HashMap<Tenant, Blinder>>,
}

impl Indexer {
    pub(crate) fn new(keys: KeyRing) -> Self {
        Self { keys, blinders: Mutex::default() }
    }

    fn blinder(&self, tenant: Tenant) -> Result<Blinder, FoldFault> {
        let mut blinders = locked(&self.blinders);
        if let Some(known) = blinders.get(&tenant) {
            return Ok(known.clone());
        }
        let blinder = self.keys.blinder(tenant).map_err(|error| FoldFault::Keys(error.to_string()))?;
        blinders.insert(tenant, blinder.clone());
        Ok(blinder)
    }

    /// The places of an event; none for one that says nothing that is searched.
    pub(crate) fn places(&self, event: &Event) -> Result<Vec<Place>, FoldFault> {
        let Some(told) = event.case()? else { return Ok(Vec::new()) };
        if !told.events.iter().any(is_searched) {
            return Ok(Vec::new());
        }
        let blinder = self.blinder(event.tenant())?;
        let reader =
            Reader { seals: self.keys.for_stream(&event.recorded().stream), read: RefCell::default() };
        for event in told.events {
            event.clone().unlock_all(&reader)?;
        }
        let mut places: Vec<Place> = Vec::new();
        for (subject, text, beginnings) in reader.read.into_inner() {
            let found = codes(&blinder, &text, beginnings);
            match places.iter_mut().find(|known| known.subject == subject) {
                Some(place) => place.codes.extend(found),
                None => places.push(Place { subject, codes: found }),
            }
        }
        if let (Some(CaseEvent::CaseOpened(opened)), Some(place)) = (told.events.first(), places.first_mut())
        {
            place.codes.extend(codes(&blinder, &opened.number, true));
        }
        Ok(places)
    }
}

/// The tables of the index.
pub(crate) struct Search {
    indexer: Arc<Indexer>,
}

impl Search {
    pub(crate) fn new(indexer: Arc<Indexer>) -> Self {
        Self { indexer }
    }
}

impl Projection for Search {
    fn name(&self) -> &'static str {
        "search"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["search_places", "search_codes"]
    }

    fn schema(&self) -> &'static str {
        "CREATE TABLE search_places (
            id INTEGER PRIMARY KEY,
            tenant TEXT NOT NULL,
            case_id BLOB NOT NULL,
            subject BLOB NOT NULL,
            event_type TEXT NOT NULL,
            at INTEGER NOT NULL,
            codes BLOB NOT NULL
         ) STRICT;
         CREATE INDEX search_subject ON search_places (tenant, subject);
         CREATE VIRTUAL TABLE search_codes USING fts5(codes, content='', detail=none, columnsize=0, tokenize='ascii');
         INSERT INTO search_codes (search_codes, rank) VALUES ('secure-delete', 1);"
    }

    fn fold(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault> {
        if let Some(told) = event.privacy()? {
            let erased = |event: &PrivacyEvent| matches!(event, PrivacyEvent::SubjectKeyDestroyed(_));
            return if told.events.iter().any(erased) {
                forget(rows, event.tenant(), told.id)
            } else {
                Ok(())
            };
        }
        let Some(told) = event.case()? else { return Ok(()) };
        for (nth, Place { subject, codes }) in (0..PLACES).zip(event.places(&self.indexer)?) {
            let id = rows::number(told.info.position.0.saturating_mul(PLACES) + nth)?;
            let bytes: Vec<u8> = codes.iter().flat_map(|code| code.to_be_bytes()).collect();
            rows.prepare_cached(
                "INSERT INTO search_places (id, tenant, case_id, subject, event_type, at, codes)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                id,
                event.tenant().code(),
                told.id.uuid().as_bytes(),
                subject.uuid().as_bytes(),
                event.recorded().event_type.as_str(),
                rows::instant(told.info.at)?,
                bytes,
            ])?;
            rows.prepare_cached("INSERT INTO search_codes (rowid, codes) VALUES (?1, ?2)")?
                .execute((id, written(&bytes)))?;
        }
        Ok(())
    }
}

/// Deletes what the index holds about somebody.
fn forget(rows: &Connection, tenant: Tenant, subject: SubjectId) -> Result<(), FoldFault> {
    let key = (tenant.code(), subject.uuid());
    let mut find = rows.prepare_cached(
        "SELECT id, codes FROM search_places INDEXED BY search_subject WHERE tenant = ?1 AND subject = ?2",
    )?;
    let places = find.query_map((key.0, key.1.as_bytes()), |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (id, codes) in places.collect::<rusqlite::Result<Vec<(i64, Vec<u8>)>>>()? {
        rows.prepare_cached(
            "INSERT INTO search_codes (search_codes, rowid, codes) VALUES ('delete', ?1, ?2)",
        )?
        .execute((id, written(&codes)))?;
        // What stood there is overwritten, or the codes would stay in the file's free pages.
        rows.prepare_cached("UPDATE search_places SET codes = zeroblob(length(codes)) WHERE id = ?1")?
            .execute([id])?;
        rows.prepare_cached("DELETE FROM search_places WHERE id = ?1")?.execute([id])?;
    }
    Ok(())
}

fn is_searched(event: &CaseEvent) -> bool {
    let name = codec::type_of(event);
    SEARCHED.iter().any(|(field, _)| field.split_once('.').is_some_and(|(event, _)| event == name))
}

/// Opens the searched fields of events and keeps what they say; to the others it says that they are gone.
struct Reader {
    seals: StreamSeals,
    /// Whom it is about, what it says, and whether it is found by beginnings.
    read: RefCell<Vec<(SubjectId, String, bool)>>,
}

impl Opener for Reader {
    fn open(&self, subject: SubjectId, field: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, SealError> {
        let Some((_, beginnings)) = SEARCHED.iter().find(|(searched, _)| *searched == field) else {
            return Ok(None);
        };
        let Some(plain) = self.seals.open(subject, field, sealed)? else { return Ok(None) };
        let text: String = serde_json::from_slice(&plain).map_err(|_| SealError::Shape)?;
        self.read.borrow_mut().push((subject, text, *beginnings));
        Ok(None)
    }
}

/// The words of a text, so that spellings meet: small letters, no accents, `ø` and `oe` as `o`, `å` and `aa` as `a`.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|character: char| !character.is_alphanumeric()).map(plain).filter(|word| !word.is_empty())
}

fn plain(word: &str) -> String {
    let mut plain = String::with_capacity(word.len());
    let letters = word.chars().take(LONGEST);
    if word.is_ascii() {
        // Nearly every word: there is nothing to take apart.
        letters.for_each(|letter| push_plain(&mut plain, letter.to_ascii_lowercase()));
        return plain;
    }
    for letter in letters.nfkd().filter(|letter| !is_combining_mark(*letter)) {
        letter.to_lowercase().for_each(|small| push_plain(&mut plain, small));
    }
    plain
}

fn push_plain(plain: &mut String, letter: char) {
    match letter {
        'ø' => plain.push('o'),
        'æ' => plain.push_str("ae"),
        'ß' => plain.push_str("ss"),
        // The second letter of `oe` and `aa`.
        'e' if plain.ends_with('o') => {}
        'a' if plain.ends_with('a') => {}
        other => plain.push(other),
    }
}

/// The codes of a text's words.
fn codes(blinder: &Blinder, text: &str, beginnings: bool) -> BTreeSet<u64> {
    let mut codes = BTreeSet::new();
    for word in words(text) {
        codes.insert(blinder.code(&word));
        if beginnings {
            codes.extend(BEGINNINGS.filter_map(|length| beginning(blinder, &word, length)));
        }
    }
    codes
}

/// The code of a word's beginning: it is none of a word, or a question for `bo` would find `bolig` everywhere.
fn beginning(blinder: &Blinder, word: &str, length: usize) -> Option<u64> {
    let (end, _) = word.char_indices().nth(length)?;
    Some(blinder.code(&format!("{}*", &word[..end])))
}

/// Codes as the index takes them.
fn written(codes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(codes.len() / 8 * 17);
    for code in codes.chunks_exact(8) {
        for byte in code {
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        text.push(' ');
    }
    text
}

/// What the index is asked for a text; `None` when there is no word in it.
fn asked(blinder: &Blinder, text: &str) -> Option<String> {
    let term = |code: u64| format!("\"{code:016x}\"");
    let terms = words(text).take(MOST_WORDS).map(|word| {
        let whole = term(blinder.code(&word));
        if BEGINNINGS.contains(&word.chars().count()) {
            format!("({whole} OR {})", term(blinder.code(&format!("{word}*"))))
        } else {
            whole
        }
    });
    let terms: Vec<_> = terms.collect();
    (!terms.is_empty()).then(|| terms.join(" AND "))
}

/// The statement for one page of hits, newest first.
fn page_sql(tenant: Tenant, query: &SearchQuery, asked: String) -> Result<(String, Vec<Value>), ViewsError> {
    let before = match &query.after {
        Some(after) => after.position_of(MARK)?,
        None => i64::MAX,
    };
    let first = query.first.min(rows::PAGE_LIMIT) + 1;
    let first = i64::try_from(first).unwrap_or(i64::MAX);
    let mut values: Vec<Value> =
        vec![asked.into(), before.into(), tenant.code().to_owned().into(), first.into()];
    let condition = match &query.reached {
        Some(reached) => format!(" AND {}", reached.condition(&mut values)),
        None => String::new(),
    };
    let sql = format!(
        "SELECT p.id, p.event_type, p.at, k.row FROM search_codes c
         CROSS JOIN search_places p ON p.id = c.rowid
         CROSS JOIN cases k ON k.tenant = p.tenant AND k.case_id = p.case_id
         WHERE c.search_codes MATCH ?1 AND c.rowid < ?2 AND p.tenant = ?3{condition}
         ORDER BY c.rowid DESC LIMIT ?4"
    );
    Ok((sql, values))
}

fn hit(row: &Row<'_>) -> rusqlite::Result<Item<Hit>> {
    Ok(Item {
        cursor: Cursor::new(MARK, row.get::<_, i64>(0)?, Uuid::nil()),
        row: Hit { event_type: row.get(1)?, at: rows::timestamp(row, 2)?, row: rows::unpack(row, 3)? },
    })
}

impl Views {
    /// The places in cases where all words of a text stand, newest first. Nothing for a text without words.
    pub async fn search(&self, tenant: Tenant, query: SearchQuery) -> Result<Page<Hit>, ViewsError> {
        let keys = self.keys().clone();
        self.ask(move |rows| {
            let blinder = keys.blinder(tenant).map_err(|error| FoldFault::Keys(error.to_string()))?;
            let Some(asked) = asked(&blinder, &query.text) else {
                return Ok(Page::cut(Vec::new(), query.first, query.after.as_ref()));
            };
            let (sql, values) = page_sql(tenant, &query, asked)?;
            let mut find = rows.prepare_cached(&sql)?;
            let hits = find.query_map(params_from_iter(values), hit)?;
            let first = query.first.min(rows::PAGE_LIMIT);
            Ok(Page::cut(hits.collect::<rusqlite::Result<_>>()?, first, query.after.as_ref()))
        })
        .await
    }

    /// How the database would answer [`Self::search`], line by line.
    pub async fn explain_search(
        &self,
        tenant: Tenant,
        query: SearchQuery,
    ) -> Result<Vec<String>, ViewsError> {
        self.ask(move |rows| {
            let (sql, values) = page_sql(tenant, &query, "\"0\"".to_owned())?;
            rows::plan(rows, &sql, params_from_iter(values))
        })
        .await
    }
}

/// Whether there is a word in a text that could be searched for.
pub fn has_words(text: &str) -> bool {
    words(text).next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_meet() {
        for (one, other) in [
            ("Sørensen", "soerensen"),
            ("Sørensen", "SORENSEN"),
            ("Århus", "Aarhus"),
            ("Æblegård", "aeblegaard"),
            ("André", "andre"),
        ] {
            assert_eq!(plain(one), plain(other), "{one} {other}");
        }
        assert_eq!(words(" Hjælp, S2026-00042! ").collect::<Vec<_>>(), ["hjaelp", "s2026", "00042"]);
        assert!(!has_words(" –, ! "));
    }
}
