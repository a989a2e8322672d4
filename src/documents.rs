//! The document store of the house: opened from the settings, swept at the start, and the process that carries moved
//! documents over.
//!
//! Moving a document is two streams: the case it leaves says so first (`DocumentMoved`), and this process does the
//! rest: it seals the files anew for the other case's subject, tells the other case (`DocumentTakenOver`), and removes
//! the first case's copy. Each step does nothing the second time, and the checkpoint is written after the last one.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use skranke_domain::case::document::{
    DocumentAct, DocumentMoved, DocumentState, JournalEntry, NewFile, Standing, TakeOver,
};
use skranke_domain::case::{Case, CaseAct, CaseCommand, CaseEvent, Circumstances};
use skranke_domain::sealed::Seen;
use skranke_domain::time::{Clock, local_date};
use skranke_domain::{Act, CaseId, DocumentId, Sealed, StreamId, Tenant};
use skranke_graphql::RulesOn;
use skranke_store::documents::{Acceptance, DocumentError, Documents, Scanner, Whose};
use skranke_store::{Desk, Filter, KeyRing, Left, LoadError, LogError, Position, Recorded, read};

use crate::checkpoint::Checkpoint;
use crate::config::Config;

/// How long to wait before trying again when the log or the disk does not answer.
const PAUSE: Duration = Duration::from_secs(2);

/// What another node that shares the folder may still be taking in is younger than this.
const SHARED: Duration = Duration::from_hours(24);

/// Opens the store.
pub(crate) fn open(config: &Config, keys: Arc<KeyRing>) -> anyhow::Result<Documents> {
    let settings = &config.documents;
    let root = if settings.dir.as_os_str().is_empty() {
        config.data.join("documents")
    } else {
        settings.dir.clone()
    };
    let mut words = settings.scanner.split_whitespace();
    let scanner = words.next().map(|program| Scanner {
        program: PathBuf::from(program),
        arguments: words.map(str::to_owned).collect(),
        patience: Duration::from_secs(settings.scanner_seconds.max(1)),
    });
    let types = settings.types.split_whitespace().map(str::to_owned).collect();
    let acceptance = Acceptance { largest: settings.largest_bytes, types, scanner };
    Documents::open(&root, keys, acceptance)
        .with_context(|| format!("cannot open the document store in {}", root.display()))
}

/// Settles what a crash left between a file and its event: the log has it, or it goes.
pub(crate) async fn sweep(documents: &Documents, desk: &Desk, shared: bool) -> anyhow::Result<()> {
    let age = if shared { SHARED } else { Duration::ZERO };
    for file in documents.incoming(age).await? {
        let Whose { tenant, case, .. } = file.whose();
        let named = match desk.load::<Case>(&Case::stream(tenant, case)).await {
            Ok((Case::File(state), _)) => state.holds(file.hash()),
            Ok((Case::Unopened, _)) => false,
            // The newer program wrote there; only that one can tell.
            Err(LoadError::Newer(_)) => continue,
            Err(error) => return Err(error.into()),
        };
        documents.settle(&file, named).await?;
    }
    Ok(())
}

/// What the process works with.
pub(crate) struct Moves {
    pub(crate) desk: Desk,
    pub(crate) documents: Documents,
    pub(crate) rules: Arc<RulesOn>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) checkpoint: Checkpoint,
}

