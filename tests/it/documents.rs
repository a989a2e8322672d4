//! Documents and letters, through the doors that people use: what is uploaded, journalised, followed by a new version
//! and moved; and a decision whose sent bytes are the approved ones.

use reqwest::StatusCode;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::people::{Person, new_key};
use crate::server::{Server, Setup, eventually, files_in};

const THEME: &str = "Lejekontrakt for Mirabellestien";
const LETTER: &str = "Kære Dagny Demosen. Vi giver dig boligstøtte fra den 1. januar på Ærøvej.";

fn pdf(text: &str) -> Vec<u8> {
    format!("%PDF-1.7\n% {text}\n").into_bytes()
}

/// Uploads a file as a browser does.
async fn upload(person: &Person, case: &str, key: &str, name: &str, bytes: Vec<u8>) -> (StatusCode, Value) {
    let part = Part::bytes(bytes).file_name(name.to_owned());
    let request = person.request_post(&format!("/api/cases/{case}/documents")).header("x-skranke", "1");
    let request = request.header("idempotency-key", key).multipart(Form::new().part("file", part));
    let answer = Person::send(request).await;
    (answer.status, answer.json())
}

pub(crate) async fn uploaded(person: &Person, case: &str, name: &str, bytes: Vec<u8>) -> String {
    let (status, answer) = upload(person, case, &new_key(), name, bytes).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    answer["documentId"].as_str().unwrap().to_owned()
}

pub(crate) async fn download(
    person: &Person,
    path: &str,
) -> (StatusCode, reqwest::header::HeaderMap, Vec<u8>) {
    let response = person.request_get(path).send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    (status, headers, response.bytes().await.unwrap().to_vec())
}

async fn documents(person: &Person, case: &str) -> Vec<Value> {
    const DOCUMENTS: &str =
        "query($id: ID!) { case(id: $id) { documents { id standing dated direction movedTo
        theme { ... on PersonalText { text } } addedBy { login } journalisedBy { login }
        versions { version hash size mediaType href fileName { ... on PersonalText { text } } } } } }";
    let data = person.ask(DOCUMENTS, json!({ "id": case })).await;
    data["case"]["documents"].as_array().unwrap().clone()
}

async fn assigned_case(kari: &Person) -> String {
    let case = kari.opens_a_case("Boligstøtte").await;
    kari.does("caseAssign", json!({ "caseId": case, "staffId": kari.id_of("kari").await })).await;
    case
}

fn journal(case: &str, document: &str) -> Value {
    json!({ "caseId": case, "documentId": document, "dated": "2024-02-02", "direction": "INCOMING", "theme": THEME })
}

