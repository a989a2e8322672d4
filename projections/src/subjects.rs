//! Where something is stored about a person: the streams that name a data subject. An index, so that the rules can ask
//! those streams.

use std::collections::HashSet;

use rusqlite::Connection;
use skranke_domain::{StreamId, SubjectId, Tenant};
use skranke_store::subjects_in;

use crate::event::Event;
use crate::projection::{FoldFault, Projection};
use crate::rows;
use crate::views::{Views, ViewsError};

/// The streams that are about citizens. Conversations lie under the counter and are reached through their inquiry.
const CATEGORIES: [&str; 8] =
    ["case", "inquiry", "complaint", "accessrequest", "exemption", "service", "privacy", "audit"];
/// So many pairs are remembered before the table is asked again.
const REMEMBERED: usize = 50_000;

/// The table of streams by subject.
#[derive(Default)]
pub(crate) struct SubjectStreams {
    /// What stands in the table already, or in this batch.
    written: HashSet<(SubjectId, StreamId)>,
}

impl Projection for SubjectStreams {
    fn name(&self) -> &'static str {
        "subject-streams"
    }

    fn version(&self) -> u32 {
        2
    }

    fn tables(&self) -> &'static [&'static str] {
        &["subject_streams"]
    }

    fn schema(&self) -> &'static str {
        "CREATE TABLE subject_streams (
            tenant TEXT NOT NULL,
            subject BLOB NOT NULL,
            stream TEXT NOT NULL,
            since INTEGER NOT NULL,
            PRIMARY KEY (tenant, subject, stream)
         ) STRICT, WITHOUT ROWID;"
    }

    fn fold(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault> {
        let recorded = event.recorded();
        if !CATEGORIES.contains(&recorded.stream.category()) {
            return Ok(());
        }
        for subject in subjects_in(&recorded.data) {
            let pair = (subject, recorded.stream.clone());
            if self.written.contains(&pair) {
                continue;
            }
            let mut write = rows.prepare_cached(
                "INSERT OR IGNORE INTO subject_streams (tenant, subject, stream, since) VALUES (?1, ?2, ?3, ?4)",
            )?;
            let since = rows::number(recorded.position.0)?;
            write.execute((event.tenant().code(), subject.uuid().as_bytes(), pair.1.as_str(), since))?;
            if self.written.len() >= REMEMBERED {
                self.written.clear();
            }
            self.written.insert(pair);
        }
        Ok(())
    }

    fn forget(&mut self) {
        self.written.clear();
    }
}

const STREAMS: &str = "SELECT stream FROM subject_streams WHERE tenant = ?1 AND subject = ?2";

impl Views {
    /// The streams in which something is stored about a person, by name.
    pub async fn streams_about(
        &self,
        tenant: Tenant,
        subject: SubjectId,
    ) -> Result<Vec<StreamId>, ViewsError> {
        self.ask(move |rows| {
            let mut find = rows.prepare_cached(STREAMS)?;
            let key = (tenant.code(), subject.uuid());
            let names = find.query_map((key.0, key.1.as_bytes()), |row| row.get::<_, String>(0))?;
            let names = names.collect::<rusqlite::Result<Vec<_>>>()?;
            names.iter().map(|name| name.parse().map_err(|_| ViewsError::Row)).collect()
        })
        .await
    }

    /// How the database would answer that, for tests.
    pub async fn explain_streams_about(&self, tenant: Tenant) -> Result<Vec<String>, ViewsError> {
        self.ask(move |rows| rows::plan(rows, STREAMS, (tenant.code(), &[0_u8; 16]))).await
    }
}
