//! Built-in accounts: who may come in, who is behind a session, and how a password is changed.
//!
//! Nobody learns from an answer, or from the time it takes, whether a log-in name belongs to anybody: the same work is
//! done for every name, wrong passwords are counted for every name, and only whoever knows the password is told that an
//! account is locked.

use std::sync::Arc;

use anyhow::Context;
use jiff::SignedDuration;
use skranke_domain::user::{User, UserAct, UserCommand};
use skranke_domain::{Act, Actor, By, Lang, Tenant, UserId};
use skranke_graphql::Caller;
use skranke_projections::Member;

use crate::house::House;
use crate::passwords::{self, Unfit};
use crate::sessions::{Known, Try};

/// Why nobody is behind a request.
#[derive(Debug)]
pub enum NoCaller {
    /// No session, or one that was never begun.
    NotLoggedIn,
    /// The token of a system outside opens nothing: wrong, revoked or run out.
    BadToken,
    /// The token of a system outside opens other things than this.
    NoScope,
    /// A system outside has sent too much: the next request is answered after so many seconds.
    TooMany(u32),
    /// The session has ended.
    Expired,
    /// An administrator keeps the person out, or reset their password.
    KeptOut,
    /// The house is broken.
    Fault(anyhow::Error),
}

/// Who somebody says they are.
pub struct Claim<'a> {
    /// The municipality, if what was sent is one.
    pub tenant: Option<Tenant>,
    /// The log-in name.
    pub login: &'a str,
    /// The password.
    pub password: &'a str,
}

/// Why somebody is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotIn {
    /// Nobody logs in with a password here.
    Off,
    /// Municipality, name or password is wrong; which of them is nobody's business.
    Wrong,
    /// Too many wrong passwords for this name.
    TooManyTries,
    /// The password is right, and the account is locked.
    Locked,
    /// The password is right, and a one-time password: it must be changed first.
    MustChange,
    /// The new password is not taken.
    Unfit(Unfit),
}

/// Checks a log-in and begins a session: its token.
pub async fn log_in(house: &Arc<House>, claim: Claim<'_>) -> anyhow::Result<Result<String, NotIn>> {
    let (tenant, member) = match prove(house, &claim).await? {
        Ok(known) => known,
        Err(not_in) => return Ok(Err(not_in)),
    };
    if member.one_time_until.is_some() {
        return Ok(Err(NotIn::MustChange));
    }
    house.sessions.begin(tenant, member.id, house.clock.now()).map(Ok)
}

/// Changes somebody's own password, proved by the old one, and ends all their sessions.
pub async fn change_password(
    house: &Arc<House>,
    claim: Claim<'_>,
    new: &str,
) -> anyhow::Result<Result<(), NotIn>> {
    let (tenant, member) = match prove(house, &claim).await? {
        Ok(known) => known,
        Err(not_in) => return Ok(Err(not_in)),
    };
    if let Err(unfit) = passwords::check(new, &member.login) {
        return Ok(Err(NotIn::Unfit(unfit)));
    }
    if new == claim.password {
        return Ok(Err(NotIn::Unfit(Unfit::TheSame)));
    }
    let new = new.to_owned();
    let password_hash = tokio::task::spawn_blocking(move || passwords::hash(&new)).await??;
    let act = Act {
        actor: Actor::Staff(member.id),
        roles: member.roles,
        ..Act::system(tenant, house.clock.now(), house.desk.ids().next())
    };
    let receipt = to_user(house, member.id, UserAct::ChangePassword { password_hash }, &act).await?;
    // Whoever logs in next finds the new password in the views.
    house.views.wait_for(receipt.position, std::time::Duration::from_secs(3)).await;
    house.sessions.end_all(tenant, member.id)?;
    Ok(Ok(()))
}

async fn to_user(
    house: &House,
    user: UserId,
    wish: UserAct,
    act: &Act,
) -> anyhow::Result<skranke_store::Receipt> {
    let command = UserCommand { user, act: wish, under: By::of(act) };
    let stream = User::stream(act.tenant, user);
    house.desk.execute::<User>(&stream, command, act).await.context("the account could not be changed")
}

