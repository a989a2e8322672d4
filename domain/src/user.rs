//! A member of staff (bruger): log-in, name, roles, absence, substitute. Event-sourced like everything else, so that an
//! auditor can see who could do what at any moment, and who gave them the right.
//!
//! Roles are given by two administrators and taken away by one, unless an identity provider says them (see [`Origin`]). Only set-up at the command line (the system) gives a new
//! account its roles at once: there must be a first administrator.

mod command;
mod event;
mod origin;
mod refusal;
mod standin;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use command::{UserAct, UserCommand};
pub use event::{
    AbsenceEnded, AbsenceRegistered, AccountLocked, AccountUnlocked, PasswordChanged, PasswordReset,
    RoleGrantDeclined, RoleGrantProposed, RoleGranted, RoleRevoked, ServiceAccountOpened, SubstituteNamed,
    SubstituteWithdrawn, TokenIssued, TokenRevoked, UserEvent, UserRegistered, UserVouchedFor,
};
pub use origin::{LONGEST_TOKEN_DAYS, MOST_TOKENS, Origin, Scope, Scopes, ServiceAccess, Token};
pub use refusal::UserRefusal;
pub use standin::{Absence, Availability, Chain, LONGEST_CHAIN};

use crate::Sealed;
use crate::act::{By, Role, Roles};
use crate::id::{StreamId, SubjectId, Tenant, UserId};

/// A user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum User {
    /// Nobody.
    #[default]
    Unknown,
    /// Somebody.
    Known(Box<Account>),
}

/// Somebody's account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Whom the sealed fields are about.
    pub subject: SubjectId,
    /// The roles held now.
    pub roles: Roles,
    /// Roles that were proposed, and by whom.
    pub proposals: BTreeMap<Role, UserId>,
    /// Whether they are kept out.
    pub lock: Option<Lock>,
    /// The last registered absence, until it is ended.
    pub absence: Option<Absence>,
    /// Who acts for them while they are away.
    pub substitute: Option<UserId>,
    /// Where it comes from.
    #[serde(default)]
    pub origin: Origin,
}

/// An account is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// Until when; until an administrator ends it where there is none.
    pub until: Option<Timestamp>,
}

impl Lock {
    /// Whether nobody logs in with the account at a moment.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// Whether whoever is logged in is kept out as well. A lock after wrong passwords does not: or else anybody could
    /// throw a colleague out by guessing.
    pub const fn keeps_out(&self) -> bool {
        self.until.is_none()
    }
}

impl User {
    /// The stream of a user.
    pub fn stream(tenant: Tenant, id: UserId) -> StreamId {
        StreamId::new(Self::TYPE, tenant, id)
    }

    /// The account, if there is one.
    pub fn account(&self) -> Option<&Account> {
        match self {
            Self::Unknown => None,
            Self::Known(account) => Some(account),
        }
    }

    /// The roles held now: none while the account is kept out, or when there is none.
    pub fn roles(&self) -> Roles {
        let open = self.account().filter(|account| !account.lock.is_some_and(|lock| lock.keeps_out()));
        open.map_or_else(Roles::default, |account| account.roles)
    }

    /// Whether it is no person but a system outside.
    pub fn is_service(&self) -> bool {
        self.account().is_some_and(|account| account.origin.service().is_some())
    }

    /// What a chain of substitutes must know.
    pub fn availability(&self) -> Option<Availability> {
        self.account()
            .map(|account| Availability { absence: account.absence, substitute: account.substitute })
    }

    fn begun(subject: SubjectId, origin: Origin) -> Self {
        Self::Known(Box::new(Account {
            subject,
            roles: Roles::default(),
            proposals: BTreeMap::new(),
            lock: None,
            absence: None,
            substitute: None,
            origin,
        }))
    }

