//! Files over HTTP: uploading to a case, and opening a document. The server's routes translate; what is allowed and
//! what is noted is decided here, as for everything else in the API.

use bytes::Bytes;
use futures::Stream;
use sha2::{Digest, Sha256};
use skranke_domain::access_log::{AccessEvent, DocumentViewed};
use skranke_domain::case::document::{DocumentAct, DocumentRefusal, NewFile};
use skranke_domain::case::{Case, CaseAct, CaseActKind, CaseCommand, CaseRefusal};
use skranke_domain::id::from_digest;
use skranke_domain::letter::LetterKind;
use skranke_domain::{CaseId, DocumentId, Purpose, Refusal};
use skranke_store::documents::{DocumentError, Whose};
use skranke_store::{Failure, LoadError};

use crate::access;
use crate::caller::{Caller, WORKERS};
use crate::office::Office;
use crate::reach;

use super::letter::{NoPrint, PDF};

/// The longest file name that is kept, in characters.
const NAME_LIMIT: usize = 200;

/// Why a file was not taken in, or not shown.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// A rule said no; it is noted.
    #[error("refused")]
    Refused {
        /// The refusal's code.
        code: &'static str,
        /// The sentence for the person at the screen.
        message: String,
    },
    /// There is no such case or document, or not in this municipality.
    #[error("not found")]
    NotFound,
    /// The file itself is not taken in, or cannot be shown.
    #[error(transparent)]
    File(#[from] DocumentError),
    /// Somebody was faster, three times.
    #[error("someone else changed the case first")]
    Conflict,
    /// The house is broken.
    #[error("the request failed")]
    Fault(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<LoadError> for FileFault {
    fn from(error: LoadError) -> Self {
        Self::Fault(error.into())
    }
}

/// A document, opened.
pub struct Opened<S> {
    /// The name it came with; empty when it was erased.
    pub name: String,
    /// What it is.
    pub media_type: String,
    /// How many bytes it has.
    pub size: u64,
    /// The bytes, each found to be what the log says.
    pub bytes: S,
}

async fn refuse(
    office: &Office,
    caller: &Caller,
    attempt: &str,
    case: CaseId,
    refusal: &dyn Refusal,
) -> FileFault {
    access::refused(office, caller, attempt, refusal.code(), Some(case)).await;
    FileFault::Refused { code: refusal.code(), message: refusal.message(caller.lang) }
}

/// Takes a file into a case: checked, sealed, synced, and only then named by an event. Sent again under the same key,
/// it is answered again and not taken in twice.
pub async fn upload<E>(
    office: &Office,
    caller: &Caller,
    case: CaseId,
    key: &str,
    name: &str,
    bytes: impl Stream<Item = Result<Bytes, E>>,
) -> Result<DocumentId, FileFault> {
    const ATTEMPT: &str = "documentUpload";
    let stream = Case::stream(caller.tenant, case);
    let (state, _) = office.desk.load::<Case>(&stream).await?;
    let digest = Sha256::digest(format!("document/{}/{}/{case}/{key}", caller.tenant, caller.user));
    let id = DocumentId::new(from_digest(&digest.into()));
    let act = caller.act(office, Some(Purpose::CaseHandling));
    let mut act = skranke_domain::Act { idempotency: Some(key.to_owned()), ..act };
    let under = reach::to_write(office, &mut act, &state).await?;
    let Case::File(file) = &state else {
        return Err(refuse(office, caller, ATTEMPT, case, &CaseRefusal::NotOpened).await);
    };
    // A refused wish moves no bytes. A repeated one may find the case closed by now, and is answered all the same.
    if !file.documents.contains_key(&id)
        && let Some(refusal) = state.blocked(CaseActKind::UploadDocument, &under).into_iter().next()
    {
        return Err(refuse(office, caller, ATTEMPT, case, &refusal).await);
    }
    let whose = Whose::new(caller.tenant, case, file.subject);
    let received = office.documents.receive(whose, bytes).await?;
    let file = NewFile {
        id,
        hash: received.hash,
        size: received.size,
        media_type: received.media_type.clone(),
        name: plain_name(name),
    };
    let hash = file.hash;
    let command = CaseCommand { act: CaseAct::Document(Box::new(DocumentAct::Upload(file))), under };
    match office.desk.execute::<Case>(&stream, command, &act).await {
        Ok(receipt) => {
            // The first time's file counts: another one under the same key was never named.
            let (state, _) = office.desk.load::<Case>(&stream).await?;
            if matches!(&state, Case::File(file) if file.holds(hash)) {
                office.documents.keep(&received).await?;
            } else {
                office.documents.discard(&received).await?;
            }
            office.views.wait_for(receipt.position, office.patience).await;
            Ok(id)
        }
        Err(Failure::Refused(refusal)) => {
            office.documents.discard(&received).await?;
            Err(refuse(office, caller, ATTEMPT, case, &refusal).await)
        }
        Err(Failure::Erased(refusal)) => {
            office.documents.discard(&received).await?;
            Err(refuse(office, caller, ATTEMPT, case, &refusal).await)
        }
        Err(Failure::Conflict { .. }) => {
            office.documents.discard(&received).await?;
            Err(FileFault::Conflict)
        }
        // Whether the event was appended is not known: the next start asks the log.
        Err(failure) => Err(FileFault::Fault(failure.into())),
    }
}

/// What a browser calls a file may be a path, and may hold anything.
fn plain_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).take(NAME_LIMIT).collect();
    let name = name.trim();
    if name.is_empty() { "dokument".to_owned() } else { name.to_owned() }
}

