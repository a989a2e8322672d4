//! The staff of each municipality: who can log in, what colleagues call them, which roles they hold.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use skranke_domain::sealed::{Opener, SealError};
use skranke_domain::user::{Absence, Availability, Lock, Origin, ServiceAccess, Token, UserEvent};
use skranke_domain::{Role, Roles, Sealed, SubjectId, Tenant, UserId};
use skranke_store::{Position, Revision};

use crate::event::{Event, EventInfo};
use crate::page::{Cursor, Page};
use crate::projection::{FoldFault, Projection};
use crate::rows::{self, Pending};
use crate::views::{Views, ViewsError};

/// A member of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub id: UserId,
    /// The number of the last event.
    pub revision: Revision,
    /// The place of the first event in the log.
    pub registered: Position,
    /// The name they log in with.
    pub login: String,
    /// Whom the sealed fields are about.
    pub subject: SubjectId,
    /// The name colleagues see.
    pub name: Sealed<String>,
    /// The hash of the password; only built-in accounts have one.
    pub password_hash: Option<Sealed<String>>,
    /// Where the account comes from.
    pub origin: Origin,
    /// Until when the password opens, if it is a one-time password that must be changed at the first log-in.
    pub one_time_until: Option<Timestamp>,
    /// The roles they hold.
    pub roles: Roles,
    /// Roles that were proposed, and by whom.
    pub proposals: BTreeMap<Role, UserId>,
    /// Whether they are kept out.
    pub lock: Option<Lock>,
    /// When they were last let in again.
    pub unlocked_at: Option<Timestamp>,
    /// The last registered absence, until it is ended.
    pub absence: Option<Absence>,
    /// Who acts for them while they are away.
    pub substitute: Option<UserId>,
}

impl Member {
    fn begin(id: UserId, events: &[UserEvent], info: &EventInfo) -> Option<Self> {
        let (first, rest) = events.split_first()?;
        let (login, subject, name, origin) = match first {
            UserEvent::UserRegistered(one) => (&one.login, one.subject, &one.name, Origin::BuiltIn),
            UserEvent::UserVouchedFor(one) => (&one.login, one.subject, &one.name, Origin::Provider),
            UserEvent::ServiceAccountOpened(one) => {
                let access = ServiceAccess { scopes: one.scopes, ..ServiceAccess::default() };
                (&one.login, one.subject, &one.name, Origin::Service(access))
            }
            _ => return None,
        };
        let (password_hash, one_time_until) = match first {
            UserEvent::UserRegistered(one) => (Some(one.password_hash.clone()), one.one_time_until),
            _ => (None, None),
        };
        let mut member = Self {
            id,
            revision: info.revision,
            registered: info.position,
            login: login.clone(),
            subject,
            name: name.clone(),
            password_hash,
            origin,
            one_time_until,
            roles: Roles::default(),
            proposals: BTreeMap::new(),
            lock: None,
            unlocked_at: None,
            absence: None,
            substitute: None,
        };
        for event in rest {
            member.apply(event, info);
        }
        Some(member)
    }