    /// Tells what follows from `command`, or why nothing does.
    ///
    /// No events means that the wish is already true: browsers resend.
    pub fn decide(&self, command: UserCommand) -> Result<Vec<UserEvent>, UserRefusal> {
        let UserCommand { user, act, under } = command;
        match (self, act) {
            (
                Self::Unknown,
                UserAct::Register { subject, login, name, password_hash, roles, one_time_until },
            ) => {
                may_register(roles, &under)?;
                let (login, name) = named(&login, &name)?;
                let registered = UserEvent::UserRegistered(UserRegistered {
                    subject,
                    login,
                    name: Sealed::new(subject, name),
                    password_hash: Sealed::new(subject, password_hash),
                    one_time_until,
                });
                let granted = roles.iter().map(|role| UserEvent::RoleGranted(RoleGranted { role }));
                Ok(std::iter::once(registered).chain(granted).collect())
            }
            (Self::Unknown, UserAct::Vouch { subject, login, name, issuer, roles }) => {
                system(&under)?;
                let (login, name) = named(&login, &name)?;
                // Whom the provider gives nothing is not taken in.
                if roles == Roles::default() {
                    return Err(UserRefusal::NoRoleFromProvider);
                }
                let name = Sealed::new(subject, name);
                let taken_in = UserEvent::UserVouchedFor(UserVouchedFor { subject, login, name, issuer });
                let granted = origin::follow_provider(Roles::default(), roles);
                Ok(std::iter::once(taken_in).chain(granted).collect())
            }
            (Self::Unknown, UserAct::OpenService { subject, login, name, scopes }) => {
                administrator(&under)?;
                let (login, name) = named(&login, &name)?;
                if scopes == Scopes::default() {
                    return Err(UserRefusal::NoScope);
                }
                let name = Sealed::new(subject, name);
                let opened = ServiceAccountOpened { subject, login, name, scopes };
                Ok(vec![UserEvent::ServiceAccountOpened(opened)])
            }
            (Self::Unknown, _) => Err(UserRefusal::NotFound),
            (Self::Known(account), act) => account.decide(user, act, &under),
        }
    }
}

fn may_register(roles: Roles, under: &By) -> Result<(), UserRefusal> {
    match (under.is_system(), under.staff_with(Role::Administrator)) {
        (true, _) => Ok(()),
        (false, true) if roles == Roles::default() => Ok(()),
        (false, true) => Err(UserRefusal::RolesAreProposed),
        (false, false) => Err(UserRefusal::NotAllowed),
    }
}

/// Log-in name and name as they are stored.
fn named(login: &str, name: &str) -> Result<(String, String), UserRefusal> {
    let (login, name) = (login.trim().to_lowercase(), name.trim().to_owned());
    if login.is_empty() || name.is_empty() { Err(UserRefusal::NoName) } else { Ok((login, name)) }
}

fn system(under: &By) -> Result<(), UserRefusal> {
    if under.is_system() { Ok(()) } else { Err(UserRefusal::NotAllowed) }
}

/// An administrator, and not about themselves.
fn another_administrator(user: UserId, under: &By) -> Result<(), UserRefusal> {
    administrator(under)?;
    if under.is(user) { Err(UserRefusal::AboutYourself) } else { Ok(()) }
}

fn administrator(under: &By) -> Result<(), UserRefusal> {
    if under.staff_with(Role::Administrator) { Ok(()) } else { Err(UserRefusal::NotAllowed) }
}

/// Absence and substitutes: one's own, or those of people one leads or administers.
fn may_plan(user: UserId, under: &By) -> Result<(), UserRefusal> {
    let may = under.is(user) || under.staff_with(Role::TeamLead) || under.staff_with(Role::Administrator);
    if may { Ok(()) } else { Err(UserRefusal::NotAllowed) }
}