#[tokio::test]
async fn a_document_is_uploaded_journalised_followed_and_moved() {
    let mut server = Server::start().await;
    let [kari, rita] = server.furesoe(["kari", "rita"]).await;
    let case = assigned_case(&kari).await;

    // The same upload twice is one document; another file under its key is not taken.
    let (key, lease) = (new_key(), pdf("Lejekontrakt paa Mirabellestien"));
    let (status, first) = upload(&kari, &case, &key, "Lejekontrakt Mirabellestien.pdf", lease.clone()).await;
    assert_eq!(status, StatusCode::CREATED, "{first}");
    let (_, again) = upload(&kari, &case, &key, "Lejekontrakt.pdf", pdf("noget andet")).await;
    assert_eq!(first, again);
    let document = first["documentId"].as_str().unwrap().to_owned();
    let [waiting] = &documents(&kari, &case).await[..] else { panic!("one document") };
    assert_eq!((&waiting["standing"], &waiting["addedBy"]["login"]), (&json!("UPLOADED"), &json!("kari")));

    kari.does("documentJournalise", journal(&case, &document)).await;
    let (code, _) = kari.is_refused("documentJournalise", journal(&case, &document)).await;
    assert_eq!(code, "NOTHING_TO_JOURNALISE");

    let signed = uploaded(&kari, &case, "Underskrevet.pdf", pdf("underskrevet")).await;
    let follow =
        json!({ "caseId": case, "documentId": document, "fileId": signed, "reason": "Underskrevet" });
    kari.does("documentSupersede", follow).await;
    let [both] = &documents(&kari, &case).await[..] else {
        panic!("the new version is no document of its own")
    };
    assert_eq!((&both["standing"], &both["theme"]["text"]), (&json!("JOURNALISED"), &json!(THEME)));
    assert_eq!(both["versions"][0]["fileName"]["text"], "Lejekontrakt Mirabellestien.pdf");
    assert_eq!(both["versions"].as_array().unwrap().len(), 2);

    // Opened: as an attachment, byte by byte, and noted.
    let href = both["versions"][0]["href"].as_str().unwrap();
    let (status, headers, bytes) = download(&kari, href).await;
    assert_eq!((status, bytes), (StatusCode::OK, lease));
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert!(headers["content-disposition"].to_str().unwrap().starts_with("attachment;"), "{headers:?}");
    let newest = href.split('?').next().unwrap();
    assert_eq!(download(&kari, newest).await.2, pdf("underskrevet"));
    assert_eq!(download(&rita, href).await.0, StatusCode::FORBIDDEN, "an auditor handles no case");
    assert_eq!(download(&server.visitor(), href).await.0, StatusCode::UNAUTHORIZED);
    let aarhus = server.login("kari", "0751").await;
    assert_eq!(download(&aarhus, href).await.0, StatusCode::NOT_FOUND, "another municipality's");
    let looks = "query($id: ID!) { accessLog(caseId: $id, first: 100) { edges { node { type } } } }";
    eventually("the look is in the access log", async || {
        rita.ask(looks, json!({ "id": case })).await.to_string().contains("DocumentViewed").then_some(())
    })
    .await;

    // To another case, where it arrives with all its versions, sealed for that case's person.
    let other = assigned_case(&kari).await;
    let wish = json!({ "caseId": case, "documentId": document, "toCaseId": other, "reason": "Forkert sag" });
    kari.does("documentMove", wish.clone()).await;
    let arrived = eventually("the document has arrived", async || documents(&kari, &other).await.pop()).await;
    assert_eq!((&arrived["id"], &arrived["theme"]["text"]), (&json!(document), &json!(THEME)));
    assert_ne!(arrived["versions"][0]["hash"], both["versions"][0]["hash"], "another person's key");
    let there = arrived["versions"][1]["href"].as_str().unwrap();
    assert_eq!(download(&kari, there).await.2, pdf("underskrevet"));
    let [gone] = &documents(&kari, &case).await[..] else { panic!("its trace stays") };
    assert_eq!((&gone["standing"], &gone["movedTo"]), (&json!("MOVED"), &json!(other)));
    assert_eq!(download(&kari, href).await.0, StatusCode::NOT_FOUND);
    eventually("the first copy is gone", async || (kept(&server).len() == 2).then_some(())).await;
    let nowhere = json!({ "caseId": other, "documentId": document, "toCaseId": "00000000-0000-0000-0000-000000000001", "reason": "x" });
    assert_eq!(kari.is_refused("documentMove", nowhere).await.0, "CASE_NOT_FOUND");

    server.restart().await;
    assert_eq!(download(&kari, there).await.2, pdf("underskrevet"));
    server.stop().await;
    for file in files_in(server.folder()) {
        let bytes = std::fs::read(&file).unwrap();
        for word in ["Mirabellestien", "underskrevet", "Underskrevet"] {
            let found = bytes.windows(word.len()).any(|window| window == word.as_bytes());
            assert!(!found, "{word} lies open in {}", file.display());
        }
    }
}

/// The files that uploads left (the demonstration's own letters are for other people).
fn kept(server: &Server) -> Vec<std::path::PathBuf> {
    let small = |path: &std::path::PathBuf| std::fs::metadata(path).is_ok_and(|file| file.len() < 1_000);
    files_in(&server.data().join("documents/kept")).into_iter().filter(small).collect()
}

