//! The log: the only truth. A port ([`EventLog`]), two engines behind it, the key ring, and the [`Desk`]
//! where commands become events.
//!
//! Invariants of the room:
//! - Nothing above the port knows which engine is behind it; [`open`] chooses one by its URL.
//! - What was acknowledged is durable, has a position, and positions have no gaps in commit order.
//! - Personal fields reach the log sealed or not at all; their keys stand in the key ring, never in the log.

mod claim;
pub mod copy;
mod desk;
pub mod documents;
mod embedded;
#[cfg(feature = "endpoint")]
pub mod endpoint;
mod fault;
mod hot;
mod keys;
#[cfg(feature = "kurrent")]
mod kurrent;
pub mod ledger;
mod metadata;
pub mod port;
mod read;
mod recent;
pub mod record;
mod sqlite;
mod subjects;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use claim::{Busy, Claim, Claims, Lost};
pub use desk::{Desk, Failure, Left, LoadError, NoteError, Receipt};
pub use embedded::{EmbeddedLog, Options, disk, maintenance};
pub use fault::OpenError;
pub use keys::{
    Blinder, KeyError, KeyEvent, KeyRing, MasterKey, MasterKeyId, Masters, StreamSeals, WrappedKey,
};
#[cfg(feature = "kurrent")]
pub use kurrent::KurrentLog;
pub use metadata::{Metadata, MetadataError};
pub use port::{
    Appended, Direction, EventLog, EventType, Expected, Filter, LogError, NewEvent, Page, Position, Recorded,
    Revision, StreamWrite, Subscription,
};
pub use read::{NewerEvent, ReadError, ReadFault, read, version};
pub use skranke_domain::upcast::Reading;
pub use subjects::subjects_in;

/// Which engine a URL means.
#[derive(Debug, PartialEq, Eq)]
enum Engine {
    Embedded(PathBuf),
    Kurrent,
}

/// Reads the scheme. The URL of a server may hold a password, so no error repeats it.
fn engine(url: &str) -> Result<Engine, OpenError> {
    match url.split_once(':') {
        // The first format was a SQLite file; a folder that was opened as such still is.
        Some(("file" | "sqlite", rest)) => match rest.strip_prefix("//").unwrap_or(rest) {
            "" => Err(OpenError::Url("it names no directory: write file:DIR, for example file:data".into())),
            dir => Ok(Engine::Embedded(Path::new(dir).to_owned())),
        },
        Some(("kurrentdb" | "kurrentdb+discover" | "esdb" | "esdb+discover", _)) => Ok(Engine::Kurrent),
        Some((scheme, _)) => Err(OpenError::Url(format!(
            "no log engine is called {scheme:?}: use file:DIR or kurrentdb://HOST"
        ))),
        None => Err(OpenError::Url("a log URL starts with file: or kurrentdb://".into())),
    }
}

/// The directory of an embedded log; `None` when the URL means a server.
pub fn directory(url: &str) -> Result<Option<PathBuf>, OpenError> {
    Ok(match engine(url)? {
        Engine::Embedded(dir) => Some(dir),
        Engine::Kurrent => None,
    })
}

/// Opens the log that a URL names: `file:DIR` (embedded, the default; also `sqlite:DIR`) or `kurrentdb://…`
/// (`esdb://…`).
pub async fn open(url: &str) -> Result<Arc<dyn EventLog>, OpenError> {
    match engine(url)? {
        Engine::Embedded(dir) => {
            let opened = tokio::task::spawn_blocking(move || EmbeddedLog::open(&dir)).await;
            let aborted = || LogError::Unavailable("opening was aborted".into());
            let log = opened.map_err(|_| aborted())??;
            Ok(Arc::new(log))
        }
        #[cfg(feature = "kurrent")]
        Engine::Kurrent => Ok(Arc::new(KurrentLog::connect(url).await?)),
        #[cfg(not(feature = "kurrent"))]
        Engine::Kurrent => Err(OpenError::Url(
            "this program was built without the KurrentDB engine (feature `kurrent`): use file:DIR".into(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_chooses_the_engine() {
        assert_eq!(engine("file:data").unwrap(), Engine::Embedded("data".into()));
        assert_eq!(engine("sqlite:data").unwrap(), Engine::Embedded("data".into()));
        assert_eq!(engine("sqlite:///var/lib/skranke").unwrap(), Engine::Embedded("/var/lib/skranke".into()));
        assert_eq!(engine("esdb+discover://a,b").unwrap(), Engine::Kurrent);
    }

    #[test]
    fn an_unknown_scheme_is_named_and_a_password_is_not() {
        let text = engine("postgres://me:hunter2@db").unwrap_err().to_string();
        assert!(text.contains("postgres") && !text.contains("hunter2"), "{text}");
        assert!(engine("sqlite:").is_err() && engine("data").is_err());
    }
}
