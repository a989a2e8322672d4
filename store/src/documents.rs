//! The document store: files that people upload or the house prints, sealed under the key of the subject they are
//! about, in a folder of their own beside the log.
//!
//! A file lies under its municipality, its subject and its address, which is a keyed hash of its open bytes
//! ([`ContentHash`]). It comes in through `incoming/`: written there, synced, and moved to `kept/` after the event that
//! names it was appended. So whatever stands in the log is on the disk, and what a crash left between the two is told
//! apart at the next start ([`Documents::incoming`]): the log has it, or nobody has.
//!
//! Invariants:
//! - Never more than a few pieces of a file are in memory, whatever is sent.
//! - Open bytes touch no disk; destroying the subject's key makes the files unreadable ([`DocumentError::Erased`]).
//! - A file is shown only after every byte of it was found to be what the log says.
//! - Nothing is taken in that is too large, of another type than allowed (by its first bytes, not by its name), or
//!   not passed by the scanner, where there is one.

mod incoming;
mod scan;
mod seal;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::hmac;
use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt};
use skranke_domain::case::document::ContentHash;
use skranke_domain::{SubjectId, Tenant};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use self::incoming::Name;
pub use self::incoming::{Incoming, Whose};
use self::scan::Scan;
pub use self::scan::Scanner;
use self::seal::{HEADER, Opening, PIECE, SEALED_PIECE, Sealing};
use crate::keys::{FileKeys, KeyError, KeyRing};

/// What is taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// The largest file, in bytes.
    pub largest: u64,
    /// The media types, by their first bytes.
    pub types: Vec<String>,
    /// Who scans them.
    pub scanner: Option<Scanner>,
}

/// Why a file was not taken in, or not shown. No text holds a name or a byte of it.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// Larger than is allowed.
    #[error("the file is larger than is allowed")]
    TooLarge,
    /// Nothing was sent.
    #[error("the file is empty")]
    Empty,
    /// Of a type that is not taken in.
    #[error("files of this type are not taken in")]
    Type,
    /// The scanner found something.
    #[error("the scanner found something harmful in the file")]
    Infected,
    /// The scanner came to no verdict.
    #[error("the file could not be scanned, so it was not taken in: {0}")]
    NotScanned(String),
    /// The sender stopped, or sent something that cannot be read.
    #[error("the file did not arrive whole")]
    Interrupted,
    /// The subject's key was destroyed.
    #[error("the key of the person this file is about was destroyed: it can no longer be read")]
    Erased,
    /// The bytes are not the ones that the log names.
    #[error("a stored file was altered, or is not the one that the log names: restore it from a backup")]
    Altered,
    /// The file is not there.
    #[error("a file that the log names is not in the document store: restore it from a backup")]
    Missing,
    /// The keys did not answer.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes: {0}")]
    NoRandomness(getrandom::Error),
    /// The disk did not do what it was asked.
    #[error("the document store's folder did not answer: check its rights and the space on its disk")]
    Disk(#[from] io::Error),
}

/// The document store. Cheap to clone.
#[derive(Clone)]
pub struct Documents(Arc<Inner>);

struct Inner {
    root: PathBuf,
    keys: Arc<KeyRing>,
    acceptance: Acceptance,
}

/// What is known of a file that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its address.
    pub hash: ContentHash,
    /// How many bytes it has.
    pub size: u64,
    /// What it is, by its first bytes.
    pub media_type: String,
    name: Name,
}

impl Documents {
    /// Opens the store in a folder, or makes it. Blocks shortly.
    pub fn open(root: &Path, keys: Arc<KeyRing>, acceptance: Acceptance) -> Result<Self, DocumentError> {
        for folder in [incoming::FOLDER, incoming::KEPT] {
            std::fs::create_dir_all(root.join(folder))?;
        }
        Ok(Self(Arc::new(Inner { root: root.to_owned(), keys, acceptance })))
    }

    /// What is taken in.
    pub fn acceptance(&self) -> &Acceptance {
        &self.0.acceptance
    }

