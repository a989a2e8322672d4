//! The package of a request for access: a zip of the papers (texts as text files, documents as the files that were
//! journalised) with an index for people (HTML), one for programs (JSON) and the hash of every file.
//!
//! Invariant: the same decisions about the same papers are the same bytes, on any machine and at any time. Nothing in it
//! comes from the clock, and nothing is compressed, for a compressor's next version may pack otherwise. So a package is
//! not kept: it is made again, and measured against the hash that was noted when it was released.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use maud::{DOCTYPE, html};
use serde::Serialize;
use sha2::{Digest, Sha256};
use skranke_domain::access_log::{AccessEvent, ExportMade};
use skranke_domain::access_request::{
    AccessRequest as AccessRequestAggregate, AccessRequestFile, Disclosure, DocumentState,
};
use skranke_domain::case::document::StoredFile;
use skranke_domain::case::{Case as CaseAggregate, Paper, Writing};
use skranke_domain::sealed::{SealError, Seen};
use skranke_domain::time::local;
use skranke_domain::{AccessRequestId, Purpose, Sealed, StreamId, Tenant};
use skranke_store::documents::{DocumentError, Documents, Whose};
use skranke_store::{Desk, LoadError, LogError};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::access;
use crate::caller::{Caller, WORKERS};
use crate::office::Office;
use crate::papers::papers;
use crate::reach;

/// A package, ready to be handed out.
#[derive(Clone)]
pub struct Package {
    /// The name of the file.
    pub name: String,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// The zip.
    pub bytes: Vec<u8>,
}

