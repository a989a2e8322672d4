//! The door of the Kurrent endpoint: which members of staff may read the log with KurrentDB's clients.
//!
//! The user name is municipality and log-in name with a dot between, for example `0190.rita`; the password is the one
//! of the dashboard. An auditor reads the streams of their municipality, and each of them is noted in the access log.
//! Where the endpoint takes writes, an administrator reads and writes everything.
//!
//! A client sends its password with every call, and checking one is slow on purpose. So a right one is remembered for a
//! minute: as a hash with a salt that only this process knows, and only as long as the account's own stays the same.
//! Roles are never remembered.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use skranke_domain::access_log::{AccessEvent, AccessLog, AuditRead};
use skranke_domain::time::local_date;
use skranke_domain::{Act, Actor, Purpose, Role, Sealed, Tenant, UserId, engagement};
use skranke_projections::Member;
use skranke_store::endpoint::{self, Access, Authenticate, CannotCheck, Certificate, EndpointOptions, Scope};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::house::House;
use crate::login;

/// How long a right password is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(1);
/// The same person still reading is one look in the access log.
const ONE_LOOK: SignedDuration = SignedDuration::from_mins(10);
/// So many wrong passwords for one name within [`REMEMBERED`], and no further one is looked at until it is over.
const MOST_WRONG: u32 = 10;
/// How many passwords are checked at a time: each takes a processor and 19 MiB for a moment.
const AT_A_TIME: usize = 2;
/// The most entries of each kind in memory.
const ROOM: usize = 10_000;

type Digested = [u8; 32];

/// Checks accounts for the endpoint.
pub struct Door {
    house: Arc<House>,
    writable: bool,
    salt: [u8; 32],
    checks: Semaphore,
    memory: Mutex<Memory>,
}

/// What is known from earlier calls. All of it may be forgotten at any time.
#[derive(Default)]
struct Memory {
    /// Names and passwords that were right, with the account's hash at that time.
    right: HashMap<Digested, (Sealed<String>, Timestamp)>,
    /// Names, with how many passwords were wrong since when.
    wrong: HashMap<Digested, (u32, Timestamp)>,
    /// Who was noted as reading, and when.
    noted: HashMap<UserId, Timestamp>,
}