/// The member of staff whose name and password these are, and who may use them now.
async fn prove(house: &Arc<House>, claim: &Claim<'_>) -> anyhow::Result<Result<(Tenant, Member), NotIn>> {
    if !house.config.session.passwords {
        return Ok(Err(NotIn::Off));
    }
    let login = claim.login.trim().to_lowercase();
    let tenant = claim.tenant.unwrap_or(Tenant::NOBODY);
    let member = match claim.tenant {
        Some(tenant) => house.views.staff_by_login(tenant, &login).await?,
        None => None,
    };
    let (name, now) = (format!("{tenant}/{login}"), house.clock.now());
    let unlocked = member.as_ref().and_then(|member| member.unlocked_at);
    let attempt = house.sessions.try_now(&name, unlocked, now)?;
    if attempt == Try::TooMany {
        return Ok(Err(NotIn::TooManyTries));
    }
    let right = is_right(house, tenant, member.as_ref(), claim.password).await?;
    let Some(member) = member.filter(|_| right) else {
        if attempt == Try::Last {
            lock_out(Arc::clone(house), claim.tenant, login);
        }
        return Ok(Err(NotIn::Wrong));
    };
    house.sessions.forget_tries(&name)?;
    if member.is_locked(now) {
        return Ok(Err(NotIn::Locked));
    }
    // A one-time password that has run out opens nothing.
    if member.one_time_until.is_some_and(|until| until <= now) {
        return Ok(Err(NotIn::Wrong));
    }
    Ok(Ok((tenant, member)))
}

/// Writes into the log that an account is locked for a while, where there is one. Nobody waits for it, or the time would
/// tell whether there is.
fn lock_out(house: Arc<House>, tenant: Option<Tenant>, login: String) {
    let Some(tenant) = tenant else { return };
    tokio::spawn(async move {
        let now = house.clock.now();
        let until = now + SignedDuration::from_mins(i64::from(house.config.session.lock_minutes));
        let act = Act::system(tenant, now, house.desk.ids().next());
        let found = house.views.staff_by_login(tenant, &login).await.map_err(anyhow::Error::from);
        let locked = match found {
            Ok(Some(member)) => {
                to_user(&house, member.id, UserAct::Lock { until: Some(until) }, &act).await.map(|_| ())
            }
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = locked {
            tracing::error!(error = format!("{error:#}"), "a lock-out could not be noted");
        }
    });
}

/// Whether the password is this member's. It takes as long when there is no such member.
pub async fn is_right(
    house: &House,
    tenant: Tenant,
    member: Option<&Member>,
    password: &str,
) -> anyhow::Result<bool> {
    let mut hash = member.and_then(|member| member.password_hash.clone());
    if let (Some(hash), Some(member)) = (&mut hash, member) {
        let stream = User::stream(tenant, member.id);
        hash.open_with(&house.desk.keys().for_stream(&stream))
            .context("a password hash could not be opened")?;
    }
    let (hash, password) = (hash.and_then(|hash| hash.value().cloned()), password.to_owned());
    Ok(tokio::task::spawn_blocking(move || passwords::verify(&password, hash.as_deref())).await?)
}

/// The person behind a session token, with the roles they hold at this moment.
pub async fn caller(house: &House, token: &str, lang: Lang) -> Result<Caller, NoCaller> {
    let session = match house.sessions.find(token, house.clock.now()).map_err(NoCaller::Fault)? {
        Known::Session(session) => session,
        Known::Expired => return Err(NoCaller::Expired),
        Known::No => return Err(NoCaller::NotLoggedIn),
    };
    let found = house.views.staff_by_id(session.tenant, session.user).await;
    let member = found.map_err(|error| NoCaller::Fault(error.into()))?.ok_or(NoCaller::NotLoggedIn)?;
    if !member.may_stay() {
        return Err(NoCaller::KeptOut);
    }
    Ok(Caller { tenant: session.tenant, user: session.user, roles: member.roles, lang, scopes: None })
}

/// Waits until somebody may no longer go on as they came in: kept out, or with other roles.
pub async fn changed(house: &House, caller: &Caller) {
    let mut changes = house.views.changes();
    let stream = User::stream(caller.tenant, caller.user);
    loop {
        let about_them = match changes.recv().await {
            Ok(change) => change.stream == stream,
            // Some were missed: it may have been among them.
            Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => true,
            Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
        };
        if about_them {
            let member = house.views.staff_by_id(caller.tenant, caller.user).await;
            let goes_on = |member: &Option<Member>| {
                member.as_ref().is_some_and(|one| one.may_stay() && one.roles == caller.roles)
            };
            if !member.is_ok_and(|member| goes_on(&member)) {
                return;
            }
        }
    }
}
