//! Full-text search over the cases that the caller reaches.

use async_graphql::{Context, Object, Result};
use skranke_domain::access_log::{AccessEvent, SearchRun};
use skranke_projections::{Hit, MOST_WORDS, SearchQuery, has_words};

use crate::access;
use crate::caller::{Caller, WORKERS, coded, fault};
use crate::connection::{PageInfo, connection, cursor, page_size};
use crate::office::Office;
use crate::reach;
use crate::scalars::{DateTime, Purpose};
use crate::words;

use super::row::CaseRow;

/// The longest text that is searched for, in characters.
const LONGEST: usize = 200;

connection! {
    /// A page of hits.
    SearchConnection, SearchEdge, SearchHit
}

/// A place in a case where all words stand.
pub struct SearchHit {
    case: CaseRow,
    event_type: String,
    at: DateTime,
}

/// A place in a case where all words stand. What it says is seen by who opens the case.
#[Object]
impl SearchHit {
    /// The case.
    async fn case(&self) -> &CaseRow {
        &self.case
    }

    /// What kind of entry it is, for example a note of a call.
    async fn found_in(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(words::event_title(&self.event_type, Caller::of(ctx)?.lang))
    }

    /// When that entry was made.
    async fn at(&self) -> DateTime {
        self.at
    }
}

/// Questions in words.
#[derive(Default)]
pub struct SearchQuestion;

#[Object]
impl SearchQuestion {
    /// The places in cases where all words stand, newest first: titles, parties, notes, what was asked and heard, themes of
    /// documents, and the number of the case. Words are found whichever way they are spelt (`Sørensen`, `soerensen`),
    /// and in titles and names by their beginnings. It is a look-up of persons: it states its purpose, and what it
    /// turned up is logged; the words are not.
    #[graphql(complexity = "usize::try_from(first).unwrap_or(100) * child_complexity + 1")]
    async fn search(
        &self,
        ctx: &Context<'_>,
        text: String,
        #[graphql(default_with = "Purpose::CaseHandling")] purpose: Purpose,
        #[graphql(default = 25)] first: i32,
        after: Option<String>,
    ) -> Result<SearchConnection> {
        let caller = Caller::with(ctx, WORKERS).await?;
        let office = ctx.data::<Office>()?;
        if !has_words(&text) || text.chars().count() > LONGEST || text.split_whitespace().count() > MOST_WORDS
        {
            let text = caller.lang.pick(
                "Skriv mellem et og ti ord at søge efter.",
                "Write between one and ten words to search for.",
            );
            return Err(coded(text, "BAD_SEARCH"));
        }
        let query = SearchQuery {
            text,
            reached: Some(reach::of_lists(office, caller).await?),
            after: cursor(after)?,
            first: page_size(first)?,
        };
        let page = office.views.search(caller.tenant, query).await.map_err(|error| fault(&error))?;
        let mut cases: Vec<_> = page.items.iter().map(|item| item.row.row.id).collect();
        cases.sort_unstable();
        cases.dedup();
        let rows = u32::try_from(page.items.len()).map_err(|_| coded("too many rows", "TOO_MANY"))?;
        let run = AccessEvent::SearchRun(SearchRun { rows, cases });
        access::viewed(office, caller, purpose.into(), run).await?;
        let page_info = PageInfo::of(&page);
        let edges = page.items.into_iter().map(|item| {
            let Hit { row, event_type, at } = item.row;
            let case = CaseRow { tenant: caller.tenant, row };
            SearchEdge {
                cursor: item.cursor.to_string(),
                node: SearchHit { case, event_type, at: DateTime(at) },
            }
        });
        Ok(SearchConnection { edges: edges.collect(), page_info })
    }
}