    fn apply(&mut self, event: &UserEvent, info: &EventInfo) {
        match event {
            // A stream holds one registration, and `begin` took it.
            UserEvent::UserRegistered(_)
            | UserEvent::UserVouchedFor(_)
            | UserEvent::ServiceAccountOpened(_) => {}
            UserEvent::TokenIssued(issued) => {
                if let Origin::Service(access) = &mut self.origin {
                    let token = Token { hash: issued.hash.clone(), expires: issued.expires };
                    access.tokens.insert(issued.token, token);
                }
            }
            UserEvent::TokenRevoked(revoked) => {
                if let Origin::Service(access) = &mut self.origin {
                    access.tokens.remove(&revoked.token);
                }
            }
            UserEvent::RoleGrantProposed(proposed) => {
                self.proposals.insert(proposed.role, proposed.by);
            }
            UserEvent::RoleGrantDeclined(declined) => {
                self.proposals.remove(&declined.role);
            }
            UserEvent::RoleGranted(granted) => {
                self.proposals.remove(&granted.role);
                self.roles = self.roles.with(granted.role);
            }
            UserEvent::RoleRevoked(revoked) => self.roles = self.roles.without(revoked.role),
            UserEvent::PasswordChanged(changed) => {
                self.password_hash = Some(changed.password_hash.clone());
                self.one_time_until = None;
            }
            UserEvent::PasswordReset(reset) => {
                self.password_hash = Some(reset.password_hash.clone());
                self.one_time_until = Some(reset.until);
            }
            UserEvent::AccountLocked(locked) => self.lock = Some(Lock { until: locked.until }),
            UserEvent::AccountUnlocked(_) => (self.lock, self.unlocked_at) = (None, Some(info.at)),
            UserEvent::AbsenceRegistered(away) => {
                self.absence = Some(Absence { from: away.from, until: away.until });
            }
            UserEvent::AbsenceEnded(ended) => {
                self.absence = self.absence.and_then(|absence| absence.ended(ended.on));
            }
            UserEvent::SubstituteNamed(named) => self.substitute = Some(named.substitute),
            UserEvent::SubstituteWithdrawn(_) => self.substitute = None,
        }
    }

    /// Whether nobody logs in with the account at a moment.
    pub fn is_locked(&self, now: Timestamp) -> bool {
        self.lock.is_some_and(|lock| lock.holds(now))
    }

    /// Whether a session of theirs goes on: not while an administrator keeps them out, nor when the password was reset.
    pub fn may_stay(&self) -> bool {
        !self.lock.is_some_and(|lock| lock.keeps_out()) && self.one_time_until.is_none()
    }

    /// What a chain of substitutes must know.
    pub const fn availability(&self) -> Availability {
        Availability { absence: self.absence, substitute: self.substitute }
    }

    /// Opens name and password hash, if their key still exists. `opener` is the key ring's for this user's
    /// stream.
    pub fn unlock(&mut self, opener: &dyn Opener) -> Result<(), SealError> {
        self.name.open_with(opener)?;
        self.password_hash.as_mut().map_or(Ok(()), |hash| hash.open_with(opener))
    }
}

/// The table of staff.
#[derive(Default)]
pub(crate) struct People {
    pending: Pending<(Tenant, UserId), Member>,
}

impl Projection for People {
    fn name(&self) -> &'static str {
        "people"
    }

    fn version(&self) -> u32 {
        3
    }

    fn tables(&self) -> &'static [&'static str] {
        &["staff"]
    }

    fn schema(&self) -> &'static str {
        "CREATE TABLE staff (
            tenant TEXT NOT NULL,
            user_id BLOB NOT NULL,
            login TEXT NOT NULL,
            registered INTEGER NOT NULL,
            member TEXT NOT NULL,
            PRIMARY KEY (tenant, user_id)
         ) STRICT;
         CREATE INDEX staff_login ON staff (tenant, login, registered);"
    }

    fn fold(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault> {
        let Some(told) = event.user()? else { return Ok(()) };
        let key = (event.tenant(), told.id);
        if let Some(member) = self.pending.get(key, || load(rows, event.tenant(), told.id))? {
            member.revision = told.info.revision;
            for event in told.events {
                member.apply(event, &told.info);
            }
        } else if !told.events.is_empty() {
            let member = Member::begin(told.id, told.events, &told.info).ok_or(FoldFault::NeverBegan)?;
            self.pending.put(key, member);
        }
        Ok(())
    }

    fn changed(&self) -> usize {
        self.pending.changed()
    }

    fn flush(&mut self, rows: &Connection) -> Result<(), FoldFault> {
        let mut write = rows.prepare_cached(
            "INSERT INTO staff (tenant, user_id, login, registered, member) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (tenant, user_id) DO UPDATE SET member = excluded.member",
        )?;
        self.pending.flush(|(tenant, id), member| {
            let json = serde_json::to_string(member)?;
            let registered = rows::number(member.registered.0)?;
            write.execute((tenant.code(), id.uuid().as_bytes(), &member.login, registered, json))?;
            Ok(())
        })
    }

    fn forget(&mut self) {
        self.pending.clear();
    }
}

