//! Who is calling, and what of the log they may see.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use skranke_domain::{StreamId, Tenant};
use tokio::time::Instant;
use tonic::Status;
use tonic::metadata::MetadataMap;

use super::answer;

/// A subscription asks again after this whether its user may still read.
const STILL_WELCOME: Duration = Duration::from_mins(1);

/// Which part of the log somebody sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All of it.
    All,
    /// The streams of one municipality, and their metadata.
    Tenant(Tenant),
}

impl Scope {
    /// Whether a stream is in it.
    pub(super) fn covers(self, stream: &StreamId) -> bool {
        match self {
            Self::All => true,
            Self::Tenant(tenant) => match stream.as_str().strip_prefix("$$") {
                Some(described) => StreamId::parse(described).is_ok_and(|stream| stream.tenant() == tenant),
                None => stream.tenant() == tenant,
            },
        }
    }
}

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// What they see.
    pub scope: Scope,
    /// Whether they may also write, within the scope.
    pub may_write: bool,
}

/// Whether a log-in is right could not be found out.
#[derive(Debug, thiserror::Error)]
#[error("log-ins cannot be checked at the moment")]
pub struct CannotCheck(#[source] pub Box<dyn Error + Send + Sync>);

/// Knows who may come in.
#[async_trait]
pub trait Authenticate: Send + Sync {
    /// What this user may do; `None` when user or password is wrong, or when they may do nothing here. Asked at
    /// each call, before anything is shown, and again every minute by a subscription that has news.
    async fn authenticate(&self, user: &str, password: &SecretString) -> Result<Option<Access>, CannotCheck>;
}

/// Somebody who was let in.
pub(super) struct Caller {
    door: Arc<dyn Authenticate>,
    user: String,
    password: SecretString,
    access: Access,
    checked: Instant,
}

impl Caller {
    /// Lets somebody in who says who they are in the call's metadata.
    pub(super) async fn admit(door: Arc<dyn Authenticate>, call: &MetadataMap) -> Result<Self, Status> {
        let (user, password) = credentials(call).ok_or_else(|| {
            answer::unauthenticated("give a user name and a password, as in kurrentdb://USER:PASSWORD@HOST")
        })?;
        let access = check(&*door, &user, &password).await?;
        Ok(Self { door, user, password, access, checked: Instant::now() })
    }

    pub(super) fn scope(&self) -> Scope {
        self.access.scope
    }

    /// Refuses a stream that is none of theirs, whether it exists or not.
    pub(super) fn must_see(&self, stream: &StreamId) -> Result<(), Status> {
        if self.access.scope.covers(stream) {
            Ok(())
        } else {
            Err(answer::denied("this account sees the streams of its own municipality only"))
        }
    }

    /// Refuses those who only read.
    pub(super) fn must_write(&self) -> Result<(), Status> {
        if self.access.may_write {
            Ok(())
        } else {
            Err(answer::denied("this account may read and not write"))
        }
    }

    /// Asks again whether they may come in, if the last answer is old. The scope may have become another.
    pub(super) async fn check_again(&mut self) -> Result<(), Status> {
        if self.checked.elapsed() >= STILL_WELCOME {
            self.access = check(&*self.door, &self.user, &self.password).await?;
            self.checked = Instant::now();
        }
        Ok(())
    }
}

async fn check(door: &dyn Authenticate, user: &str, password: &SecretString) -> Result<Access, Status> {
    match door.authenticate(user, password).await {
        Ok(Some(access)) => Ok(access),
        Ok(None) => {
            Err(answer::unauthenticated("user name or password is wrong, or the account may not read here"))
        }
        Err(error) => {
            tracing::error!(error = %error, source = ?error.source().map(ToString::to_string), "a log-in could not be checked");
            Err(Status::unavailable(error.to_string()))
        }
    }
}

/// User and password of HTTP basic authentication (RFC 7617).
fn credentials(call: &MetadataMap) -> Option<(String, SecretString)> {
    let header = call.get("authorization")?.to_str().ok()?;
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    Some((user.to_owned(), SecretString::from(password)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn call(header: &'static str) -> MetadataMap {
        let mut call = MetadataMap::new();
        call.insert("authorization", header.parse().unwrap());
        call
    }

    #[test]
    fn a_password_may_have_colons_and_a_scheme_any_case() {
        // rita:a:b
        let (user, password) = credentials(&call("basic cml0YTphOmI=")).unwrap();
        assert_eq!((user.as_str(), password.expose_secret()), ("rita", "a:b"));
        assert!(credentials(&call("Bearer cml0YTphOmI=")).is_none());
        assert!(credentials(&call("Basic %%%")).is_none() && credentials(&MetadataMap::new()).is_none());
    }

    #[test]
    fn a_municipality_sees_its_own_streams_and_what_describes_them() {
        let stream = |name| StreamId::parse(name).unwrap();
        let scope = Scope::Tenant(Tenant::try_new("0190").unwrap());
        assert!(scope.covers(&stream("case-0190-a")) && scope.covers(&stream("$$case-0190-a")));
        for foreign in ["case-0751-a", "$$case-0751-a", "orders", "$$orders", "$$", "conversation-0000-a"] {
            assert!(!scope.covers(&stream(foreign)), "{foreign}");
            assert!(Scope::All.covers(&stream(foreign)));
        }
    }
}