/// Opens a version of a document, the newest unless another is asked for. The look is noted before the first byte.
pub async fn open(
    office: &Office,
    caller: &Caller,
    case: CaseId,
    document: DocumentId,
    version: Option<u32>,
) -> Result<Opened<impl Stream<Item = Result<Bytes, DocumentError>> + Send + use<>>, FileFault> {
    let stream = Case::stream(caller.tenant, case);
    may_look(office, caller, "documentOpen", case).await?;
    let (Case::File(file), _) = office.desk.load::<Case>(&stream).await? else {
        return Err(FileFault::NotFound);
    };
    let state = file.documents.get(&document).filter(|state| state.is_here()).ok_or(FileFault::NotFound)?;
    let stored = match version {
        Some(version) => state.version(version),
        None => state.newest().map(|(_, file)| file),
    };
    let stored = stored.ok_or(FileFault::NotFound)?;
    note(office, caller, case, document).await?;
    let whose = Whose::new(caller.tenant, case, stored.subject());
    let bytes = office.documents.read(whose, stored.hash).await?;
    let name = office.open(&stream, &stored.name).map_err(fault)?.unwrap_or_default();
    Ok(Opened { name, media_type: stored.media_type.clone(), size: stored.size, bytes })
}

/// The letter of the newest draft to a party, exactly as it would be approved and sent.
pub async fn preview(
    office: &Office,
    caller: &Caller,
    case: CaseId,
    party: u32,
) -> Result<Opened<Bytes>, FileFault> {
    const ATTEMPT: &str = "letterPreview";
    may_look(office, caller, ATTEMPT, case).await?;
    let printed = office
        .print_letters(caller.tenant, case, LetterKind::Decision, skranke_domain::Lang::Da, caller.user)
        .await;
    let printed = match printed {
        Ok(printed) => printed.into_iter().find(|letter| letter.party == party),
        Err(NoPrint::NoLetter(_)) => None,
        Err(NoPrint::NotPrinted(why)) => return Err(refuse(office, caller, ATTEMPT, case, &why).await),
        Err(NoPrint::Load(error)) => return Err(error.into()),
        Err(NoPrint::Store(error)) => return Err(error.into()),
    };
    let printed = printed.ok_or(FileFault::NotFound)?;
    note(office, caller, case, printed.id).await?;
    let size = printed.bytes.len() as u64;
    Ok(Opened { name: printed.name, media_type: PDF.to_owned(), size, bytes: printed.bytes })
}

async fn may_look(office: &Office, caller: &Caller, attempt: &str, case: CaseId) -> Result<(), FileFault> {
    if !caller.roles.any(WORKERS) {
        return Err(refuse(office, caller, attempt, case, &CaseRefusal::NotAllowed).await);
    }
    let sheet = office.views.case_sheet(caller.tenant, case).await;
    let Some(sheet) = sheet.map_err(|error| FileFault::Fault(error.into()))? else { return Ok(()) };
    let reached = reach::open_case(office, caller, (case, &*sheet.file), attempt).await;
    reached.map_err(|_| {
        let refusal = CaseRefusal::OtherTeam;
        FileFault::Refused { code: refusal.code(), message: refusal.message(caller.lang) }
    })
}

async fn note(office: &Office, caller: &Caller, case: CaseId, document: DocumentId) -> Result<(), FileFault> {
    let event = AccessEvent::DocumentViewed(DocumentViewed { case, document });
    access::viewed(office, caller, Purpose::CaseHandling, event).await.map_err(fault)
}

fn fault(error: async_graphql::Error) -> FileFault {
    FileFault::Fault(error.message.into())
}

/// The words for a file that is not taken in or cannot be shown: code, Danish, English.
pub fn words(error: &DocumentError) -> (&'static str, &'static str, &'static str) {
    match error {
        DocumentError::TooLarge => {
            ("FILE_TOO_LARGE", "Filen er for stor.", "The file is larger than is allowed.")
        }
        DocumentError::Empty => ("FILE_EMPTY", "Filen er tom.", "The file is empty."),
        DocumentError::Type => (
            "FILE_TYPE",
            "Filer af denne type tages ikke ind. Gem den som PDF, og prøv igen.",
            "Files of this type are not taken in. Save it as PDF and try again.",
        ),
        DocumentError::Infected => (
            "FILE_INFECTED",
            "Scanningen fandt noget skadeligt i filen. Den er ikke gemt.",
            "The scanner found something harmful in the file. It was not stored.",
        ),
        DocumentError::NotScanned(_) => (
            "FILE_NOT_SCANNED",
            "Filen kunne ikke scannes og er ikke gemt. Prøv igen, eller kontakt en administrator.",
            "The file could not be scanned and was not stored. Try again, or contact an administrator.",
        ),
        DocumentError::Interrupted => (
            "FILE_INTERRUPTED",
            "Filen nåede ikke helt frem. Send den igen.",
            "The file did not arrive whole. Send it again.",
        ),
        DocumentError::Erased => (
            "FILE_ERASED",
            "Nøglen til personens oplysninger er slettet. Filen kan ikke læses.",
            "The key of the person this is about was destroyed. The file cannot be read.",
        ),
        _ => (DocumentRefusal::NotFound.code(), "Filen kan ikke læses.", "The file cannot be read."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_or_a_line_break_never_becomes_a_name() {
        assert_eq!(plain_name("C:\\Users\\kari\\Lejekontrakt.pdf"), "Lejekontrakt.pdf");
        assert_eq!(plain_name("../../etc/pass\r\nwd"), "passwd");
        assert_eq!(plain_name(" / "), "dokument");
        assert_eq!(plain_name(&"æ".repeat(300)).chars().count(), NAME_LIMIT);
    }
}
