//! Whole commands, as a caseworker's click sends them: load the case, decide by its rules, seal the personal
//! field, append with metadata and idempotency key, answer with revision and position.

use std::path::Path;
use std::sync::Arc;

use bench_measure::{Load, Measured, PER_STREAM};
use jiff::ToSpan;
use skranke_domain::case::{Case, CaseAct, CaseCommand, Circumstances, OpenCase};
use skranke_domain::inquiry::Channel;
use skranke_domain::rules::RuleSet;
use skranke_domain::time::{Ids, local_date};
use skranke_domain::{CaseId, SubjectId};
use skranke_store::{Desk, KeyRing, MasterKey, Receipt};
use uuid::Uuid;

use crate::world::{SOFTWARE, Uuids, act, log_url, worker};

/// What is noted. With seal and metadata such an event is some fifty bytes longer than everyone's.
const NOTE: &str = "Ringet op, ikke hjemme.";

/// Commands as fast as the disk and the cores allow.
pub(crate) async fn commands(load: Load) -> anyhow::Result<Measured> {
    let folder = load.folder()?;
    let office = Office::open(folder.path()).await?;
    let taken = {
        let office = office.clone();
        load.drive(move |writer, number| {
            let office = office.clone();
            async move { office.command(writer, number).await.map(drop) }
        })
        .await?
    };
    office.desk.log().close().await;
    Ok(taken.rate("commands", load.writers, "commands/s", 1))
}

/// Everything that a command needs.
#[derive(Clone)]
pub(crate) struct Office {
    /// Where commands are carried out.
    pub(crate) desk: Desk,
    /// Without deadlines, so that every command is exactly one event.
    rules: Arc<RuleSet>,
}

impl Office {
    /// A new one in an empty folder.
    pub(crate) async fn open(dir: &Path) -> anyhow::Result<Self> {
        let log = skranke_store::open(&log_url(dir)?).await?;
        let keys = KeyRing::open(dir, MasterKey::generate()?)?;
        let desk = Desk::new(log, Arc::new(keys), Arc::new(Uuids), SOFTWARE);
        Ok(Self { desk, rules: Arc::default() })
    }

    /// Carries out the `number`th command of a writer. Every case is opened, assigned, and noted upon eight
    /// times. Every case is about a new person, so every tenth command also makes a key and puts it on disk.
    pub(crate) async fn command(&self, writer: u64, number: u64) -> anyhow::Result<Receipt> {
        let place = Uuid::from_u128(u128::from(writer) << 64 | u128::from(number / PER_STREAM));
        let act = act()?;
        let wish = match number % PER_STREAM {
            0 => CaseAct::Open(Box::new(OpenCase {
                number: format!("S2026-{:06}", number / PER_STREAM),
                received: Some(local_date(act.at).saturating_sub(1.day())),
                channel: Some(Channel::Counter),
                kle: None,
                inquiry: None,
                topic: None,
                subject: SubjectId::new(Uuids.next()),
                title: "Boligstøtte".to_owned(),
                party: "Ida Opdigtet".to_owned(),
            })),
            1 => CaseAct::Assign { to: worker(), roles: act.roles },
            _ => CaseAct::NoteStep { text: NOTE.to_owned() },
        };
        let command = CaseCommand { act: wish, under: Circumstances::of(&act, Arc::clone(&self.rules)) };
        let stream = Case::stream(act.tenant, CaseId::new(place));
        Ok(self.desk.execute::<Case>(&stream, command, &act).await?)
    }
}

#[cfg(test)]
mod tests {
    use bench_measure::EVENT_BYTES;
    use skranke_store::{Direction, Filter, Position};

    use super::*;

    #[tokio::test]
    async fn ten_commands_make_ten_events_no_shorter_than_everyones() {
        let folder = tempfile::tempdir().unwrap();
        let office = Office::open(folder.path()).await.unwrap();
        for number in 0..PER_STREAM {
            assert_eq!(office.command(0, number).await.unwrap().revision, Some(number));
        }
        let log = office.desk.log();
        let all = log.read_all(Position(0), Direction::Forwards, 100, &Filter::default()).await.unwrap();
        let bytes: usize = all.events.iter().map(|event| event.data.len() + event.metadata.len()).sum();
        let mean = bytes / all.events.len();
        assert!((EVENT_BYTES..EVENT_BYTES + 60).contains(&mean), "{mean} bytes");
        log.close().await;
    }
}
