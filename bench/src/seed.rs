//! A data folder full of cases: for the replay here, and for whoever wants to see Skranke with a million events.
//!
//! Each case is as long and as far as the next, so that a replay of one folder compares with that of another. For cases
//! as an office has them, see [`crate::city`].

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use bench_measure::PER_STREAM;
use jiff::ToSpan;
use secrecy::ExposeSecret;
use skranke_content::RuleBook;
use skranke_domain::case::{CaseAct, Direction, OpenCase, Reach};
use skranke_domain::inquiry::Channel;
use skranke_domain::rules::RuleSet;
use skranke_domain::time::{Ids, local_date};
use skranke_domain::{CaseId, SubjectId};
use skranke_store::{EventLog, KeyRing, MasterKey};
use tokio::task::JoinSet;

use crate::making::Making;
use crate::world::{Uuids, act, log_url, now, worker};

/// Appends under way at the same time.
pub(crate) const UNDER_WAY: usize = 256;

/// Writes `events` events, rounded up to whole cases, and says where.
pub(crate) async fn seed(dir: &Path, events: u64) -> anyhow::Result<()> {
    let log = skranke_store::open(&log_url(dir)?).await?;
    let keys = KeyRing::open(dir, master_key(dir)?)?;
    let rules = RuleBook::builtin()?.on(local_date(now()));
    let (mut tasks, mut written) = (JoinSet::new(), 0);
    for number in 0..events.div_ceil(PER_STREAM) {
        let (log, keys, rules) = (Arc::clone(&log), keys.clone(), Arc::clone(&rules));
        tasks.spawn(async move { case(log.as_ref(), &keys, &rules, number).await });
        if tasks.len() >= UNDER_WAY
            && let Some(done) = tasks.join_next().await
        {
            written += done??;
        }
    }
    while let Some(done) = tasks.join_next().await {
        written += done??;
    }
    log.close().await;
    eprintln!("{written} events in {}; its master key is {}", dir.display(), key_path(dir).display());
    Ok(())
}

/// The master key of a seeded folder, made when there is none. It lies beside the folder, where
/// `skranke serve --demo` looks for it.
pub(crate) fn master_key(dir: &Path) -> anyhow::Result<MasterKey> {
    let path = key_path(dir);
    if path.exists() {
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        return Ok(MasterKey::from_base64(&text.into())?);
    }
    let key = MasterKey::generate()?;
    std::fs::write(&path, key.to_base64().expose_secret())
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(key)
}

pub(crate) fn key_path(dir: &Path) -> PathBuf {
    let mut name = dir.as_os_str().to_owned();
    name.push(".key");
    PathBuf::from(name)
}

/// One case of [`PER_STREAM`] events, from its opening until the facts are complete.
async fn case(log: &dyn EventLog, keys: &KeyRing, rules: &Arc<RuleSet>, number: u64) -> anyhow::Result<u64> {
    let act = act()?;
    let subject = SubjectId::new(Uuids.next());
    let mut making = Making::begin(keys, act.tenant, CaseId::new(Uuids.next()), subject).await?;
    let note = |text: &str| CaseAct::NoteStep { text: text.to_owned() };
    let wishes = [
        // With a number of a past year: a case that is opened later gets none of these.
        CaseAct::Open(Box::new(OpenCase {
            number: format!("S2020-{number:07}"),
            received: Some(local_date(act.at).saturating_sub(i64::try_from(number % 60)?.days())),
            channel: Some(Channel::Counter),
            kle: None,
            inquiry: None,
            topic: None,
            subject,
            title: format!("Boligstøtte {number}"),
            party: "Ida Opdigtet".to_owned(),
        })),
        CaseAct::Assign { to: worker(), roles: act.roles },
        CaseAct::Classify { kle: "32.24.04".to_owned(), facet: "G01".to_owned() },
        CaseAct::NoteCall { direction: Direction::Incoming, text: "Borgeren spurgte til sagen.".to_owned() },
        note("Ringet op, ikke hjemme."),
        note("Lejekontrakt modtaget."),
        note("Bedt om lønsedler."),
        CaseAct::Inform,
    ];
    for wish in wishes {
        making.act(wish, &act, rules, Reach::NONE, || Uuids.next())?;
    }
    let write = making.hand_over().context("the rules made no events of a case")?;
    let written = u64::try_from(write.events.len())?;
    anyhow::ensure!(
        written == PER_STREAM,
        "the rules made {written} events of a case instead of {PER_STREAM}"
    );
    log.append(write, None).await?;
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::replay;

    #[tokio::test]
    async fn a_seeded_folder_is_replayed_with_every_seal_opened() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        seed(&data, 25).await.unwrap();
        let log = skranke_store::open(&log_url(&data).unwrap()).await.unwrap();
        assert_eq!(log.head().await.unwrap().0, 30, "whole cases");
        log.close().await;
        drop(log);
        assert_eq!(replay(&data, true, 7).await.unwrap().name, "replay with seals opened");
        // The seals were really looked at: without the key that locked them, nothing is told.
        std::fs::remove_file(key_path(&data)).unwrap();
        assert!(replay(&data, false, 7).await.is_ok());
        assert!(replay(&data, true, 7).await.is_err());
    }
}
