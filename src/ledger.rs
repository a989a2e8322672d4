//! How this house keeps its ledger: where, under which name, signed with which key.

use std::time::Duration;

use anyhow::Context;
use skranke_domain::time::Ids;
use skranke_store::ledger::{Keeping, KeyKind, SigningKey};

use crate::config::{Config, Secrets};
use crate::{audit, keys};

/// The shortest time between two signed checkpoints.
const CHECKPOINT_EVERY: Duration = Duration::from_mins(1);

/// How the ledger is kept. For a demonstration, a signing key is made beside the data when there is none.
pub fn keeping(config: &Config, secrets: &Secrets, demo: bool, ids: &dyn Ids) -> anyhow::Result<Keeping> {
    let dir = audit::ledger_dir(config);
    let origin = audit::origin(config, ids)?;
    let path = keys::beside(config, ".ledger-key");
    let key = match &secrets.ledger_key {
        Some(key) => Some(SigningKey::from_text(key).context("SKRANKE_LEDGER_KEY")?),
        None if demo && path.exists() => {
            let text =
                std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            Some(SigningKey::from_text(&text.into())?)
        }
        None if demo => {
            let (key, text) = SigningKey::generate(&origin, KeyKind::Log)?;
            keys::write_private(&path, &text)?;
            Some(key)
        }
        None => {
            tracing::warn!(
                "SKRANKE_LEDGER_KEY is not set: the ledger is kept and nothing is signed, so nothing can be \
                 proved to anybody outside. Make a key with `skranke audit key new`"
            );
            None
        }
    };
    if let Some(key) = &key {
        tracing::info!(key = %key.verifier(), "the ledger is signed; this is what its checkpoints are verified with");
    }
    Ok(Keeping { dir, origin, key, every: CHECKPOINT_EVERY })
}
