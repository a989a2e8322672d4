//! The process that destroys the key of a data subject once two people have decided it.
//!
//! It hears `ErasureDecided`, ends the conversations at the counter that led to the person's inquiries and destroys their
//! keys, destroys the subject's own key, removes their sealed files, and only then notes `SubjectKeyDestroyed`. Every
//! step does nothing the second time and the stream takes the note once, so a crash at any point is made good at the
//! next start, and several nodes note it once. Without its checkpoint (`erasure.position`) it carries out every decision
//! of the log again: that puts a key ring right that was restored from a backup.

use std::sync::Arc;
use std::time::Duration;

use skranke_chat::counter::Counter;
use skranke_domain::inquiry::{Inquiry, InquiryEvent};
use skranke_domain::privacy::{DataSubject, Matters, PrivacyAct, PrivacyCommand};
use skranke_domain::time::Clock;
use skranke_domain::{Act, By, ConversationId, SubjectId, Tenant};
use skranke_projections::Views;
use skranke_store::documents::Documents;
use skranke_store::{Desk, Filter, Left, LoadError, LogError, Recorded};

use crate::following::Process;

/// How long the index of who is named where may lag behind a decision before the work is tried again.
const PATIENCE: Duration = Duration::from_secs(30);

/// Erasing.
pub struct Erasure {
    /// Where it is told in which inquiries the person is named.
    pub views: Views,
    /// Who ends conversations.
    pub counter: Arc<Counter>,
    /// Where their files lie.
    pub documents: Documents,
}

/// Why an erasure is not finished.
enum Unfinished {
    /// Only a newer program can.
    Newer,
    /// It is tried again.
    Later(LogError),
}

impl From<LoadError> for Unfinished {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Log(error) => Self::Later(error),
            LoadError::Newer(newer) => {
                tracing::warn!(error = %newer, "an erasure is left to the newer program");
                Self::Newer
            }
        }
    }
}

/// Something beside the log did not do what it was asked.
fn later(error: impl std::error::Error) -> Unfinished {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    let text = causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"));
    Unfinished::Later(LogError::Unavailable(text.into()))
}

impl Process for Erasure {
    const NAME: &'static str = "erasure";

    fn filter() -> Filter {
        Filter {
            event_types: vec!["ErasureDecided".to_owned()],
            stream_prefixes: vec![format!("{}-", <DataSubject as cqrs_es::Aggregate>::TYPE)],
        }
    }

    async fn hear(&self, desk: &Desk, clock: &dyn Clock, recorded: &Recorded) -> Result<bool, LogError> {
        let Ok(subject) = recorded.stream.key().parse::<SubjectId>() else { return Ok(true) };
        match self.erase(desk, clock, recorded, subject).await {
            Ok(()) => Ok(true),
            Err(Unfinished::Newer) => Ok(false),
            Err(Unfinished::Later(error)) => Err(error),
        }
    }
}

impl Erasure {
    async fn erase(
        &self,
        desk: &Desk,
        clock: &dyn Clock,
        decided: &Recorded,
        subject: SubjectId,
    ) -> Result<(), Unfinished> {
        let (stream, tenant) = (&decided.stream, decided.stream.tenant());
        let (state, _) = desk.load::<DataSubject>(stream).await?;
        // What was erased is made sure of: a key ring restored from a backup may have brought the person back.
        if !state.is_decided() {
            return Ok(());
        }
        // Everything that was written before the decision stands in the index.
        if !self.views.wait_for(decided.position, PATIENCE).await {
            return Err(Unfinished::Later(LogError::Unavailable("the views lag behind a decision".into())));
        }
        let conversations = self.conversations(desk, tenant, subject).await?;
        for conversation in &conversations {
            self.counter.erase(*conversation).await.map_err(later)?;
        }
        let keys = Arc::clone(desk.keys());
        let destroyed = tokio::task::spawn_blocking(move || keys.destroy(tenant, subject)).await;
        destroyed.map_err(later)?.map_err(later)?;
        // Nobody can read them any more; what they were called and when they came stays in the log.
        self.documents.remove_all(tenant, subject).await.map_err(later)?;
        let act = Act { causation: Some(decided.id), ..Act::system(tenant, clock.now(), desk.ids().next()) };
        let command = PrivacyCommand {
            subject,
            act: PrivacyAct::Destroyed {
                conversations: u32::try_from(conversations.len()).unwrap_or(u32::MAX),
            },
            matters: Matters::default(),
            under: By::of(&act),
        };
        match desk.execute::<DataSubject>(stream, command, &act).await {
            // Whom it was about is nobody's business any more.
            Ok(_) => tracing::info!("the key of a data subject was destroyed, as two people decided"),
            Err(failure) => match failure.left().map_err(Unfinished::Later)? {
                // Another node was faster.
                Left::Nothing | Left::Retry { .. } => {}
                Left::Newer(_) => return Err(Unfinished::Newer),
            },
        }
        Ok(())
    }

    /// The conversations at the counter that the person's inquiries came from.
    async fn conversations(
        &self,
        desk: &Desk,
        tenant: Tenant,
        subject: SubjectId,
    ) -> Result<Vec<ConversationId>, Unfinished> {
        let streams = self.views.streams_about(tenant, subject).await.map_err(later)?;
        let mut conversations = Vec::new();
        for inquiry in
            streams.iter().filter(|stream| stream.category() == <Inquiry as cqrs_es::Aggregate>::TYPE)
        {
            let tell = |event: InquiryEvent, _: &Recorded| {
                if let InquiryEvent::InquiryReceived(received) = event {
                    conversations.extend(received.conversation);
                }
            };
            desk.history(inquiry, tell).await?;
        }
        Ok(conversations)
    }
}
