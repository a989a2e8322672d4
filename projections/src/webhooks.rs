//! Webhooks: who is told of what, and where the telling was given up.

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use serde::{Deserialize, Serialize};
use skranke_domain::webhook::WebhookEvent;
use skranke_domain::{Sealed, Tenant, UserId, WebhookId};
use skranke_store::{Position, Revision};

use crate::event::Event;
use crate::page::{Cursor, Page};
use crate::projection::{FoldFault, Projection};
use crate::rows;
use crate::views::{Views, ViewsError};

/// A webhook that was not closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookRow {
    /// Which.
    pub id: WebhookId,
    /// The number of the last event.
    pub revision: Revision,
    /// The place in the log after which everything is told.
    pub opened: Position,
    /// Whose it is.
    pub owner: UserId,
    /// Where the events go.
    pub address: Sealed<String>,
    /// Which types of events; none are all.
    pub event_types: Vec<String>,
    /// What the events are signed with.
    pub secret: Sealed<String>,
    /// Since when nothing was taken in any more, once that was given up.
    pub dead_since: Option<Timestamp>,
}

/// The table of webhooks.
pub(crate) struct Webhooks;

impl Projection for Webhooks {
    fn name(&self) -> &'static str {
        "webhooks"
    }

    fn version(&self) -> u32 {
        2
    }

    fn tables(&self) -> &'static [&'static str] {
        &["webhooks"]
    }

    fn schema(&self) -> &'static str {
        "CREATE TABLE webhooks (
            tenant TEXT NOT NULL,
            webhook_id BLOB NOT NULL,
            owner BLOB NOT NULL,
            opened INTEGER NOT NULL,
            webhook TEXT NOT NULL,
            PRIMARY KEY (tenant, webhook_id)
         ) STRICT;
         CREATE INDEX webhooks_opened ON webhooks (tenant, opened);
         CREATE INDEX webhooks_owner ON webhooks (tenant, owner, opened);"
    }

    fn fold(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault> {
        let Some(told) = event.webhook()? else { return Ok(()) };
        let (tenant, id, info) = (event.tenant(), told.id, told.info);
        let mut row = load(rows, tenant, id)?;
        for event in told.events {
            match (&mut row, event) {
                (_, WebhookEvent::WebhookOpened(opened)) => {
                    row = Some(WebhookRow {
                        id,
                        revision: info.revision,
                        opened: info.position,
                        owner: opened.owner,
                        address: opened.address.clone(),
                        event_types: opened.event_types.clone(),
                        secret: opened.secret.clone(),
                        dead_since: None,
                    });
                }
                (None, WebhookEvent::WebhookDied(_) | WebhookEvent::WebhookResumed(_)) => {
                    return Err(FoldFault::NeverBegan);
                }
                (Some(row), WebhookEvent::WebhookDied(died)) => row.dead_since = Some(died.failing_since),
                (Some(row), WebhookEvent::WebhookResumed(_)) => row.dead_since = None,
                (_, WebhookEvent::WebhookClosed(_)) => row = None,
            }
        }
        let uuid = id.uuid();
        let key = (tenant.code(), uuid.as_bytes());
        let Some(mut row) = row else {
            let mut gone =
                rows.prepare_cached("DELETE FROM webhooks WHERE tenant = ?1 AND webhook_id = ?2")?;
            gone.execute(key)?;
            return Ok(());
        };
        row.revision = info.revision;
        let mut write = rows.prepare_cached(
            "INSERT INTO webhooks (tenant, webhook_id, owner, opened, webhook) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (tenant, webhook_id) DO UPDATE SET webhook = excluded.webhook",
        )?;
        let (owner, opened) = (row.owner.uuid(), rows::number(row.opened.0)?);
        write.execute((key.0, key.1, owner.as_bytes(), opened, serde_json::to_string(&row)?))?;
        Ok(())
    }
}

fn load(rows: &Connection, tenant: Tenant, id: WebhookId) -> rusqlite::Result<Option<WebhookRow>> {
    let mut find =
        rows.prepare_cached("SELECT webhook FROM webhooks WHERE tenant = ?1 AND webhook_id = ?2")?;
    find.query_row((tenant.code(), id.uuid().as_bytes()), |row| rows::read(row, 0)).optional()
}

/// The mark of cursors of webhooks, which stand by the place where they were opened.
const MARK: char = 'w';

/// A page of the webhooks of a municipality.
const ALL: &str = "SELECT webhook FROM webhooks INDEXED BY webhooks_opened
     WHERE tenant = ?1 AND opened > ?2 ORDER BY opened LIMIT ?3";

/// A page of the webhooks of one owner.
const OF_ONE: &str = "SELECT webhook FROM webhooks INDEXED BY webhooks_owner
     WHERE tenant = ?1 AND opened > ?2 AND owner = ?4 ORDER BY opened LIMIT ?3";

/// The statement for a page and its values.
fn listing(tenant: Tenant, owner: Option<UserId>, behind: i64, first: usize) -> (&'static str, Vec<Value>) {
    let mut values = vec![tenant.code().to_owned().into(), behind.into(), rows::one_more(first).into()];
    let Some(owner) = owner else { return (ALL, values) };
    values.push(owner.uuid().as_bytes().to_vec().into());
    (OF_ONE, values)
}

impl Views {
    /// A page of the webhooks of a municipality, or of one owner there, that were not closed, the oldest first.
    pub async fn webhooks_page(
        &self,
        tenant: Tenant,
        owner: Option<UserId>,
        after: Option<Cursor>,
        first: usize,
    ) -> Result<Page<WebhookRow>, ViewsError> {
        self.ask(move |rows| {
            let after = after.as_ref();
            let (sql, values) = listing(tenant, owner, Cursor::behind(after, MARK, 0)?, first);
            Page::read(rows, (sql, params_from_iter(values)), (first, after), |_, webhook: &WebhookRow| {
                Ok(Cursor::new(MARK, webhook.opened.0, webhook.id.uuid()))
            })
        })
        .await
    }

    /// How the database would answer pages of webhooks, for tests.
    pub async fn explain_webhooks(&self, tenant: Tenant, owner: UserId) -> Result<Vec<String>, ViewsError> {
        self.ask(move |rows| {
            let mut plan = Vec::new();
            for owner in [None, Some(owner)] {
                let (sql, values) = listing(tenant, owner, 0, 1);
                plan.extend(rows::plan(rows, sql, params_from_iter(values))?);
            }
            Ok(plan)
        })
        .await
    }

    /// The webhooks of a municipality that were not closed, the oldest first.
    pub async fn webhooks(&self, tenant: Tenant) -> Result<Vec<WebhookRow>, ViewsError> {
        self.ask(move |rows| {
            let mut find = rows.prepare_cached(
                "SELECT webhook FROM webhooks INDEXED BY webhooks_opened WHERE tenant = ?1 ORDER BY opened",
            )?;
            let found = find.query_map([tenant.code()], |row| rows::read(row, 0))?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
}