impl Moves {
    /// Follows the log for ever.
    pub(crate) async fn follow(self) {
        let mut position = self.checkpoint.read();
        loop {
            if let Err(error) = self.follow_from(&mut position).await {
                tracing::warn!(error = %error, "moved documents wait");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    async fn follow_from(&self, position: &mut Position) -> anyhow::Result<()> {
        let filter = Filter {
            event_types: vec!["DocumentMoved".to_owned()],
            stream_prefixes: vec![format!("{}-", <Case as cqrs_es::Aggregate>::TYPE)],
        };
        let mut subscription = self.desk.log().subscribe(*position, filter).await?;
        loop {
            let page = subscription.next(256).await?;
            for recorded in &page.events {
                self.carry_over(recorded).await?;
            }
            *position = page.next;
            self.checkpoint.write(page.next);
        }
    }

    async fn carry_over(&self, recorded: &Recorded) -> anyhow::Result<()> {
        let Ok(told) = read::<CaseEvent>(recorded) else { return Ok(()) };
        let moved = told.events().iter().find_map(|event| match event {
            CaseEvent::DocumentMoved(moved) => Some(moved.clone()),
            _ => None,
        });
        let (Some(moved), Ok(from)) = (moved, recorded.stream.key().parse::<CaseId>()) else {
            return Ok(());
        };
        let tenant = recorded.stream.tenant();
        let (source, target) = (recorded.stream.clone(), Case::stream(tenant, moved.to));
        let (Case::File(old), _) = self.desk.load::<Case>(&source).await? else { return Ok(()) };
        let (Case::File(new), _) = self.desk.load::<Case>(&target).await? else { return Ok(()) };
        let DocumentMoved { document, to, .. } = moved;
        let Some(state) = old.documents.get(&document) else { return Ok(()) };
        // It was moved on, or back, since: a later event of this kind does that.
        if state.standing != (Standing::Moved { to }) {
            return Ok(());
        }
        let (here, there) = (Whose::new(tenant, from, old.subject), Whose::new(tenant, to, new.subject));
        if !new.documents.get(&document).is_some_and(DocumentState::is_here) {
            let wish = match self.seal_anew(&source, here, there, document, from, state).await {
                Ok(wish) => wish,
                // Nobody can read it any more: there is nothing to carry.
                Err(NotCarried::Erased) => return Ok(()),
                Err(NotCarried::Store(error)) => return Err(error.into()),
            };
            self.tell(recorded, &target, wish).await?;
        }
        self.remove_from(tenant, &source, document).await
    }

    /// Stores every version for the other case's subject. Nothing names the copies yet.
    async fn seal_anew(
        &self,
        source: &StreamId,
        here: Whose,
        target: Whose,
        document: DocumentId,
        from: CaseId,
        state: &DocumentState,
    ) -> Result<Carried, NotCarried> {
        let JournalEntry { dated, direction, theme } = state.journal.as_ref().ok_or(NotCarried::Erased)?;
        let (dated, direction) = (*dated, *direction);
        let theme = self.plain(source, theme)?;
        let (mut versions, mut received) = (Vec::new(), Vec::new());
        for file in &state.versions {
            let here = Whose { subject: file.subject(), ..here };
            let bytes = self.documents.read(here, file.hash).await?;
            let stored = self.documents.store(target, &file.media_type, bytes).await?;
            versions.push(NewFile {
                id: file.id,
                hash: stored.hash,
                size: stored.size,
                media_type: file.media_type.clone(),
                name: self.plain(source, &file.name)?,
            });
            received.push(stored);
        }
        Ok(Carried { wish: TakeOver { document, from, dated, direction, theme, versions }, received })
    }

    fn plain(&self, stream: &StreamId, sealed: &Sealed<String>) -> Result<String, NotCarried> {
        let mut sealed = sealed.clone();
        let opened = sealed.open_with(&self.desk.keys().for_stream(stream));
        opened.map_err(|_| NotCarried::Store(DocumentError::Altered))?;
        match sealed.see() {
            Seen::Open(text) => Ok(text.clone()),
            Seen::Locked | Seen::Erased => Err(NotCarried::Erased),
        }
    }

    async fn tell(&self, recorded: &Recorded, target: &StreamId, carried: Carried) -> anyhow::Result<()> {
        let act = Act {
            causation: Some(recorded.id),
            idempotency: Some(format!("document-moved/{}", recorded.id)),
            ..Act::system(target.tenant(), self.clock.now(), self.desk.ids().next())
        };
        let under = Circumstances::of(&act, (self.rules)(act.tenant, local_date(act.at)));
        let wish = CaseAct::Document(Box::new(DocumentAct::TakeOver(Box::new(carried.wish))));
        let told = self.desk.execute::<Case>(target, CaseCommand { act: wish, under }, &act).await;
        let arrived = match told {
            Ok(_) => match self.desk.load::<Case>(target).await? {
                (Case::File(file), _) => Some(file),
                (Case::Unopened, _) => None,
            },
            Err(failure) => match failure.left()? {
                Left::Nothing => None,
                Left::Retry { actual } => return Err(LogError::WrongExpected { actual }.into()),
                Left::Newer(newer) => return Err(newer.into()),
            },
        };
        for received in &carried.received {
            if arrived.as_ref().is_some_and(|file| file.holds(received.hash)) {
                self.documents.keep(received).await?;
            } else {
                self.documents.discard(received).await?;
            }
        }
        Ok(())
    }

    /// The first case's copy, unless another of its documents has the same bytes.
    async fn remove_from(
        &self,
        tenant: Tenant,
        source: &StreamId,
        document: DocumentId,
    ) -> anyhow::Result<()> {
        let (Case::File(file), _) = self.desk.load::<Case>(source).await? else { return Ok(()) };
        let Some(state) = file.documents.get(&document).filter(|state| !state.is_here()) else {
            return Ok(());
        };
        for version in state.versions.iter().filter(|version| !file.holds(version.hash)) {
            self.documents.remove(tenant, version.subject(), version.hash).await?;
        }
        Ok(())
    }
}

/// A document on its way, and its files, which wait for their event.
struct Carried {
    wish: TakeOver,
    received: Vec<skranke_store::documents::Received>,
}

enum NotCarried {
    Erased,
    Store(DocumentError),
}

impl From<DocumentError> for NotCarried {
    fn from(error: DocumentError) -> Self {
        match error {
            DocumentError::Erased => Self::Erased,
            error => Self::Store(error),
        }
    }
}
