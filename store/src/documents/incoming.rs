//! What has come in and waits for its event: each file's name says whose it is, so that a start can ask the log.

use std::fmt;
use std::io;
use std::str::FromStr;
use std::time::Duration;

use skranke_domain::case::document::ContentHash;
use skranke_domain::{CaseId, SubjectId, Tenant};

use super::{DocumentError, Documents, remove};

/// Where files wait.
pub(super) const FOLDER: &str = "incoming";
/// Where they stay.
pub(super) const KEPT: &str = "kept";
/// The ending of a file that is being written.
const PART: &str = ".part";

/// Whose a file is: the case it was sent to, and the subject it is sealed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whose {
    /// The municipality.
    pub tenant: Tenant,
    /// The case.
    pub case: CaseId,
    /// The subject.
    pub subject: SubjectId,
}

impl Whose {
    /// The files of a case.
    pub const fn new(tenant: Tenant, case: CaseId, subject: SubjectId) -> Self {
        Self { tenant, case, subject }
    }
}

/// The name of a file that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) whose: Whose,
    pub(super) hash: ContentHash,
    /// Tells the same file apart that two people send at the same time: what one discards, the other may keep.
    pub(super) arrival: u128,
}

impl Name {
    /// What the names of all arrivals of a file begin with.
    pub(super) fn prefix(whose: Whose, hash: ContentHash) -> String {
        let Whose { tenant, case, subject } = whose;
        format!("{tenant}.{case}.{subject}.{hash}.")
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:032x}", Self::prefix(self.whose, self.hash), self.arrival)
    }
}

impl FromStr for Name {
    type Err = ();
    fn from_str(name: &str) -> Result<Self, ()> {
        let parts: Vec<&str> = name.split('.').collect();
        let [tenant, case, subject, hash, arrival] = parts[..] else { return Err(()) };
        let whose = Whose {
            tenant: tenant.parse().map_err(|_| ())?,
            case: case.parse().map_err(|_| ())?,
            subject: subject.parse().map_err(|_| ())?,
        };
        let arrival = u128::from_str_radix(arrival, 16).map_err(|_| ())?;
        Ok(Self { whose, hash: hash.parse().map_err(|_| ())?, arrival })
    }
}

/// A number that no other arrival has, on whatever machine.
pub(super) fn arrival() -> Result<u128, DocumentError> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(DocumentError::NoRandomness)?;
    Ok(u128::from_be_bytes(random))
}

/// The name of a file while it is being written.
pub(super) fn part(arrival: u128) -> String {
    format!("{arrival:032x}{PART}")
}

/// A file that waits for its event since before the start.
#[derive(Clone, Debug)]
pub struct Incoming(Name);

impl Incoming {
    /// Whose it is.
    pub const fn whose(&self) -> Whose {
        self.0.whose
    }

    /// Its address.
    pub const fn hash(&self) -> ContentHash {
        self.0.hash
    }
}

impl Documents {
    /// What a crash left in `incoming/`, older than `age` (others may share the folder; what they are taking in is
    /// younger). Half-written files are removed at once. Ask the log about each of the others, and [`Self::settle`] it.
    pub async fn incoming(&self, age: Duration) -> Result<Vec<Incoming>, DocumentError> {
        let mut entries = tokio::fs::read_dir(self.0.root.join(FOLDER)).await?;
        let mut waiting = Vec::new();
        while let Some(entry) = entries.next_entry().await? {
            let metadata = match entry.metadata().await {
                Ok(metadata) => metadata,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error.into()),
            };
            // A clock that was set back makes a file look young, and it is left for the next start.
            let old = metadata.modified()?.elapsed().is_ok_and(|since| since >= age);
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|_| old) else { continue };
            if name.ends_with(PART) {
                remove(&entry.path()).await?;
            } else if let Ok(name) = name.parse() {
                waiting.push(Incoming(name));
            }
        }
        Ok(waiting)
    }

    /// Keeps a file that the log names, and removes one that it does not.
    pub async fn settle(&self, incoming: &Incoming, named: bool) -> Result<(), DocumentError> {
        if named { self.settle_in(incoming.0).await } else { remove(&self.waiting(incoming.0)).await }
    }
}