impl Account {
    fn decide(&self, user: UserId, act: UserAct, under: &By) -> Result<Vec<UserEvent>, UserRefusal> {
        let one = |event| Ok(vec![event]);
        self.origin.allows(&act)?;
        match act {
            UserAct::Register { .. } | UserAct::OpenService { .. } => Err(UserRefusal::AlreadyRegistered),
            UserAct::Vouch { roles, .. } => {
                system(under)?;
                Ok(origin::follow_provider(self.roles, roles))
            }
            UserAct::IssueToken { token, hash, expires } => {
                administrator(under)?;
                let access = self.origin.service().ok_or(UserRefusal::NoServiceAccount)?;
                access.issue(TokenIssued { token, hash, expires }, under.at)
            }
            UserAct::RevokeToken { token } => {
                administrator(under)?;
                Ok(self.origin.service().ok_or(UserRefusal::NoServiceAccount)?.revoke(token))
            }
            UserAct::ProposeRole { role } => self.propose(role, under),
            UserAct::ApproveRole { role } => self.approve(user, role, under),
            UserAct::DeclineRole { role } => {
                administrator(under)?;
                let there = self.proposals.contains_key(&role);
                Ok(Vec::from_iter(there.then_some(UserEvent::RoleGrantDeclined(RoleGrantDeclined { role }))))
            }
            UserAct::RevokeRole { role } => {
                administrator(under)?;
                let held = self.roles.has(role);
                Ok(Vec::from_iter(held.then_some(UserEvent::RoleRevoked(RoleRevoked { role }))))
            }
            UserAct::ChangePassword { .. } if !under.is(user) => Err(UserRefusal::NotAllowed),
            UserAct::ChangePassword { password_hash } => {
                let password_hash = Sealed::new(self.subject, password_hash);
                one(UserEvent::PasswordChanged(PasswordChanged { password_hash }))
            }
            UserAct::ResetPassword { password_hash, until } => {
                another_administrator(user, under)?;
                let password_hash = Sealed::new(self.subject, password_hash);
                one(UserEvent::PasswordReset(PasswordReset { password_hash, until }))
            }
            UserAct::Lock { until } => self.keep_out(user, until, under),
            UserAct::Unlock => {
                another_administrator(user, under)?;
                let unlocked = UserEvent::AccountUnlocked(AccountUnlocked {});
                Ok(Vec::from_iter(self.lock.map(|_| unlocked)))
            }
            UserAct::RegisterAbsence { from, until } => self.leave(user, Absence { from, until }, under),
            UserAct::EndAbsence { on } => {
                may_plan(user, under)?;
                let absence = self.absence.ok_or(UserRefusal::NotAbsent)?;
                let back = UserEvent::AbsenceEnded(AbsenceEnded { on });
                Ok(Vec::from_iter((absence.ended(on) != Some(absence)).then_some(back)))
            }
            UserAct::NameSubstitute { substitute, roles, chain } => {
                self.name_substitute(user, (substitute, roles), &chain, under)
            }
            UserAct::WithdrawSubstitute => {
                may_plan(user, under)?;
                let withdrawn = UserEvent::SubstituteWithdrawn(SubstituteWithdrawn {});
                Ok(Vec::from_iter(self.substitute.map(|_| withdrawn)))
            }
        }
    }

    fn propose(&self, role: Role, under: &By) -> Result<Vec<UserEvent>, UserRefusal> {
        administrator(under)?;
        let Some(by) = under.actor.staff() else { return Err(UserRefusal::NotAllowed) };
        if self.roles.has(role) || self.proposals.contains_key(&role) {
            return Ok(Vec::new());
        }
        Ok(vec![UserEvent::RoleGrantProposed(RoleGrantProposed { role, by })])
    }

    fn approve(&self, user: UserId, role: Role, under: &By) -> Result<Vec<UserEvent>, UserRefusal> {
        another_administrator(user, under)?;
        match self.proposals.get(&role) {
            None if self.roles.has(role) => Ok(Vec::new()),
            None => Err(UserRefusal::RoleNotProposed),
            Some(proposer) if under.is(*proposer) => Err(UserRefusal::ProposerApproves),
            Some(_) => Ok(vec![UserEvent::RoleGranted(RoleGranted { role })]),
        }
    }

