//! What each municipality's administrators have said of the authorities in its register.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use skranke_domain::Tenant;
use skranke_domain::authority::{AuthorityEvent, AuthoritySlug, Card};
use skranke_store::Revision;

use crate::event::Event;
use crate::projection::{FoldFault, Projection};
use crate::rows;
use crate::views::{Views, ViewsError};

/// What was said of one authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its short name.
    pub slug: AuthoritySlug,
    /// The number of the last event about it.
    pub revision: Revision,
    /// What holds instead of the content files' word; `None` when it was taken out.
    pub card: Option<Card>,
}

/// The table of what was said.
pub(crate) struct Authorities;

impl Projection for Authorities {
    fn name(&self) -> &'static str {
        "authorities"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["authorities"]
    }

    fn schema(&self) -> &'static str {
        "CREATE TABLE authorities (
            tenant TEXT NOT NULL,
            slug TEXT NOT NULL,
            listed TEXT NOT NULL,
            PRIMARY KEY (tenant, slug)
         ) STRICT;"
    }

    fn fold(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault> {
        let Some(told) = event.authority()? else { return Ok(()) };
        let Some(last) = told.events.last() else { return Ok(()) };
        let card = match last {
            AuthorityEvent::AuthorityPublished(published) => Some(published.card.clone()),
            AuthorityEvent::AuthorityWithdrawn(_) => None,
        };
        let listed = Listed { slug: told.id.clone(), revision: told.info.revision, card };
        let mut write = rows.prepare_cached(
            "INSERT INTO authorities (tenant, slug, listed) VALUES (?1, ?2, ?3)
             ON CONFLICT (tenant, slug) DO UPDATE SET listed = excluded.listed",
        )?;
        write.execute((event.tenant().code(), told.id.as_str(), serde_json::to_string(&listed)?))?;
        Ok(())
    }
}

const ALL: &str = "SELECT listed FROM authorities WHERE tenant = ?1 ORDER BY slug";

impl Views {
    /// Everything that a municipality's administrators have said of authorities, by short name.
    pub async fn authorities(&self, tenant: Tenant) -> Result<Vec<Listed>, ViewsError> {
        self.ask(move |rows| {
            let mut find = rows.prepare_cached(ALL)?;
            let listed = find.query_map([tenant.code()], |row| rows::read(row, 0))?;
            Ok(listed.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// The plan of [`Self::authorities`], for tests.
    pub async fn explain_authorities(&self, tenant: Tenant) -> Result<Vec<String>, ViewsError> {
        self.ask(move |rows| rows::plan(rows, ALL, [tenant.code()])).await
    }
}