/// Why there is no package.
#[derive(Debug, thiserror::Error)]
pub enum NoPackage {
    /// Who asks may not have it.
    #[error("your roles do not allow this")]
    NotAllowed,
    /// There is no such request, or its package is not released.
    #[error("there is no such package")]
    NotReleased,
    /// A text of it was erased for good.
    #[error("the package cannot be made again: what it holds was erased")]
    Erased,
    /// What is made today is not what was released.
    #[error("the package that is made today is not the one that was released")]
    NotTheSame,
    /// The handing out could not be noted, so it does not happen.
    #[error("the access log could not be written")]
    NotNoted,
    /// The house is broken.
    #[error("the log did not give the papers")]
    Log(#[source] LoadError),
    /// The house is broken.
    #[error("a paper could not be opened")]
    Seal(#[from] SealError),
    /// The house is broken.
    #[error("the package could not be written")]
    Write(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<LogError> for NoPackage {
    fn from(error: LogError) -> Self {
        Self::Log(error.into())
    }
}

/// Makes a released package again and notes that it was handed out.
pub(crate) async fn download(
    office: &Office,
    caller: &Caller,
    id: AccessRequestId,
) -> Result<Package, NoPackage> {
    const ATTEMPT: &str = "accessPackageDownload";
    if !caller.roles.any(WORKERS) {
        access::refused(office, caller, ATTEMPT, "NOT_ALLOWED", None).await;
        return Err(NoPackage::NotAllowed);
    }
    let stream = AccessRequestAggregate::stream(caller.tenant, id);
    let (state, _) = office.desk.load(&stream).await.map_err(NoPackage::Log)?;
    let AccessRequestAggregate::File(file) = state else { return Err(NoPackage::NotReleased) };
    let sheet = office.views.case_sheet(caller.tenant, file.case).await.map_err(|_| NoPackage::NotNoted)?;
    if let Some(sheet) = sheet {
        let reached = reach::open_case(office, caller, (file.case, &*sheet.file), ATTEMPT).await;
        reached.map_err(|_| NoPackage::NotAllowed)?;
    }
    let Some(released) = &file.released else {
        access::refused(office, caller, ATTEMPT, "NOT_RELEASED", Some(file.case)).await;
        return Err(NoPackage::NotReleased);
    };
    let package = make(office, caller.tenant, id, &file).await?;
    if package.sha256 != *released {
        return Err(NoPackage::NotTheSame);
    }
    let made = ExportMade { case: file.case, access_request: id, sha256: package.sha256.clone() };
    let noted = access::viewed(office, caller, Purpose::CitizenRequest, AccessEvent::ExportMade(made)).await;
    // The fault itself was logged where it arose.
    noted.map_err(|_| NoPackage::NotNoted)?;
    Ok(package)
}

/// One line of the index.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    reference: String,
    title: String,
    date: String,
    disclosure: Option<Disclosure>,
    statute: String,
    file: Option<String>,
    sha256: Option<String>,
}

/// The index.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Index<'a> {
    case: &'a str,
    access_request: AccessRequestId,
    statute: &'a str,
    received: String,
    documents: Vec<Entry>,
}

/// Makes the package of what was decided.
pub(super) async fn make(
    office: &Office,
    tenant: Tenant,
    id: AccessRequestId,
    file: &AccessRequestFile,
) -> Result<Package, NoPackage> {
    let papers = papers(&office.desk, tenant, file.case).await?.papers;
    let streams = Streams {
        desk: &office.desk,
        documents: &office.documents,
        whose: Whose::new(tenant, file.case, file.subject),
        case: CaseAggregate::stream(tenant, file.case),
        request: AccessRequestAggregate::stream(tenant, id),
    };
    let (mut files, mut documents) = (Vec::new(), Vec::new());
    for (number, document) in file.documents.iter().enumerate() {
        let paper = papers.find(&document.reference);
        let title = streams.open(&streams.request, &document.title)?;
        let given = streams.given(document, paper, &title).await?;
        let name = given
            .as_ref()
            .map(|given| format!("{:03}-{}.{}", number + 1, document.reference, given.extension));
        documents.push(Entry {
            reference: document.reference.clone(),
            title,
            date: paper.map_or_else(String::new, |paper| local(paper.at).date().to_string()),
            disclosure: document.disclosure,
            statute: document.statute.clone(),
            sha256: given.as_ref().map(|given| hex(&given.bytes)),
            file: name.clone(),
        });
        files.extend(name.zip(given.map(|given| given.bytes)));
    }
    let index = Index {
        case: papers.number(),
        access_request: id,
        statute: &file.statute,
        received: file.received.to_string(),
        documents,
    };
    let mut json = serde_json::to_vec_pretty(&index).map_err(|error| NoPackage::Write(error.into()))?;
    json.push(b'\n');
    files.insert(0, ("index.json".to_owned(), json));
    files.insert(0, ("index.html".to_owned(), page(&index).into_bytes()));
    files.push(("SHA256SUMS".to_owned(), sums(&files).into_bytes()));
    let bytes = zipped(&files)?;
    Ok(Package { name: format!("aktindsigt-{}.zip", papers.number()), sha256: hex(&bytes), bytes })
}

/// What is given of a paper.
struct Given {
    bytes: Vec<u8>,
    /// What a file of this kind is usually called.
    extension: &'static str,
}

impl From<String> for Given {
    fn from(text: String) -> Self {
        Self { bytes: text.into_bytes(), extension: "txt" }
    }
}

/// The two streams that a package is read from, each of which seals its texts for itself, and the case's files.
struct Streams<'a> {
    desk: &'a Desk,
    documents: &'a Documents,
    whose: Whose,
    case: StreamId,
    request: StreamId,
}

impl Streams<'_> {
    fn open(&self, stream: &StreamId, sealed: &Sealed<String>) -> Result<String, NoPackage> {
        let mut sealed = sealed.clone();
        sealed.open_with(&self.desk.keys().for_stream(stream))?;
        match sealed.see() {
            Seen::Open(text) => Ok(text.clone()),
            Seen::Locked | Seen::Erased => Err(NoPackage::Erased),
        }
    }

    /// A journalised file, whole.
    async fn file(&self, file: &StoredFile) -> Result<Given, NoPackage> {
        // A letter to another party is sealed for that one.
        let whose = Whose { subject: file.subject(), ..self.whose };
        let bytes = self.documents.read_whole(whose, file.hash).await.map_err(|error| match error {
            DocumentError::Erased => NoPackage::Erased,
            error => NoPackage::Write(error.into()),
        })?;
        Ok(Given { bytes: bytes.into(), extension: extension(&file.media_type) })
    }