    /// Takes a file in, as it comes. It is on the disk when this answers, and waits for its event: after that, call
    /// [`Self::keep`]; if there is none, [`Self::discard`].
    pub async fn receive<E>(
        &self,
        whose: Whose,
        bytes: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<Received, DocumentError> {
        let scan = self.0.acceptance.scanner.as_ref().map(Scanner::start).transpose()?;
        self.take_in(whose, bytes.map_err(|_| DocumentError::Interrupted), &self.0.acceptance, scan).await
    }

    /// Takes in a letter that the house itself has printed, or a file that it has already: neither scanned nor
    /// measured again.
    pub async fn store(
        &self,
        whose: Whose,
        media_type: &str,
        bytes: impl Stream<Item = Result<Bytes, DocumentError>>,
    ) -> Result<Received, DocumentError> {
        let types = vec![media_type.to_owned()];
        let ours = Acceptance { largest: u64::MAX, types, scanner: None };
        self.take_in(whose, bytes, &ours, None).await
    }

    /// The address that bytes have for a subject, without storing them.
    pub async fn address(
        &self,
        tenant: Tenant,
        subject: SubjectId,
        bytes: &[u8],
    ) -> Result<ContentHash, DocumentError> {
        let keys = self.keys_for_new(tenant, subject).await?;
        let mut hashing = hmac::Context::with_key(&keys.address);
        hashing.update(bytes);
        address(&hashing)
    }

    async fn take_in(
        &self,
        whose: Whose,
        bytes: impl Stream<Item = Result<Bytes, DocumentError>>,
        acceptance: &Acceptance,
        scan: Option<Scan>,
    ) -> Result<Received, DocumentError> {
        let keys = self.keys_for_new(whose.tenant, whose.subject).await?;
        let arrival = incoming::arrival()?;
        let part = self.0.root.join(incoming::FOLDER).join(incoming::part(arrival));
        let arriving = Arriving::begin(&part, &keys, whose, scan).await?;
        let written = arriving.write(bytes, acceptance).await;
        let (hash, size, media_type) = match written {
            Ok(written) => written,
            Err(error) => {
                // What could not be removed is swept at the next start.
                let _ = tokio::fs::remove_file(&part).await;
                return Err(error);
            }
        };
        let name = Name { whose, hash, arrival };
        tokio::fs::rename(&part, self.waiting(name)).await?;
        sync_folder(self.0.root.join(incoming::FOLDER)).await?;
        Ok(Received { hash, size, media_type, name })
    }

    /// The event that names it stands in the log: it stays.
    pub async fn keep(&self, received: &Received) -> Result<(), DocumentError> {
        self.settle_in(received.name).await
    }

    async fn settle_in(&self, name: Name) -> Result<(), DocumentError> {
        let folder = self.folder(name.whose.tenant, name.whose.subject);
        tokio::fs::create_dir_all(&folder).await?;
        tokio::fs::rename(self.waiting(name), folder.join(name.hash.to_string())).await?;
        for made in folder.ancestors().take(3) {
            sync_folder(made.to_owned()).await?;
        }
        sync_folder(self.0.root.join(incoming::FOLDER)).await
    }

    /// No event names it: it goes.
    pub async fn discard(&self, received: &Received) -> Result<(), DocumentError> {
        remove(&self.waiting(received.name)).await
    }

    /// Removes a file that no document of its subject names any more (it was moved to another case).
    pub async fn remove(
        &self,
        tenant: Tenant,
        subject: SubjectId,
        hash: ContentHash,
    ) -> Result<(), DocumentError> {
        remove(&self.folder(tenant, subject).join(hash.to_string())).await
    }

    /// Removes every file of a subject whose key was destroyed: nobody can read them any more.
    pub async fn remove_all(&self, tenant: Tenant, subject: SubjectId) -> Result<(), DocumentError> {
        match tokio::fs::remove_dir_all(self.folder(tenant, subject)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// A file's bytes, piece by piece, after all of them were found to be what the log says. `whose` names the case
    /// that the file is shown in: it may still wait for its place after a crash.
    pub async fn read(
        &self,
        whose: Whose,
        hash: ContentHash,
    ) -> Result<impl Stream<Item = Result<Bytes, DocumentError>> + Send + use<>, DocumentError> {
        let keys = self.keys_of(whose.tenant, whose.subject).await?;
        let path = self.find(whose, hash).await?;
        let mut hashing = hmac::Context::with_key(&keys.address);
        let mut pieces = std::pin::pin!(pieces(&path, &keys, whose).await?);
        while let Some(piece) = pieces.next().await {
            hashing.update(&piece?);
        }
        if address(&hashing)? != hash {
            return Err(DocumentError::Altered);
        }
        self::pieces(&path, &keys, whose).await
    }

    /// All of a file's bytes. For letters and other small ones.
    pub async fn read_whole(&self, whose: Whose, hash: ContentHash) -> Result<Bytes, DocumentError> {
        let mut pieces = std::pin::pin!(self.read(whose, hash).await?);
        let mut bytes = Vec::new();
        while let Some(piece) = pieces.next().await {
            bytes.extend_from_slice(&piece?);
        }
        Ok(Bytes::from(bytes))
    }

    async fn keys_for_new(&self, tenant: Tenant, subject: SubjectId) -> Result<FileKeys, DocumentError> {
        let keys = Arc::clone(&self.0.keys);
        match off_the_async_threads(move || keys.keys_for_new_files(tenant, subject)).await? {
            Err(KeyError::Destroyed) => Err(DocumentError::Erased),
            found => Ok(found?),
        }
    }

    async fn keys_of(&self, tenant: Tenant, subject: SubjectId) -> Result<FileKeys, DocumentError> {
        let keys = Arc::clone(&self.0.keys);
        let found = off_the_async_threads(move || keys.keys_of_files(tenant, subject)).await?;
        found?.ok_or(DocumentError::Erased)
    }

    fn folder(&self, tenant: Tenant, subject: SubjectId) -> PathBuf {
        self.0.root.join(incoming::KEPT).join(tenant.code()).join(subject.to_string())
    }

    fn waiting(&self, name: Name) -> PathBuf {
        self.0.root.join(incoming::FOLDER).join(name.to_string())
    }

    /// Where a file lies: in its place, or still on its way there.
    async fn find(&self, whose: Whose, hash: ContentHash) -> Result<PathBuf, DocumentError> {
        let kept = self.folder(whose.tenant, whose.subject).join(hash.to_string());
        if tokio::fs::try_exists(&kept).await? {
            return Ok(kept);
        }
        let prefix = Name::prefix(whose, hash);
        let mut waiting = tokio::fs::read_dir(self.0.root.join(incoming::FOLDER)).await?;
        while let Some(entry) = waiting.next_entry().await? {
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
                return Ok(entry.path());
            }
        }
        Err(DocumentError::Missing)
    }
}

async fn off_the_async_threads<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, DocumentError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| DocumentError::Disk(io::Error::other(error)))
}