#[tokio::test]
async fn what_may_not_come_in_does_not_and_leaves_nothing() {
    let server = Setup::new()
        .set("SKRANKE_DOCUMENTS_LARGEST_BYTES", "100000")
        .set("SKRANKE_DOCUMENTS_SCANNER", "/bin/grep -qv EICAR")
        .start()
        .await;
    let kari = server.login("kari", "0190").await;
    let case = assigned_case(&kari).await;
    let refused = async |bytes: Vec<u8>| {
        let (status, answer) = upload(&kari, &case, &new_key(), "fil.pdf", bytes).await;
        (status.as_u16(), answer["code"].as_str().unwrap().to_owned())
    };
    assert_eq!(refused(pdf(&"x".repeat(200_000))).await, (413, "FILE_TOO_LARGE".into()));
    assert_eq!(refused(b"MZ\x90\x00 program".to_vec()).await, (415, "FILE_TYPE".into()));
    assert_eq!(refused(Vec::new()).await, (400, "FILE_EMPTY".into()));
    // The scanner finds the mark in every line there is.
    assert_eq!(refused(b"%PDF-1.7 EICAR".to_vec()).await, (422, "FILE_INFECTED".into()));
    let no_key = kari.request_post(&format!("/api/cases/{case}/documents")).header("x-skranke", "1");
    let part = Form::new().part("file", Part::bytes(pdf("")).file_name("a.pdf"));
    assert_eq!(Person::send(no_key.multipart(part)).await.status, StatusCode::BAD_REQUEST);
    let foreign = kari.request_post(&format!("/api/cases/{case}/documents")).header("idempotency-key", "k");
    let part = Form::new().part("file", Part::bytes(pdf("")).file_name("a.pdf"));
    assert_eq!(Person::send(foreign.multipart(part)).await.json()["code"], "FOREIGN_PAGE");
    let bent = server.login("bent", "0190").await;
    let (status, answer) = upload(&bent, &case, &new_key(), "fil.pdf", pdf("x")).await;
    assert_eq!((status, &answer["code"]), (StatusCode::FORBIDDEN, &json!("NOT_YOURS")));
    assert!(documents(&kari, &case).await.is_empty());
    let incoming = server.data().join("documents/incoming");
    assert_eq!(files_in(&incoming), Vec::<std::path::PathBuf>::new());
    uploaded(&kari, &case, "ren.pdf", pdf("ren")).await;
}

/// Prepares a case until its decision waits for approval.
async fn proposed(kari: &Person) -> String {
    let case = assigned_case(kari).await;
    kari.does("caseClassify", json!({ "caseId": case, "kle": "32", "facet": "G01" })).await;
    kari.does("caseInform", json!({ "caseId": case })).await;
    kari.does("decisionDraft", json!({ "caseId": case, "outcome": "GRANTED", "text": LETTER })).await;
    kari.does("decisionSubmit", json!({ "caseId": case, "version": 1 })).await;
    case
}

#[tokio::test]
async fn the_sent_bytes_are_the_approved_bytes() {
    const DECISION: &str = "query($id: ID!) { case(id: $id) {
        draft { letter { hash } } decision { letter { documentId hash } corrections { text { ... on PersonalText { text } } }
        revokedReason { ... on PersonalText { text } } } availableActions { name allowed } phase } }";
    let mut server = Server::start().await;
    let [kari, bent] = server.furesoe(["kari", "bent"]).await;
    let case = proposed(&kari).await;
    let of_the_case = json!({ "caseId": case });

    // What the approver reads is what goes out.
    let (status, headers, preview) = download(&bent, &format!("/api/cases/{case}/letter")).await;
    assert_eq!((status, &headers["content-type"].to_str().unwrap()), (StatusCode::OK, &"application/pdf"));
    assert!(preview.starts_with(b"%PDF-1.7"));
    bent.does("decisionApprove", json!({ "caseId": case, "version": 1 })).await;
    let approved = kari.ask(DECISION, json!({ "id": case })).await["case"]["draft"]["letter"]["hash"].take();
    kari.does("decisionMake", of_the_case.clone()).await;

    // Altered on the disk, it does not go out.
    let letter = files_in(&server.data().join("documents/kept"))
        .into_iter()
        .find(|path| approved.as_str().is_some_and(|hash| path.ends_with(hash)))
        .expect("the approved letter is in the store");
    let whole = std::fs::read(&letter).unwrap();
    let mut altered = whole.clone();
    altered[200] ^= 1;
    std::fs::write(&letter, altered).unwrap();
    assert_eq!(kari.is_refused("decisionSend", of_the_case.clone()).await.0, "NOT_THE_APPROVED_BYTES");
    std::fs::write(&letter, whole).unwrap();
    kari.does("decisionSend", of_the_case.clone()).await;

    let decision = kari.ask(DECISION, json!({ "id": case })).await["case"]["decision"].take();
    assert_eq!(decision["letter"]["hash"], approved);
    let [sent] = &documents(&kari, &case).await[..] else { panic!("the sent letter is journalised") };
    assert_eq!((&sent["standing"], &sent["direction"]), (&json!("SENT"), &json!("OUTGOING")));
    assert_eq!(sent["versions"][0]["hash"], approved);
    let (_, _, out) = download(&kari, sent["versions"][0]["href"].as_str().unwrap()).await;
    assert!(out == preview, "the sent bytes are not the ones that were read and approved");

    // A letter that waits holds the case open; what was sent stays as it is.
    kari.does("letterPrint", json!({ "caseId": case, "kind": "RECEIPT" })).await;
    assert_eq!(kari.is_refused("caseClose", of_the_case.clone()).await.0, "DOCUMENT_NOT_JOURNALISED");
    let receipt = documents(&kari, &case).await.pop().unwrap();
    assert_eq!(receipt["versions"][0]["fileName"]["text"], "Kvittering.pdf");
    kari.does("documentJournalise", journal(&case, receipt["id"].as_str().unwrap())).await;
    let change = json!({ "caseId": case, "documentId": sent["id"], "reason": "x" });
    assert_eq!(kari.is_refused("documentWithdraw", change).await.0, "DOCUMENT_SENT");
    kari.does("decisionCorrect", json!({ "caseId": case, "text": "1.200 kr.", "reason": "Slåfejl" })).await;
    kari.does("decisionRevoke", json!({ "caseId": case, "reason": "Forkert lovgrundlag" })).await;
    let after = kari.ask(DECISION, json!({ "id": case })).await["case"].take();
    assert_eq!(after["decision"]["corrections"][0]["text"]["text"], "1.200 kr.");
    assert_eq!(after["decision"]["revokedReason"]["text"], "Forkert lovgrundlag");
    assert_eq!(after["phase"], "UNDER_INVESTIGATION");

    server.stop().await;
    for word in ["Ærøvej", "Slåfejl", "Dagny"] {
        assert!(crate::server::files_with(server.folder(), word).is_empty(), "{word} lies open");
    }
}

