//! The teams of each municipality, who is in them, and whose cases are therefore open to whom.

use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use skranke_domain::team::TeamEvent;
use skranke_domain::{TeamId, Tenant, UserId};
use skranke_store::Revision;

use crate::event::Event;
use crate::page::{Cursor, Page};
use crate::projection::{FoldFault, Projection};
use crate::rows;
use crate::views::{Views, ViewsError};

/// A team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamRow {
    /// Which.
    pub id: TeamId,
    /// The number of the last event.
    pub revision: Revision,
    /// What it is called.
    pub name: String,
    /// Who is in it, in the order in which they joined.
    pub members: Vec<UserId>,
    /// Whether it is no more: its cases are then everybody's.
    pub dissolved: bool,
}

/// The tables of teams and their members.
pub(crate) struct Teams;

impl Projection for Teams {
    fn name(&self) -> &'static str {
        "teams"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["teams", "team_members"]
    }

    fn schema(&self) -> &'static str {
        "CREATE TABLE teams (
            tenant TEXT NOT NULL,
            team_id BLOB NOT NULL,
            name TEXT NOT NULL,
            dissolved INTEGER NOT NULL,
            team TEXT NOT NULL,
            PRIMARY KEY (tenant, team_id)
         ) STRICT;
         CREATE INDEX teams_name ON teams (tenant, name, team_id);
         CREATE INDEX teams_dissolved ON teams (tenant, team_id) WHERE dissolved = 1;
         CREATE TABLE team_members (
            tenant TEXT NOT NULL,
            user_id BLOB NOT NULL,
            team_id BLOB NOT NULL,
            PRIMARY KEY (tenant, user_id, team_id)
         ) STRICT, WITHOUT ROWID;"
    }

    fn fold(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault> {
        let Some(told) = event.team()? else { return Ok(()) };
        let (tenant, id) = (event.tenant(), told.id);
        let mut row = load(rows, tenant, id)?;
        for event in told.events {
            match (&mut row, event) {
                (_, TeamEvent::TeamFormed(formed)) => {
                    let name = formed.name.clone();
                    let (members, dissolved) = (Vec::new(), false);
                    row = Some(TeamRow { id, revision: told.info.revision, name, members, dissolved });
                }
                (None, _) => return Err(FoldFault::NeverBegan),
                (Some(row), TeamEvent::TeamRenamed(renamed)) => row.name.clone_from(&renamed.name),
                (Some(row), TeamEvent::MemberJoined(joined)) => {
                    row.members.push(joined.member);
                    membership(rows, tenant, joined.member, id, true)?;
                }
                (Some(row), TeamEvent::MemberLeft(left)) => {
                    row.members.retain(|member| *member != left.member);
                    membership(rows, tenant, left.member, id, false)?;
                }
                (Some(row), TeamEvent::TeamDissolved(_)) => {
                    row.dissolved = true;
                    for member in row.members.drain(..) {
                        membership(rows, tenant, member, id, false)?;
                    }
                }
            }
        }
        let Some(mut row) = row else { return Ok(()) };
        row.revision = told.info.revision;
        let mut write = rows.prepare_cached(
            "INSERT INTO teams (tenant, team_id, name, dissolved, team) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (tenant, team_id) DO UPDATE SET name = excluded.name,
                dissolved = excluded.dissolved, team = excluded.team",
        )?;
        let json = serde_json::to_string(&row)?;
        write.execute((tenant.code(), id.uuid().as_bytes(), &row.name, row.dissolved, json))?;
        Ok(())
    }
}

fn membership(
    rows: &Connection,
    tenant: Tenant,
    user: UserId,
    team: TeamId,
    is_member: bool,
) -> rusqlite::Result<()> {
    let key = (tenant.code(), user.uuid(), team.uuid());
    let key = (key.0, key.1.as_bytes(), key.2.as_bytes());
    let statement = if is_member {
        "INSERT OR IGNORE INTO team_members (tenant, user_id, team_id) VALUES (?1, ?2, ?3)"
    } else {
        "DELETE FROM team_members WHERE tenant = ?1 AND user_id = ?2 AND team_id = ?3"
    };
    rows.prepare_cached(statement)?.execute(key).map(|_| ())
}

fn load(rows: &Connection, tenant: Tenant, id: TeamId) -> rusqlite::Result<Option<TeamRow>> {
    let mut find = rows.prepare_cached("SELECT team FROM teams WHERE tenant = ?1 AND team_id = ?2")?;
    find.query_row((tenant.code(), id.uuid().as_bytes()), |row| rows::read(row, 0)).optional()
}

/// The mark of cursors of teams, which stand by name.
const MARK: char = 'h';

/// A page of teams.
const LISTED: &str = "SELECT team FROM teams INDEXED BY teams_name
     WHERE tenant = ?1 AND (name, team_id) > (?2, ?3) ORDER BY name, team_id LIMIT ?4";

impl Views {
    /// A page of the teams of a municipality, by name; those that are no more as well.
    pub async fn teams_page(
        &self,
        tenant: Tenant,
        after: Option<Cursor>,
        first: usize,
    ) -> Result<Page<TeamRow>, ViewsError> {
        self.ask(move |rows| {
            let behind = after.as_ref().map(|after| after.of(MARK)).transpose()?;
            let (name, id) = behind.map_or(("", Vec::new()), |(name, id)| (name, id.as_bytes().to_vec()));
            let values = (tenant.code(), name, id, rows::one_more(first));
            Page::read(rows, (LISTED, values), (first, after.as_ref()), |_, team: &TeamRow| {
                Ok(Cursor::new(MARK, &team.name, team.id.uuid()))
            })
        })
        .await
    }

    /// How the database would answer a page of teams, for tests.
    pub async fn explain_teams(&self, tenant: Tenant) -> Result<Vec<String>, ViewsError> {
        self.ask(move |rows| rows::plan(rows, LISTED, (tenant.code(), "", rows::NOBODY, 1))).await
    }

    /// The teams of a municipality, by name; those that are no more as well.
    pub async fn teams(&self, tenant: Tenant) -> Result<Vec<TeamRow>, ViewsError> {
        self.ask(move |rows| {
            let mut find = rows.prepare_cached(
                "SELECT team FROM teams INDEXED BY teams_name WHERE tenant = ?1 ORDER BY name, team_id",
            )?;
            let teams = find.query_map([tenant.code()], |row| rows::read(row, 0))?;
            Ok(teams.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// Several teams, for a loader; what is not there is left out.
    pub async fn teams_by_ids(&self, tenant: Tenant, ids: Vec<TeamId>) -> Result<Vec<TeamRow>, ViewsError> {
        self.ask(move |rows| {
            let teams = ids.into_iter().filter_map(|id| load(rows, tenant, id).transpose());
            Ok(teams.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// The teams whose cases are open to somebody: those they are in, and those that are no more.
    pub async fn teams_open_to(&self, tenant: Tenant, user: UserId) -> Result<Vec<TeamId>, ViewsError> {
        self.ask(move |rows| {
            let mut find = rows.prepare_cached(
                "SELECT team_id FROM team_members WHERE tenant = ?1 AND user_id = ?2
                 UNION ALL
                 SELECT team_id FROM teams INDEXED BY teams_dissolved WHERE tenant = ?1 AND dissolved = 1",
            )?;
            let teams = find.query_map((tenant.code(), user.uuid().as_bytes()), |row| {
                rows::uuid(row, 0).map(TeamId::new)
            })?;
            Ok(teams.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
}