    /// What is given of a paper; none where nothing is, or nothing is decided.
    async fn given(
        &self,
        document: &DocumentState,
        paper: Option<&Paper>,
        title: &str,
    ) -> Result<Option<Given>, NoPackage> {
        if let (Some(Disclosure::Full), Some(paper)) = (document.disclosure, paper)
            && let Some(document) = &paper.document
        {
            return self.file(&document.file).await.map(Some);
        }
        let mut text = format!("{title}\n");
        match (document.disclosure, &document.extract, paper) {
            (Some(Disclosure::Full), _, Some(paper)) => {
                for (heading, writing) in &paper.parts {
                    if !heading.title().is_empty() {
                        let _ = write!(text, "\n{}\n", heading.title());
                    }
                    let part = match writing {
                        Writing::Sealed(sealed) => self.open(&self.case, sealed)?,
                        Writing::Plain(plain) => plain.clone(),
                    };
                    let _ = write!(text, "\n{part}\n");
                }
            }
            (Some(Disclosure::Partial), Some(extract), _) => {
                let extract = self.open(&self.request, extract)?;
                let _ = write!(text, "Ekstrakt. Resten er undtaget: {}\n\n{extract}\n", document.statute);
            }
            _ => return Ok(None),
        }
        Ok(Some(text.into()))
    }
}

/// What a file of that type is usually called. The name it came with may say more than is disclosed.
fn extension(media_type: &str) -> &'static str {
    match media_type {
        "application/pdf" => "pdf",
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/tiff" => "tif",
        "text/plain" => "txt",
        _ => "bin",
    }
}

/// The index for people.
fn page(index: &Index<'_>) -> String {
    let word = |disclosure| match disclosure {
        Some(Disclosure::Full) => "Udleveret i sin helhed",
        Some(Disclosure::Partial) => "Udleveret delvist",
        Some(Disclosure::Withheld) => "Ikke udleveret",
        None => "",
    };
    html! {
        (DOCTYPE)
        html lang="da" {
            head {
                meta charset="utf-8";
                title { "Aktindsigt i sag " (index.case) }
            }
            body {
                h1 { "Aktindsigt i sag " (index.case) }
                p { "Anmodning modtaget " (index.received) ". Grundlag: " (index.statute) "." }
                table {
                    thead {
                        tr {
                            th scope="col" { "Akt" }
                            th scope="col" { "Titel" }
                            th scope="col" { "Dato" }
                            th scope="col" { "Aktindsigt" }
                            th scope="col" { "Hjemmel for det undtagne" }
                            th scope="col" { "SHA-256" }
                        }
                    }
                    tbody {
                        @for entry in &index.documents {
                            tr {
                                td {
                                    @match &entry.file {
                                        Some(file) => a href=(file) { (entry.reference) },
                                        None => (entry.reference),
                                    }
                                }
                                td { (entry.title) }
                                td { (entry.date) }
                                td { (word(entry.disclosure)) }
                                td { (entry.statute) }
                                td { (entry.sha256.as_deref().unwrap_or_default()) }
                            }
                        }
                    }
                }
            }
        }
    }
    .into_string()
}

/// The hash of every file, as `sha256sum --check` reads it.
fn sums(files: &[(String, Vec<u8>)]) -> String {
    files.iter().fold(String::new(), |mut sums, (name, bytes)| {
        let _ = writeln!(sums, "{}  {name}", hex(bytes));
        sums
    })
}

fn zipped(files: &[(String, Vec<u8>)]) -> Result<Vec<u8>, NoPackage> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        // The format's first day: the time of packing is no part of what is packed.
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name.as_str(), options).map_err(|error| NoPackage::Write(error.into()))?;
        zip.write_all(bytes).map_err(|error| NoPackage::Write(error.into()))?;
    }
    Ok(zip.finish().map_err(|error| NoPackage::Write(error.into()))?.into_inner())
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packages that were released must be made again by every later version: a new hash here breaks them all.
    #[test]
    fn the_same_files_are_the_same_bytes_for_good() {
        let files =
            [("index.html".to_owned(), b"<p>\xC3\xA6".to_vec()), ("001-notat-3.txt".to_owned(), vec![])];
        let zip = zipped(&files).unwrap();
        assert_eq!(hex(&zip), "c211afea9d9b1e741050958ae2f86184180acc5dcc173648ce22a33260ae2537");
    }
}