async fn sync_folder(folder: PathBuf) -> Result<(), DocumentError> {
    Ok(off_the_async_threads(move || std::fs::File::open(folder)?.sync_all()).await??)
}

async fn remove(path: &Path) -> Result<(), DocumentError> {
    match tokio::fs::remove_file(path).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn address(hashing: &hmac::Context) -> Result<ContentHash, DocumentError> {
    let bytes = hashing.clone().sign();
    bytes.as_ref().try_into().map(ContentHash::new).map_err(|_| DocumentError::Altered)
}

/// A file on its way in.
struct Arriving {
    file: File,
    sealing: Sealing,
    hashing: hmac::Context,
    scan: Option<Scan>,
    size: u64,
}

impl Arriving {
    async fn begin(
        part: &Path,
        keys: &FileKeys,
        whose: Whose,
        scan: Option<Scan>,
    ) -> Result<Self, DocumentError> {
        let (sealing, header) = Sealing::begin(keys, whose.tenant, whose.subject)?;
        let mut file = File::create_new(part).await?;
        file.write_all(&header).await?;
        Ok(Self { file, sealing, hashing: hmac::Context::with_key(&keys.address), scan, size: 0 })
    }

    /// Writes it to its end: address, size and type.
    async fn write(
        mut self,
        bytes: impl Stream<Item = Result<Bytes, DocumentError>>,
        acceptance: &Acceptance,
    ) -> Result<(ContentHash, u64, String), DocumentError> {
        let mut bytes = std::pin::pin!(bytes);
        let mut piece = Vec::with_capacity(SEALED_PIECE);
        let mut media_type = None;
        while let Some(arrived) = bytes.next().await {
            let arrived = arrived?;
            self.size += arrived.len() as u64;
            if self.size > acceptance.largest {
                return Err(DocumentError::TooLarge);
            }
            self.hashing.update(&arrived);
            let mut rest = &arrived[..];
            while !rest.is_empty() {
                // A full piece is sealed when more comes: the last one is sealed as such.
                if piece.len() == PIECE {
                    self.look_at(&piece, acceptance, &mut media_type).await?;
                    self.sealing.next(&mut piece)?;
                    self.file.write_all(&piece).await?;
                    piece.clear();
                }
                let (fits, more) = rest.split_at(rest.len().min(PIECE - piece.len()));
                piece.extend_from_slice(fits);
                rest = more;
            }
        }
        if self.size == 0 {
            return Err(DocumentError::Empty);
        }
        self.look_at(&piece, acceptance, &mut media_type).await?;
        let Self { mut file, sealing, hashing, scan, size } = self;
        sealing.last(&mut piece)?;
        file.write_all(&piece).await?;
        if let Some(scan) = scan {
            scan.verdict().await?;
        }
        file.flush().await?;
        file.sync_all().await?;
        Ok((address(&hashing)?, size, media_type.unwrap_or_default()))
    }

    /// Finds the type by the first piece, and shows every piece to the scanner.
    async fn look_at(
        &mut self,
        piece: &[u8],
        acceptance: &Acceptance,
        media_type: &mut Option<String>,
    ) -> Result<(), DocumentError> {
        if media_type.is_none() {
            let found = infer::get(piece).map(|kind| kind.mime_type()).ok_or(DocumentError::Type)?;
            if !acceptance.types.iter().any(|allowed| allowed == found) {
                return Err(DocumentError::Type);
            }
            *media_type = Some(found.to_owned());
        }
        match &mut self.scan {
            Some(scan) => scan.see(piece).await,
            None => Ok(()),
        }
    }
}

/// The pieces of a file as they open.
async fn pieces(
    path: &Path,
    keys: &FileKeys,
    whose: Whose,
) -> Result<impl Stream<Item = Result<Bytes, DocumentError>> + Send + use<>, DocumentError> {
    let mut file = File::open(path).await.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => DocumentError::Missing,
        _ => error.into(),
    })?;
    let left = file.metadata().await?.len().checked_sub(HEADER as u64).ok_or(DocumentError::Altered)?;
    let mut header = [0; HEADER];
    file.read_exact(&mut header).await?;
    let opening = Opening::begin(keys, whose.tenant, whose.subject, &header)?;
    let begin = Some((file, opening, left));
    Ok(futures::stream::try_unfold(begin, async |state| {
        let Some((mut file, mut opening, left)) = state else { return Ok(None) };
        let length = left.min(SEALED_PIECE as u64);
        let mut piece = vec![0; usize::try_from(length).unwrap_or(SEALED_PIECE)];
        file.read_exact(&mut piece).await?;
        let left = left - length;
        let next = if left == 0 {
            opening.last(&mut piece)?;
            None
        } else {
            opening.next(&mut piece)?;
            Some((file, opening, left))
        };
        Ok(Some((Bytes::from(piece), next)))
    }))
}
