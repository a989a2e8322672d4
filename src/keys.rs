//! The master key and the key ring: where the one comes from, and where the other stands.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};
use skranke_domain::{SubjectId, Tenant};
use skranke_store::{EventLog, KeyRing, MasterKey, Masters};

use crate::clock::{SystemClock, SystemIds};
use crate::config::{Config, Secrets};
use crate::house::SOFTWARE;

/// Opens the ring that belongs to the log: beside an embedded one in a file, else in the log itself.
pub async fn open(config: &Config, log: &Arc<dyn EventLog>, masters: Masters) -> anyhow::Result<KeyRing> {
    if skranke_store::directory(&config.log)?.is_some() {
        return Ok(KeyRing::open(&config.data, masters)?);
    }
    let (clock, ids) = (Arc::new(SystemClock), Arc::new(SystemIds));
    Ok(KeyRing::on_streams(Arc::clone(log), masters, clock, ids, SOFTWARE).await?)
}

/// The key that wraps all others, and the one before it while a rotation is under way: from the environment, or
/// (for a demonstration only) from a file beside the data.
pub fn masters(config: &Config, secrets: &Secrets, demo: bool) -> anyhow::Result<Masters> {
    if let Some(key) = &secrets.master_key {
        let old = secrets.master_key_old.as_ref().map(MasterKey::from_base64).transpose();
        return Ok(Masters {
            current: MasterKey::from_base64(key)?,
            old: old.context("SKRANKE_MASTER_KEY_OLD")?,
        });
    }
    if !demo {
        anyhow::bail!(
            "SKRANKE_MASTER_KEY is not set. Make a key with `skranke key new`, keep it outside the data folder, and \
             set it in the environment. (`--demo` makes one for you.)"
        );
    }
    let files = DemoFiles::of(config);
    if !files.key.exists() {
        write_private(&files.key, &MasterKey::generate()?.to_base64())?;
    }
    files.read()
}

/// Moves the ring from the master key in `SKRANKE_MASTER_KEY` to the one in `SKRANKE_MASTER_KEY_NEW`, or from the
/// demonstration's file to a new one, and answers how many keys were moved.
pub async fn rotate(config: &Config, secrets: &Secrets, demo: bool) -> anyhow::Result<u64> {
    let given = (&secrets.master_key, &secrets.master_key_new);
    let (masters, files) = match given {
        (Some(old), Some(new)) => {
            let old = Some(MasterKey::from_base64(old).context("SKRANKE_MASTER_KEY")?);
            let current = MasterKey::from_base64(new).context("SKRANKE_MASTER_KEY_NEW")?;
            (Masters { current, old }, None)
        }
        (None, None) if demo => {
            let files = DemoFiles::of(config);
            anyhow::ensure!(files.key.exists(), "there is no {}: nothing to rotate", files.key.display());
            if !files.next.exists() {
                write_private(&files.next, &MasterKey::generate()?.to_base64())?;
            }
            (files.read()?, Some(files))
        }
        (Some(_), None) | (None, Some(_) | None) => anyhow::bail!(
            "set the present key in SKRANKE_MASTER_KEY and the new one (from `skranke key new`) in \
             SKRANKE_MASTER_KEY_NEW; for a demonstration without them, say --demo"
        ),
    };
    // Opening an embedded log takes its lock: no server holds keys of this ring in memory.
    let log = skranke_store::open(&config.log).await?;
    let ring = open(config, &log, masters).await?;
    let moved = tokio::task::spawn_blocking(move || ring.rotate()).await??;
    log.close().await;
    if let Some(files) = files {
        std::fs::rename(&files.next, &files.key)
            .with_context(|| format!("cannot replace {}", files.key.display()))?;
    }
    Ok(moved)
}

/// Copies the ring's file while it may be in use.
pub async fn backup(config: &Config, to: PathBuf) -> anyhow::Result<()> {
    anyhow::ensure!(
        skranke_store::directory(&config.log)?.is_some(),
        "a KurrentDB log holds its key ring itself: back up the database"
    );
    let from = config.data.join("keys.db");
    anyhow::ensure!(from.exists(), "there is no key ring in {}", config.data.display());
    anyhow::ensure!(!to.exists(), "{} is there already: choose another name", to.display());
    tokio::task::spawn_blocking(move || {
        let ring = rusqlite::Connection::open_with_flags(&from, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)
            .with_context(|| format!("cannot read {}", from.display()))?;
        let target = to.to_str().with_context(|| format!("{} is no readable path", to.display()))?;
        // One snapshot of the file, whatever is written meanwhile.
        ring.execute("VACUUM INTO ?1", [target]).with_context(|| format!("cannot write {target}"))?;
        std::fs::File::open(&to)?.sync_all()?;
        Ok(())
    })
    .await?
}

/// Destroys the key of one subject for good, and answers whether there was one.
pub async fn destroy(
    config: &Config,
    masters: Masters,
    tenant: Tenant,
    subject: SubjectId,
) -> anyhow::Result<bool> {
    let log = skranke_store::open(&config.log).await?;
    let ring = open(config, &log, masters).await?;
    let there = tokio::task::spawn_blocking(move || ring.destroy(tenant, subject)).await??;
    log.close().await;
    Ok(there)
}

/// The demonstration's key files. Beside the data folder and not in it: a copy of the data alone must not open
/// anything.
struct DemoFiles {
    key: PathBuf,
    /// Where a rotation leads. There only while one is under way; then the ring may be under either key.
    next: PathBuf,
}

impl DemoFiles {
    fn of(config: &Config) -> Self {
        Self { key: beside(config, ".key"), next: beside(config, ".key.next") }
    }

    fn read(&self) -> anyhow::Result<Masters> {
        let read = |path: &Path| -> anyhow::Result<MasterKey> {
            let text: SecretString = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?
                .into();
            Ok(MasterKey::from_base64(&text)?)
        };
        let key = read(&self.key)?;
        Ok(if self.next.exists() {
            Masters { current: read(&self.next)?, old: Some(key) }
        } else {
            key.into()
        })
    }
}

/// Beside the data folder and not in it: a copy of the data alone must not open or sign anything.
pub(crate) fn beside(config: &Config, ending: &str) -> PathBuf {
    let mut name = config.data.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Writes a secret into a new file that only its owner may read.
pub(crate) fn write_private(path: &Path, text: &SecretString) -> anyhow::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(text.expose_secret().as_bytes())?;
    file.sync_all()?;
    Ok(())
}
