//! Letters: composed from the case's own stream, printed, and stored before anything names them.

use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use skranke_domain::case::document::{AddressedFile, NewFile};
use skranke_domain::case::letter::{LetterFacts, NoLetter, Sender};
use skranke_domain::case::{Case, CaseEvent, FIRST_PARTY};
use skranke_domain::id::from_digest;
use skranke_domain::letter::{Letter, LetterKind, NotPrinted};
use skranke_domain::sealed::Seen;
use skranke_domain::time::local_date;
use skranke_domain::user::{User, UserEvent};
use skranke_domain::{CaseId, DocumentId, Lang, SubjectId, Tenant, UserId};
use skranke_store::LoadError;
use skranke_store::documents::{DocumentError, Received, Whose};

use crate::office::Office;

/// What letters are.
pub(crate) const PDF: &str = "application/pdf";

/// A letter as it was printed.
#[derive(Clone, Debug)]
pub struct Printed {
    /// The id it is stored under: the same letter has the same.
    pub id: DocumentId,
    /// To which party, by number.
    pub party: u32,
    /// Whom the file is sealed for.
    pub subject: SubjectId,
    /// The name of the file.
    pub name: String,
    /// The PDF.
    pub bytes: Bytes,
}

/// Why there is no letter.
#[derive(Debug, thiserror::Error)]
pub enum NoPrint {
    /// There is nothing to say.
    #[error(transparent)]
    NoLetter(#[from] NoLetter),
    /// It could not be printed.
    #[error(transparent)]
    NotPrinted(#[from] NotPrinted),
    /// The stream was not read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// It could not be stored.
    #[error(transparent)]
    Store(#[from] DocumentError),
}

impl Office {
    /// Prints the letters about a case, one for each party that is addressed. A decision is signed by the author of its
    /// draft, anything else by `by`.
    ///
    /// A letter follows from the stream alone: printed again it is the same letter, byte by byte, until the draft is
    /// another.
    pub async fn print_letters(
        &self,
        tenant: Tenant,
        case: CaseId,
        kind: LetterKind,
        lang: Lang,
        by: UserId,
    ) -> Result<Vec<Printed>, NoPrint> {
        let stream = Case::stream(tenant, case);
        let mut facts = LetterFacts::default();
        let take = |event: CaseEvent, recorded: &skranke_store::Recorded| {
            facts.take(event, local_date(recorded.recorded_at), recorded.revision);
        };
        self.desk.history(&stream, take).await?;
        let draft = facts.draft().filter(|_| kind == LetterKind::Decision);
        let (about, author) = draft.map_or((None, by), |(revision, author)| (Some(revision), author));
        let name = self.name_of(tenant, author).await?;
        let sender = Sender { municipality: self.municipality(tenant), name, today: self.today() };
        let about = about.map_or_else(|| self.today().to_string(), |revision| revision.to_string());
        let named = format!("letter/{tenant}/{case}/{}/{}/{about}", kind.name(), lang.tag());
        let mut letters = Vec::new();
        for (party, subject) in facts.addressees(kind) {
            let opener = self.desk.keys().for_stream(&stream);
            let bytes = self.print(tenant, facts.letter(kind, party, lang, sender.clone(), &opener)?).await?;
            let digest = match party {
                FIRST_PARTY => Sha256::digest(&named),
                party => Sha256::digest(format!("{named}/party-{party}")),
            };
            let id = DocumentId::new(from_digest(&digest.into()));
            letters.push(Printed { id, party, subject, name: kind.file_name(lang, party), bytes });
        }
        if letters.is_empty() { Err(NoLetter::NothingToSay.into()) } else { Ok(letters) }
    }

    async fn print(&self, tenant: Tenant, letter: Letter) -> Result<Bytes, NotPrinted> {
        let press = Arc::clone(&self.press);
        let aborted = |_| NotPrinted::NotConforming("printing was aborted".to_owned());
        tokio::task::spawn_blocking(move || press(tenant, &letter)).await.map_err(aborted)?.map(Bytes::from)
    }

    /// The letter as a command names it, before it is stored.
    pub async fn address_of(&self, tenant: Tenant, printed: &Printed) -> Result<AddressedFile, NoPrint> {
        let hash = self.documents.address(tenant, printed.subject, &printed.bytes).await?;
        let file = NewFile {
            id: printed.id,
            hash,
            size: printed.bytes.len() as u64,
            media_type: PDF.to_owned(),
            name: printed.name.clone(),
        };
        Ok(AddressedFile { party: printed.party, file })
    }

    /// Stores it; it waits for its event.
    pub async fn store_letter(
        &self,
        tenant: Tenant,
        case: CaseId,
        printed: &Printed,
    ) -> Result<Received, NoPrint> {
        let bytes = futures::stream::iter([Ok(printed.bytes.clone())]);
        Ok(self.documents.store(Whose::new(tenant, case, printed.subject), PDF, bytes).await?)
    }

    /// The name of a member of staff, from their own stream; empty when it was erased.
    async fn name_of(&self, tenant: Tenant, user: UserId) -> Result<String, LoadError> {
        let stream = User::stream(tenant, user);
        let mut sealed = None;
        let take = |event: UserEvent, _: &skranke_store::Recorded| match event {
            UserEvent::UserRegistered(registered) => sealed = Some(registered.name),
            UserEvent::UserVouchedFor(vouched) => sealed = Some(vouched.name),
            UserEvent::ServiceAccountOpened(opened) => sealed = Some(opened.name),
            _ => {}
        };
        self.desk.history(&stream, take).await?;
        let Some(mut sealed) = sealed else { return Ok(String::new()) };
        if sealed.open_with(&self.desk.keys().for_stream(&stream)).is_err() {
            return Ok(String::new());
        }
        Ok(match sealed.see() {
            Seen::Open(name) => name.clone(),
            Seen::Locked | Seen::Erased => String::new(),
        })
    }
}
