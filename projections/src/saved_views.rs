//! Saved views of the case list: each person's own, and those that are shared with their teams.

use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use skranke_domain::saved_view::{CaseListView, SavedViewEvent};
use skranke_domain::{SavedViewId, Sealed, TeamId, Tenant, UserId};
use skranke_store::Revision;

use crate::event::Event;
use crate::page::{Cursor, Item, Page};
use crate::projection::{FoldFault, Projection};
use crate::rows;
use crate::views::{Views, ViewsError};

/// A saved view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedViewRow {
    /// Which.
    pub id: SavedViewId,
    /// The number of its last event.
    pub revision: Revision,
    /// Whose it is.
    pub owner: UserId,
    /// What it is called.
    pub name: Sealed<String>,
    /// What it shows.
    pub list: CaseListView,
    /// The team it is shared with.
    pub team: Option<TeamId>,
}

/// The table of saved views.
pub(crate) struct SavedViews;

impl Projection for SavedViews {
    fn name(&self) -> &'static str {
        "saved-views"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["saved_views"]
    }

    fn schema(&self) -> &'static str {
        "CREATE TABLE saved_views (
            tenant TEXT NOT NULL,
            view_id BLOB NOT NULL,
            owner BLOB NOT NULL,
            team BLOB NOT NULL,
            saved INTEGER NOT NULL,
            view TEXT NOT NULL,
            PRIMARY KEY (tenant, view_id)
         ) STRICT;
         CREATE INDEX saved_views_owner ON saved_views (tenant, owner, saved);
         CREATE INDEX saved_views_team ON saved_views (tenant, team, saved) WHERE team <> x'';"
    }

    fn fold(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault> {
        let Some(told) = event.saved_view()? else { return Ok(()) };
        let (tenant, id) = (event.tenant(), told.id);
        let mut row = load(rows, tenant, id)?;
        for event in told.events {
            match (&mut row, event) {
                (_, SavedViewEvent::ViewSaved(saved)) => {
                    row = Some(SavedViewRow {
                        id,
                        revision: told.info.revision,
                        owner: saved.owner,
                        name: saved.name.clone(),
                        list: saved.list.clone(),
                        team: saved.team,
                    });
                }
                (None, _) => return Err(FoldFault::NeverBegan),
                (Some(row), SavedViewEvent::ViewChanged(changed)) => {
                    row.name = changed.name.clone();
                    row.list = changed.list.clone();
                    row.team = changed.team;
                }
                (Some(_), SavedViewEvent::ViewRemoved(_)) => {
                    rows.prepare_cached("DELETE FROM saved_views WHERE tenant = ?1 AND view_id = ?2")?
                        .execute((tenant.code(), id.uuid().as_bytes()))?;
                    return Ok(());
                }
            }
        }
        let Some(mut row) = row else { return Ok(()) };
        row.revision = told.info.revision;
        let team = row.team.map_or_else(|| rows::NOBODY.to_vec(), |team| team.uuid().as_bytes().to_vec());
        rows.prepare_cached(
            "INSERT INTO saved_views (tenant, view_id, owner, team, saved, view) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (tenant, view_id) DO UPDATE SET team = excluded.team, view = excluded.view",
        )?
        .execute((
            tenant.code(),
            id.uuid().as_bytes(),
            row.owner.uuid().as_bytes(),
            team,
            rows::number(told.info.position.0)?,
            serde_json::to_string(&row)?,
        ))?;
        Ok(())
    }
}

fn load(rows: &Connection, tenant: Tenant, id: SavedViewId) -> rusqlite::Result<Option<SavedViewRow>> {
    let mut find = rows.prepare_cached("SELECT view FROM saved_views WHERE tenant = ?1 AND view_id = ?2")?;
    find.query_row((tenant.code(), id.uuid().as_bytes()), |row| rows::read(row, 0)).optional()
}

/// The mark of cursors of saved views, which stand by the place where they were saved first.
const MARK: char = 'g';

/// A page of somebody's own views.
const OWN: &str = "SELECT saved, view FROM saved_views INDEXED BY saved_views_owner
     WHERE tenant = ?1 AND saved > ?2 AND owner = ?4 ORDER BY saved LIMIT ?3";

/// A page of the views that others share with a team.
const SHARED: &str = "SELECT saved, view FROM saved_views INDEXED BY saved_views_team
     WHERE tenant = ?1 AND saved > ?2 AND team = ?5 AND team <> x'' AND owner <> ?4 ORDER BY saved LIMIT ?3";

impl Views {
    /// One saved view.
    pub async fn saved_view(
        &self,
        tenant: Tenant,
        id: SavedViewId,
    ) -> Result<Option<SavedViewRow>, ViewsError> {
        self.ask(move |rows| Ok(load(rows, tenant, id)?)).await
    }

    /// A page of the views that somebody saved, and of those of others that are shared with one of these teams; the
    /// oldest first.
    pub async fn saved_views(
        &self,
        tenant: Tenant,
        owner: UserId,
        teams: Vec<TeamId>,
        after: Option<Cursor>,
        first: usize,
    ) -> Result<Page<SavedViewRow>, ViewsError> {
        self.ask(move |rows| {
            let first = first.min(rows::PAGE_LIMIT);
            let behind = after.as_ref().map_or(Ok(0), |after| after.position_of(MARK))?;
            let limit = rows::one_more(first);
            let (tenant, owner) = (tenant.code(), owner.uuid());
            let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, rows::read(row, 1)?));
            let mut own = rows.prepare_cached(OWN)?;
            let mut found: Vec<(i64, SavedViewRow)> = own
                .query_map((tenant, behind, limit, owner.as_bytes()), read)?
                .collect::<rusqlite::Result<_>>()?;
            let mut shared = rows.prepare_cached(SHARED)?;
            for team in teams {
                let team = team.uuid();
                let key = (tenant, behind, limit, owner.as_bytes(), team.as_bytes());
                found.extend(shared.query_map(key, read)?.collect::<rusqlite::Result<Vec<_>>>()?);
            }
            found.sort_by_key(|(saved, _)| *saved);
            let items = found
                .into_iter()
                .map(|(saved, view)| Item { cursor: Cursor::new(MARK, saved, view.id.uuid()), row: view });
            Ok(Page::cut(items.collect(), first, after.as_ref()))
        })
        .await
    }

    /// How the database would answer pages of saved views, for tests.
    pub async fn explain_saved_views(&self, tenant: Tenant) -> Result<Vec<String>, ViewsError> {
        self.ask(move |rows| {
            let (tenant, nobody) = (tenant.code(), rows::NOBODY);
            let mut plan = rows::plan(rows, OWN, (tenant, 0, 1, nobody))?;
            plan.extend(rows::plan(rows, SHARED, (tenant, 0, 1, nobody, nobody))?);
            Ok(plan)
        })
        .await
    }
}
