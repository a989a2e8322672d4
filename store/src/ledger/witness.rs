//! The witness's side: somebody outside remembers the newest checkpoint of a log, and co-signs a newer one
//! only when it continues the remembered one (what C2SP tlog-witness' add-checkpoint asks, with files).

use std::io::Read;
use std::path::{Path, PathBuf};

use super::checkpoint::{Checkpoints, SignedCheckpoint};
use super::fault::LedgerError;
use super::files;
use super::note::{BadNote, SigningKey, VerifierKey};
use super::tiles::Tiles;
use super::tree::size_on_disk;
use super::verify::{Trust, verify_pack};

/// Why a witness did not co-sign.
#[derive(Debug, thiserror::Error)]
pub enum NotCosigned {
    /// The checkpoint is not the log's.
    #[error("the checkpoint is not the log's: {0}")]
    NotTheLogs(#[source] BadNote),
    /// Nothing is known about this log yet.
    #[error("no checkpoint of this log was seen before: check it, and say `--first` to begin with it")]
    First,
    /// The file of what was seen is about another log.
    #[error("the file of what was seen is about another log, {0}: keep one for each log")]
    OtherLog(String),
    /// A shorter tree than the one seen.
    #[error(
        "the log went back: {seen} events were seen, and this checkpoint covers {now}. Do not sign it; ask"
    )]
    WentBack {
        /// The size that was seen.
        seen: u64,
        /// The size shown now.
        now: u64,
    },
    /// Two roots for one size.
    #[error("the log shows two histories of {0} events: keep both checkpoints, they are the proof of it")]
    SplitView(u64),
    /// The growth was not proved.
    #[error(
        "this checkpoint must be proved to continue the one of {0} events: give `--proof` a pack made with `--since`"
    )]
    NoProof(u64),
    /// The proof does not hold.
    #[error("the pack does not prove that this checkpoint continues the one seen before: {0}")]
    NotProved(String),
    /// The file of what was seen.
    #[error(transparent)]
    File(#[from] LedgerError),
    /// The key cannot co-sign.
    #[error(transparent)]
    Key(#[from] BadNote),
}

/// A witness of one log.
#[derive(Debug)]
pub struct Witness {
    /// What it signs with.
    pub key: SigningKey,
    /// The log's key.
    pub log: VerifierKey,
    /// The file that holds the newest checkpoint it has co-signed.
    pub seen: PathBuf,
}

impl Witness {
    /// Co-signs a checkpoint at a time (seconds since 1970), after it was remembered durably. `proof` is a
    /// pack that leads from the one seen before to this one; `first` begins with this one.
    pub fn cosign(
        &self,
        mut signed: SignedCheckpoint,
        proof: Option<&mut dyn Read>,
        first: bool,
        seconds: u64,
    ) -> Result<SignedCheckpoint, NotCosigned> {
        signed.note.verify(&self.log).map_err(NotCosigned::NotTheLogs)?;
        match files::read_text(&self.seen)? {
            Some(text) => self.continues(&signed, text.parse()?, proof)?,
            None if first => {}
            None => return Err(NotCosigned::First),
        }
        signed.note.cosign(&self.key, seconds)?;
        files::replace(&self.seen, signed.to_string().as_bytes())?;
        Ok(signed)
    }

    fn continues(
        &self,
        signed: &SignedCheckpoint,
        seen: SignedCheckpoint,
        proof: Option<&mut dyn Read>,
    ) -> Result<(), NotCosigned> {
        let (old, new) = (seen.checkpoint(), signed.checkpoint());
        if old.origin != new.origin {
            return Err(NotCosigned::OtherLog(old.origin.clone()));
        }
        if new.size < old.size {
            return Err(NotCosigned::WentBack { seen: old.size, now: new.size });
        }
        if new.size == old.size {
            return if new.root == old.root { Ok(()) } else { Err(NotCosigned::SplitView(new.size)) };
        }
        let proof = proof.ok_or(NotCosigned::NoProof(old.size))?;
        let trust = Trust { keys: vec![self.log.clone()], outside: vec![seen], ..Trust::default() };
        let report = verify_pack(proof, &trust);
        if let Some(fault) = report.faults.first() {
            return Err(NotCosigned::NotProved(fault.clone()));
        }
        if report.anchor.as_ref() == Some(new) {
            Ok(())
        } else {
            Err(NotCosigned::NotProved("it is a pack of another checkpoint".to_owned()))
        }
    }
}

/// Takes a co-signed checkpoint back into the ledger in `dir`. It must be one of the ledger's tree and carry
/// the signature of one of `witnesses`.
pub fn accept_cosigned(
    dir: &Path,
    signed: &SignedCheckpoint,
    witnesses: &[VerifierKey],
) -> Result<(), LedgerError> {
    let checkpoints = Checkpoints::new(dir);
    let ours = checkpoints.newest()?.ok_or_else(|| {
        LedgerError::NotThere(
            "this ledger has no signed checkpoint that anybody could have co-signed".to_owned(),
        )
    })?;
    let (size, origin) = (signed.checkpoint().size, &signed.checkpoint().origin);
    if *origin != ours.checkpoint().origin {
        let (kept, wanted) = (ours.checkpoint().origin.clone(), origin.clone());
        return Err(LedgerError::OtherOrigin { kept, wanted });
    }
    if Tiles::new(dir, size_on_disk(dir)?).root_at(size)? != signed.checkpoint().root {
        return Err(LedgerError::Contradicted { size });
    }
    let mut missing = None;
    for witness in witnesses {
        match signed.note.verify(witness) {
            Ok(_) => return checkpoints.add_cosigned(signed),
            Err(BadNote::NotSigned(name)) => missing = missing.or(Some(name)),
            Err(false_signature) => return Err(false_signature.into()),
        }
    }
    Err(BadNote::NotSigned(missing.unwrap_or_else(|| "any witness that was named".to_owned())).into())
}