    /// An administrator keeps somebody out, or the system does for a while after wrong passwords.
    fn keep_out(
        &self,
        user: UserId,
        until: Option<Timestamp>,
        under: &By,
    ) -> Result<Vec<UserEvent>, UserRefusal> {
        if !under.is_system() {
            another_administrator(user, under)?;
        }
        // What holds longer already is not cut short by what the system does.
        let holds = match (self.lock, until) {
            (None, _) | (Some(Lock { until: Some(_) }), None) => false,
            (Some(Lock { until: None }), _) => true,
            (Some(Lock { until: Some(known) }), Some(wanted)) => known >= wanted,
        };
        Ok(Vec::from_iter((!holds).then_some(UserEvent::AccountLocked(AccountLocked { until }))))
    }

    fn leave(&self, user: UserId, absence: Absence, under: &By) -> Result<Vec<UserEvent>, UserRefusal> {
        may_plan(user, under)?;
        if self.absence == Some(absence) {
            return Ok(Vec::new());
        }
        if absence.until.is_some_and(|until| until < absence.from || until < under.today()) {
            return Err(UserRefusal::AbsenceDates);
        }
        // One that is over makes room by itself.
        if self.absence.is_some_and(|known| known.until.is_none_or(|until| under.today() <= until)) {
            return Err(UserRefusal::AlreadyAbsent);
        }
        let Absence { from, until } = absence;
        Ok(vec![UserEvent::AbsenceRegistered(AbsenceRegistered { from, until })])
    }

    fn name_substitute(
        &self,
        user: UserId,
        (substitute, roles): (UserId, Roles),
        chain: &[UserId],
        under: &By,
    ) -> Result<Vec<UserEvent>, UserRefusal> {
        may_plan(user, under)?;
        // Acting for somebody opens their cases: nobody takes that for themselves.
        if under.is(substitute) {
            return Err(UserRefusal::AboutYourself);
        }
        if !roles.any(&[Role::Caseworker, Role::TeamLead]) {
            return Err(UserRefusal::SubstituteHandlesNoCases);
        }
        if substitute == user || chain.contains(&user) || chain.len() >= LONGEST_CHAIN {
            return Err(UserRefusal::SubstituteCircle);
        }
        let named = UserEvent::SubstituteNamed(SubstituteNamed { substitute });
        Ok(Vec::from_iter((self.substitute != Some(substitute)).then_some(named)))
    }

    /// The state after one event. Never fails and holds no rule.
    fn evolve(&mut self, event: &UserEvent) {
        match event {
            // A stream holds one registration; the hashes are the views' business.
            UserEvent::UserRegistered(_)
            | UserEvent::UserVouchedFor(_)
            | UserEvent::ServiceAccountOpened(_)
            | UserEvent::PasswordChanged(_)
            | UserEvent::PasswordReset(_) => {}
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
            UserEvent::AccountLocked(locked) => self.lock = Some(Lock { until: locked.until }),
            UserEvent::AccountUnlocked(_) => self.lock = None,
            UserEvent::AbsenceRegistered(AbsenceRegistered { from, until }) => {
                self.absence = Some(Absence { from: *from, until: *until });
            }
            UserEvent::AbsenceEnded(ended) => {
                self.absence = self.absence.and_then(|absence| absence.ended(ended.on));
            }
            UserEvent::SubstituteNamed(named) => self.substitute = Some(named.substitute),
            UserEvent::SubstituteWithdrawn(_) => self.substitute = None,
        }
    }
}

impl Aggregate for User {
    const TYPE: &'static str = "user";
    type Command = UserCommand;
    type Event = UserEvent;
    type Error = UserRefusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: UserCommand,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), UserRefusal> {
        for event in self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: UserEvent) {
        match (&mut *self, event) {
            (_, UserEvent::UserRegistered(registered)) => {
                *self = Self::begun(registered.subject, Origin::BuiltIn);
            }
            (_, UserEvent::UserVouchedFor(vouched)) => {
                *self = Self::begun(vouched.subject, Origin::Provider);
            }
            (_, UserEvent::ServiceAccountOpened(opened)) => {
                let access = ServiceAccess { scopes: opened.scopes, ..ServiceAccess::default() };
                *self = Self::begun(opened.subject, Origin::Service(access));
            }
            (Self::Known(account), event) => account.evolve(&event),
            (Self::Unknown, _) => {}
        }
    }
}
