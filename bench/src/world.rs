//! What every measurement of Skranke takes from outside: the time, new ids, an office and a caseworker.

#![expect(
    clippy::disallowed_methods,
    reason = "this program is its own binary, as `src/clock.rs` is part of one"
)]

use std::path::Path;

use anyhow::Context;
use jiff::Timestamp;
use skranke_domain::time::Ids;
use skranke_domain::{Act, Actor, Purpose, Role, Roles, Tenant, UserId};
use uuid::Uuid;

/// The program's name in the metadata, as long as the real one's.
pub(crate) const SOFTWARE: &str = concat!("skranke/", env!("CARGO_PKG_VERSION"));

/// The machine's clock.
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// Ids as the real program makes them.
pub(crate) struct Uuids;

impl Ids for Uuids {
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// The URL of an embedded log in a folder.
pub(crate) fn log_url(dir: &Path) -> anyhow::Result<String> {
    let dir = dir.to_str().context("the folder's name is not UTF-8")?;
    Ok(format!("file:{dir}"))
}

/// Whose cases they are.
pub(crate) fn tenant() -> anyhow::Result<Tenant> {
    Ok(Tenant::try_new("0190")?)
}

/// Who does everything.
pub(crate) const fn worker() -> UserId {
    UserId::new(Uuid::from_u128(0x0198_f0c2_0000_7000_8000_0000_0000_0977))
}

/// An act of the caseworker, now, under a key of its own.
pub(crate) fn act() -> anyhow::Result<Act> {
    Ok(Act {
        tenant: tenant()?,
        actor: Actor::Staff(worker()),
        roles: Roles::default().with(Role::Caseworker),
        purpose: Some(Purpose::CaseHandling),
        at: now(),
        correlation: Uuids.next(),
        causation: None,
        idempotency: Some(Uuids.next().to_string()),
        expected: None,
    })
}
