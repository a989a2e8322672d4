//! Built-in accounts: who may come in, and who is behind a session.

use anyhow::Context;
use skranke_domain::user::User;
use skranke_domain::{Lang, Tenant};
use skranke_graphql::Caller;
use skranke_projections::Member;

use crate::house::House;
use crate::passwords;
use crate::sessions::Known;

/// Why nobody is behind a request.
#[derive(Debug)]
pub enum NoCaller {
    /// No session, or one that was never begun.
    NotLoggedIn,
    /// The session has ended.
    Expired,
    /// The house is broken.
    Fault(anyhow::Error),
}

/// Checks a log-in and begins a session: its token, or `None` when municipality, name or password is wrong (which of
/// them is nobody's business).
pub async fn log_in(
    house: &House,
    tenant: Option<Tenant>,
    login: &str,
    password: &str,
) -> anyhow::Result<Option<String>> {
    let member = match tenant {
        Some(tenant) => house.views.staff_by_login(tenant, &login.trim().to_lowercase()).await?,
        None => None,
    };
    let right = is_right(house, tenant.unwrap_or(Tenant::NOBODY), member.as_ref(), password).await?;
    let (Some(member), Some(tenant), true) = (member, tenant, right) else { return Ok(None) };
    house.sessions.begin(tenant, member.id, house.clock.now()).map(Some)
}

/// Whether the password is this member's. It takes as long when there is no such member.
pub async fn is_right(
    house: &House,
    tenant: Tenant,
    member: Option<&Member>,
    password: &str,
) -> anyhow::Result<bool> {
    let mut hash = member.map(|member| member.password_hash.clone());
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
    Ok(Caller { tenant: session.tenant, user: session.user, roles: member.roles, lang })
}