fn load(rows: &Connection, tenant: Tenant, id: UserId) -> rusqlite::Result<Option<Member>> {
    let mut find = rows.prepare_cached("SELECT member FROM staff WHERE tenant = ?1 AND user_id = ?2")?;
    find.query_row((tenant.code(), id.uuid().as_bytes()), |row| rows::read(row, 0)).optional()
}

/// The mark of cursors of accounts, which stand by log-in name and, should two have one, by registration.
const MARK: char = 'a';

/// A page of accounts.
const ACCOUNTS: &str = "SELECT member FROM staff INDEXED BY staff_login
     WHERE tenant = ?1 AND (login, registered) > (?2, ?3) ORDER BY login, registered LIMIT ?4";

/// The name and the registration that a cursor of accounts stands behind.
fn behind(after: Option<&Cursor>) -> Result<(&str, i64), ViewsError> {
    let Some(after) = after else { return Ok(("", 0)) };
    let (registered, login) = after.of(MARK)?.0.split_once(' ').ok_or(ViewsError::Cursor)?;
    Ok((login, registered.parse().map_err(|_| ViewsError::Cursor)?))
}

impl Views {
    /// A page of the staff of a municipality, by log-in name.
    pub async fn accounts(
        &self,
        tenant: Tenant,
        after: Option<Cursor>,
        first: usize,
    ) -> Result<Page<Member>, ViewsError> {
        self.ask(move |rows| {
            let (login, registered) = behind(after.as_ref())?;
            let values = (tenant.code(), login, registered, rows::one_more(first));
            Page::read(rows, (ACCOUNTS, values), (first, after.as_ref()), |_, member: &Member| {
                let key = format_args!("{} {}", member.registered.0, member.login);
                Ok(Cursor::new(MARK, key, member.id.uuid()))
            })
        })
        .await
    }

    /// How the database would answer a page of accounts, for tests.
    pub async fn explain_accounts(&self, tenant: Tenant) -> Result<Vec<String>, ViewsError> {
        self.ask(move |rows| rows::plan(rows, ACCOUNTS, (tenant.code(), "", 0, 1))).await
    }

    /// The staff of a municipality, by log-in name.
    pub async fn staff(&self, tenant: Tenant) -> Result<Vec<Member>, ViewsError> {
        self.ask(move |rows| {
            let mut find = rows.prepare_cached(
                "SELECT member FROM staff INDEXED BY staff_login WHERE tenant = ?1
                 ORDER BY login, registered",
            )?;
            let members = find.query_map([tenant.code()], |row| rows::read(row, 0))?;
            Ok(members.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// Who logs in with that name, in any spelling of capitals. Should two be registered under one name, it
    /// belongs to the first: nobody takes a colleague's log-in over.
    pub async fn staff_by_login(&self, tenant: Tenant, login: &str) -> Result<Option<Member>, ViewsError> {
        let login = login.trim().to_lowercase();
        self.ask(move |rows| {
            let mut find = rows.prepare_cached(
                "SELECT member FROM staff INDEXED BY staff_login WHERE tenant = ?1 AND login = ?2
                 ORDER BY registered LIMIT 1",
            )?;
            Ok(find.query_row((tenant.code(), login), |row| rows::read(row, 0)).optional()?)
        })
        .await
    }

    /// A member of staff.
    pub async fn staff_by_id(&self, tenant: Tenant, id: UserId) -> Result<Option<Member>, ViewsError> {
        self.ask(move |rows| Ok(load(rows, tenant, id)?)).await
    }

    /// Several members of staff, for a loader; who is not there is left out.
    pub async fn staff_by_ids(&self, tenant: Tenant, ids: Vec<UserId>) -> Result<Vec<Member>, ViewsError> {
        self.ask(move |rows| {
            let members = ids.into_iter().filter_map(|id| load(rows, tenant, id).transpose());
            Ok(members.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
}