impl Door {
    /// A door to this house. With `writable`, administrators come in too.
    pub fn new(house: Arc<House>, writable: bool) -> anyhow::Result<Self> {
        let mut salt = [0; 32];
        getrandom::fill(&mut salt).map_err(|fault| anyhow::anyhow!("no randomness: {fault}"))?;
        Ok(Self { house, writable, salt, checks: Semaphore::new(AT_A_TIME), memory: Mutex::default() })
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn digest(&self, parts: &[&str]) -> Digested {
        let mut digest = Sha256::new_with_prefix(self.salt);
        for part in parts {
            digest.update(part.len().to_le_bytes());
            digest.update(part);
        }
        digest.finalize().into()
    }

    /// The member of staff whose name and password these are.
    async fn member(&self, tenant: Tenant, login: &str, password: &str) -> anyhow::Result<Option<Member>> {
        let name = format!("{tenant}.{}", login.trim().to_lowercase());
        let (named, known) = (self.digest(&[&name]), self.digest(&[&name, password]));
        let member = self.house.views.staff_by_login(tenant, login).await?;
        let now = self.house.clock.now();
        {
            let memory = self.memory();
            if let (Some(member), Some((hash, until))) = (&member, memory.right.get(&known))
                && Some(hash) == member.password_hash.as_ref()
                && now < *until
            {
                return Ok(Some(member.clone()));
            }
            if memory.wrong.get(&named).is_some_and(|(count, until)| *count >= MOST_WRONG && now < *until) {
                return Ok(None);
            }
        }
        let right = {
            let _turn = self.checks.acquire().await?;
            login::is_right(&self.house, tenant, member.as_ref(), password).await?
        };
        let mut memory = self.memory();
        memory.make_room(now);
        if let Some(member) = member.filter(|_| right)
            && let Some(hash) = member.password_hash.clone()
        {
            memory.right.insert(known, (hash, now + REMEMBERED));
            return Ok(Some(member));
        }
        let wrong = memory.wrong.entry(named).or_insert((0, now + REMEMBERED));
        *wrong = if now < wrong.1 { (wrong.0 + 1, wrong.1) } else { (1, now + REMEMBERED) };
        Ok(None)
    }

    async fn access(&self, tenant: Tenant, member: &Member) -> anyhow::Result<Option<Access>> {
        let now = self.house.clock.now();
        if member.is_locked(now) || member.one_time_until.is_some() {
            return Ok(None);
        }
        if self.writable && member.roles.has(Role::Administrator) {
            return Ok(Some(Access { scope: Scope::All, may_write: true }));
        }
        if !member.roles.has(Role::Auditor) {
            return Ok(None);
        }
        // The log is not divided by team: whoever reads it must audit the whole municipality.
        let engagements = self.house.views.engagements_of(tenant, member.id).await?;
        let audits = engagements
            .iter()
            .any(|one| one.is_open(local_date(now)) && one.scope == engagement::Scope::Municipality);
        Ok(audits.then_some(Access { scope: Scope::Tenant(tenant), may_write: false }))
    }

    /// Notes that somebody reads, once per look. What is not noted is not shown.
    async fn note(&self, tenant: Tenant, member: &Member) -> anyhow::Result<()> {
        let now = self.house.clock.now();
        let noted = self.memory().noted.get(&member.id).copied();
        if noted.is_some_and(|noted| now.duration_since(noted) < ONE_LOOK) {
            return Ok(());
        }
        let act = Act {
            actor: Actor::Staff(member.id),
            roles: member.roles,
            purpose: Some(Purpose::Audit),
            ..Act::system(tenant, now, self.house.desk.ids().next())
        };
        let event = AccessEvent::AuditRead(AuditRead { case: None });
        self.house.desk.note(&AccessLog::stream(tenant, local_date(now)), event, &act).await?;
        self.memory().noted.insert(member.id, now);
        Ok(())
    }
}

impl Memory {
    /// Lets go of what is over, and of everything when that is not enough.
    fn make_room(&mut self, now: Timestamp) {
        if self.right.len() >= ROOM || self.wrong.len() >= ROOM || self.noted.len() >= ROOM {
            self.right.retain(|_, (_, until)| now < *until);
            self.wrong.retain(|_, (_, until)| now < *until);
            self.noted.retain(|_, noted| now.duration_since(*noted) < ONE_LOOK);
        }
        if self.right.len() >= ROOM || self.wrong.len() >= ROOM || self.noted.len() >= ROOM {
            *self = Self::default();
        }
    }
}

#[async_trait::async_trait]
impl Authenticate for Door {
    async fn authenticate(&self, user: &str, password: &SecretString) -> Result<Option<Access>, CannotCheck> {
        let Some((tenant, login)) = user.split_once('.') else { return Ok(None) };
        let Ok(tenant) = tenant.parse::<Tenant>() else { return Ok(None) };
        let cannot = |error: anyhow::Error| CannotCheck(error.into());
        let member = self.member(tenant, login, password.expose_secret()).await.map_err(cannot)?;
        let Some(member) = member else { return Ok(None) };
        let access = self.access(tenant, &member).await.map_err(cannot)?;
        if access.is_some() {
            self.note(tenant, &member).await.map_err(cannot)?;
        }
        Ok(access)
    }
}

/// The endpoint's port, taken before the log is opened.
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
    writable: bool,
    certificate: Option<Certificate>,
}

impl Bound {
    /// Takes over a port. The certificate comes from two PEM files; without it nothing is encrypted.
    pub fn new(
        listener: TcpListener,
        writable: bool,
        certificate: Option<(&Path, &Path)>,
    ) -> anyhow::Result<Self> {
        let address = listener.local_addr()?;
        let read = |path: &Path| {
            std::fs::read(path)
                .with_context(|| format!("cannot read {}: check the path and its rights", path.display()))
        };
        let certificate = match certificate {
            Some((chain, key)) => Some(Certificate { chain: read(chain)?, key: read(key)?.into() }),
            None => None,
        };
        if certificate.is_none() && !address.ip().is_loopback() {
            tracing::warn!(
                "the Kurrent endpoint takes passwords over connections that are not encrypted: give it a certificate, \
                 or let only a proxy that terminates TLS reach it"
            );
        }
        Ok(Self { listener, address, writable, certificate })
    }

    /// Serves the house's log until `stopped` is done, and says where.
    pub fn serve(
        self,
        house: &Arc<House>,
        stopped: impl Future<Output = ()> + Send + 'static,
    ) -> anyhow::Result<JoinHandle<()>> {
        let Self { listener, address, writable, certificate } = self;
        let tls = certificate.is_some();
        let options = EndpointOptions {
            authenticate: Arc::new(Door::new(Arc::clone(house), writable)?),
            writable,
            clock: Arc::clone(&house.clock),
            ids: Arc::clone(house.desk.ids()),
            certificate,
        };
        let what = if writable { "auditors read, administrators write" } else { "auditors read" };
        println!(
            "KurrentDB clients connect to kurrentdb://MUNICIPALITY.LOGIN:PASSWORD@{address}?tls={tls} ({what})"
        );
        let log = Arc::clone(house.desk.log());
        Ok(tokio::spawn(async move {
            if let Err(error) = endpoint::serve(listener, log, options, stopped).await {
                tracing::error!(
                    error = format!("{:#}", anyhow::Error::from(error)),
                    "the Kurrent endpoint stopped"
                );
            }
        }))
    }
}
