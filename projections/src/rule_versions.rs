//! The versions of the rules that a municipality's administrators have published, without their text.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use skranke_domain::ruleset::{Part, RuleSetEvent};
use skranke_domain::{Actor, Tenant};

use crate::event::Event;
use crate::projection::{FoldFault, Projection};
use crate::rows;
use crate::views::{Views, ViewsError};

/// A published version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleVersionRow {
    /// What it is of.
    pub part: Part,
    /// Its name.
    pub version: String,
    /// Which letter a template is for.
    pub template: Option<String>,
    /// The first day on which it is in force.
    pub valid_from: Date,
    /// The SHA-256 of its text, in hexadecimal.
    pub sha256: String,
    /// When it was published.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
}

/// The table of published versions.
pub(crate) struct RuleVersions;

impl Projection for RuleVersions {
    fn name(&self) -> &'static str {
        "rule-versions"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["rule_versions"]
    }

    fn schema(&self) -> &'static str {
        "CREATE TABLE rule_versions (
            tenant TEXT NOT NULL,
            position INTEGER NOT NULL,
            version TEXT NOT NULL,
            PRIMARY KEY (tenant, position)
         ) STRICT, WITHOUT ROWID;"
    }

    fn fold(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault> {
        let Some(told) = event.rules()? else { return Ok(()) };
        for RuleSetEvent::RuleVersionPublished(published) in told.events {
            let row = RuleVersionRow {
                part: published.part,
                version: published.version.clone(),
                template: published.template.clone(),
                valid_from: published.valid_from,
                sha256: published.sha256.clone(),
                at: told.info.at,
                by: told.info.actor,
            };
            let mut write = rows.prepare_cached(
                "INSERT INTO rule_versions (tenant, position, version) VALUES (?1, ?2, ?3)",
            )?;
            let position = rows::number(told.info.position.0)?;
            write.execute((event.tenant().code(), position, serde_json::to_string(&row)?))?;
        }
        Ok(())
    }
}

const ALL: &str = "SELECT version FROM rule_versions WHERE tenant = ?1 ORDER BY position DESC";

impl Views {
    /// The versions that were published in a municipality, the newest first.
    pub async fn rule_versions(&self, tenant: Tenant) -> Result<Vec<RuleVersionRow>, ViewsError> {
        self.ask(move |rows| {
            let mut find = rows.prepare_cached(ALL)?;
            let found = find.query_map([tenant.code()], |row| rows::read(row, 0))?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// The plan of [`Self::rule_versions`], for tests.
    pub async fn explain_rule_versions(&self, tenant: Tenant) -> Result<Vec<String>, ViewsError> {
        self.ask(move |rows| rows::plan(rows, ALL, [tenant.code()])).await
    }
}