#[tokio::test]
async fn a_letter_with_a_character_that_cannot_be_printed_is_not_approved() {
    let server = Server::start().await;
    let [kari, bent] = server.furesoe(["kari", "bent"]).await;
    let case = assigned_case(&kari).await;
    kari.does("caseClassify", json!({ "caseId": case, "kle": "32", "facet": "G01" })).await;
    kari.does("caseInform", json!({ "caseId": case })).await;
    let draft = json!({ "caseId": case, "outcome": "GRANTED", "text": "Tillykke 🎉" });
    kari.does("decisionDraft", draft).await;
    kari.does("decisionSubmit", json!({ "caseId": case, "version": 1 })).await;
    let (code, _) = bent.is_refused("decisionApprove", json!({ "caseId": case, "version": 1 })).await;
    assert_eq!(code, "LETTER_CHARACTER");
}

#[tokio::test]
async fn a_server_that_dies_under_uploads_keeps_what_it_answered_and_nothing_by_halves() {
    let mut server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    let case = assigned_case(&kari).await;
    let mut answered = Vec::new();
    for round in 0..3_u8 {
        let uploads: Vec<_> = (0..6_u8)
            .map(|number| {
                let (kari, case) = (kari.clone(), case.clone());
                tokio::spawn(async move {
                    let bytes = pdf(&format!("{round}-{number}").repeat(200_000));
                    let part = Part::bytes(bytes.clone()).file_name("fil.pdf");
                    let request = kari.request_post(&format!("/api/cases/{case}/documents"));
                    let request = request.header("x-skranke", "1").header("idempotency-key", new_key());
                    let answer = Person::try_send(request.multipart(Form::new().part("file", part))).await?;
                    let id = answer.json()["documentId"].as_str()?.to_owned();
                    Some((id, bytes))
                })
            })
            .collect();
        tokio::time::sleep(std::time::Duration::from_millis(40 * u64::from(round) + 20)).await;
        server.kill9();
        for upload in uploads {
            answered.extend(upload.await.unwrap());
        }
        server.restart().await;
    }
    let known = documents(&kari, &case).await;
    for document in &known {
        let (status, ..) = download(&kari, document["versions"][0]["href"].as_str().unwrap()).await;
        assert_eq!(status, StatusCode::OK, "the log names a file that is not there: {document}");
    }
    for (id, bytes) in answered {
        assert!(download(&kari, &format!("/api/cases/{case}/documents/{id}")).await.2 == bytes);
    }
    assert_eq!(files_in(&server.data().join("documents/incoming")), Vec::<std::path::PathBuf>::new());
}
