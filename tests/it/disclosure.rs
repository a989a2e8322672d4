//! Somebody asks for access to a file (aktindsigt): papers decided one by one, the notice, and the package with its hash.

use std::io::{Cursor, Read as _};

use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::appeals::refuses_a_wish;
use crate::documents::uploaded;
use crate::people::Person;
use crate::server::{Server, eventually};

const LEASE: &[u8] = b"%PDF-1.7\n1 0 obj\n% en lejekontrakt\n";

const REQUEST: &str =
    "query($id: ID!) { accessRequest(id: $id) { stage statute due answer { due explanation }
    complaintFrom { due } requester { ... on PersonalText { text } }
    documents { reference title { ... on PersonalText { text } } disclosure statute }
    notices { expected reasoned { reason { ... on PersonalText { text } } } }
    package { sha256 bytes path by { staff { login } } }
    availableActions { name allowed refusals { code path } } } }";

async fn the_request(person: &Person, id: &str) -> Value {
    person.ask(REQUEST, json!({ "id": id })).await["accessRequest"].take()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

/// The files of a zip, in order.
fn unzipped(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let files = (0..zip.len()).map(|place| {
        let mut file = zip.by_index(place).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        (file.name().unwrap().into_owned(), bytes)
    });
    files.collect()
}

async fn download(person: &Person, path: &str) -> (StatusCode, Vec<u8>) {
    let response = person.request_get(path).send().await.unwrap();
    (response.status(), response.bytes().await.unwrap().to_vec())
}

#[tokio::test]
async fn access_is_given_in_part_and_the_package_is_what_was_released() {
    let mut server = Server::start().await;
    let [kari, bent, rita] = server.furesoe(["kari", "bent", "rita"]).await;
    let case = refuses_a_wish(&kari, &bent).await;
    // What she sent in, journalised; and something that lies there and is no paper yet.
    let lease = uploaded(&kari, &case, "Lejekontrakt.pdf", LEASE.to_vec()).await;
    let journal = json!({ "caseId": case, "documentId": lease, "dated": "2026-01-05", "direction": "INCOMING",
        "theme": "Lejekontrakt" });
    kari.does("documentJournalise", journal).await;
    uploaded(&kari, &case, "Kladde.pdf", b"%PDF-1.7 kladde".to_vec()).await;
    let unknown = json!({ "caseId": case, "requester": "Dagny Demosen", "askedFor": "Alt", "basis": "PARTY",
        "documents": ["notat-999"] });
    assert_eq!(kari.is_refused("accessRequestReceive", unknown).await.0, "UNKNOWN_PAPER");
    let wish = json!({ "caseId": case, "requester": "Dagny Demosen", "askedFor": "Alt i min sag",
        "basis": "PARTY", "idempotencyKey": "aktindsigt-1" });
    let asked = kari.does("accessRequestReceive", wish.clone()).await;
    let id = asked["accessRequest"]["id"].as_str().unwrap().to_owned();
    assert_eq!(kari.does("accessRequestReceive", wish).await["accessRequest"]["id"], *id, "asked once");

    let request = the_request(&kari, &id).await;
    assert_eq!((&request["stage"], &request["statute"]), (&json!("OPEN"), &json!("FVL § 9")));
    assert!(request["answer"]["explanation"].as_str().unwrap().contains("7 hverdage"), "{request}");
    assert!(request["complaintFrom"]["due"].is_string(), "{request}");
    let papers: Vec<String> = request["documents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|document| document["reference"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(papers.len(), 5, "a call, a waiver, the decision, its letter and the lease: {papers:?}");
    let [call, waiver, decision, letter, lease] = papers.try_into().unwrap();
    let titles: Vec<_> =
        request["documents"].as_array().unwrap().iter().map(|one| &one["title"]["text"]).collect();
    assert!(titles[4].as_str().unwrap().ends_with(": Lejekontrakt"), "{titles:?}");

    // It takes longer, and she is told.
    let of = |mut wish: Value| {
        wish["accessRequestId"] = json!(id);
        wish
    };
    let notice = |expected: &str| of(json!({ "expected": expected, "reason": "Der er mange akter." }));
    assert_eq!(kari.is_refused("accessDelayNotify", notice("2024-02-01")).await.0, "EXPECTED_NOT_AHEAD");
    kari.does("accessDelayNotify", notice("2099-12-31")).await;
    assert_eq!(the_request(&kari, &id).await["due"], "2099-12-31");

    // Paper by paper, and no package before the last is decided, nor while a withholding names no statute.
    assert_eq!(kari.is_refused("accessPackageRelease", of(json!({}))).await.0, "DOCUMENT_UNDECIDED");
    let decide = |reference: &str, disclosure: &str, statute: &str, extract: &str| {
        of(
            json!({ "reference": reference, "disclosure": disclosure, "statute": statute, "extract": extract }),
        )
    };
    assert_eq!(bent.is_refused("accessDocumentDecide", decide(&call, "FULL", "", "")).await.0, "NOT_YOURS");
    kari.does("accessDocumentDecide", decide(&call, "PARTIAL", "FVL § 15 b", "Hun bor med […].")).await;
    kari.does("accessDocumentDecide", decide(&waiver, "WITHHELD", "", "")).await;
    for whole in [&decision, &letter, &lease] {
        kari.does("accessDocumentDecide", decide(whole, "FULL", "", "")).await;
    }
    let (code, statute) = kari.is_refused("accessPackageRelease", of(json!({}))).await;
    assert_eq!((code.as_str(), statute.as_deref()), ("WITHHOLDING_WITHOUT_STATUTE", Some("FVL § 9")));
    let path = format!("/api/access-requests/{id}/package");
    assert_eq!(download(&kari, &path).await.0, StatusCode::NOT_FOUND, "nothing is released");
    kari.does("accessDocumentDecide", decide(&waiver, "WITHHELD", "FVL § 12", "")).await;
    let stale = kari.act("accessPackageRelease", of(json!({ "expectedVersion": 0 }))).await;
    assert_eq!(stale["__typename"], "Conflict");
    let release = of(json!({ "idempotencyKey": "udlevering-1" }));
    kari.does("accessPackageRelease", release.clone()).await;
    kari.does("accessPackageRelease", release).await;
    assert_eq!(kari.is_refused("accessPackageRelease", of(json!({}))).await.0, "ALREADY_RELEASED");
    assert_eq!(
        kari.is_refused("accessDocumentDecide", decide(&call, "FULL", "", "")).await.0,
        "ALREADY_RELEASED"
    );

    // What is downloaded is what was released, byte for byte, today and after a restart.
    let package = the_request(&kari, &id).await["package"].take();
    assert_eq!((&package["path"], &package["by"]["staff"]["login"]), (&json!(path), &json!("kari")));
    let (status, bytes) = download(&kari, &path).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        (json!(hex(&bytes)), json!(bytes.len())),
        (package["sha256"].clone(), package["bytes"].clone())
    );
    server.restart().await;
    assert_eq!(download(&kari, &path).await.1, bytes);
    holds_what_was_decided(&bytes, [&call, &waiver, &decision, &letter, &lease]);

    // Who may not have it does not get it, and every download is noted.
    assert_eq!(download(&rita, &path).await.0, StatusCode::FORBIDDEN);
    assert_eq!(download(&server.visitor(), &path).await.0, StatusCode::UNAUTHORIZED);
    let theirs = server.login("kari", "0751").await;
    assert_eq!(download(&theirs, &path).await.0, StatusCode::NOT_FOUND);
    assert_eq!(download(&kari, "/api/access-requests/x/package").await.0, StatusCode::NOT_FOUND);
    let log = "{ accessLog(first: 100) { edges { node { type caseId purpose attempt actor { staff { login } } } } } }";
    eventually("the downloads are in the access log", async || {
        let log = rita.ask(log, json!({})).await["accessLog"]["edges"].take();
        let entries: Vec<_> = log.as_array().unwrap().iter().map(|edge| &edge["node"]).collect();
        let exports = entries.iter().filter(|entry| {
            entry["type"] == "ExportMade" && entry["caseId"] == *case && entry["purpose"] == "CITIZEN_REQUEST"
        });
        let refused = entries.iter().any(|entry| entry["attempt"] == "accessPackageDownload");
        (exports.count() == 2 && refused).then_some(())
    })
    .await;
}

/// An index for people, one for programs, the texts that are given, and the hash of every file.
fn holds_what_was_decided(bytes: &[u8], [call, waiver, decision, letter, lease]: [&String; 5]) {
    let files = unzipped(bytes);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let (given_call, given_decision) = (format!("001-{call}.txt"), format!("003-{decision}.txt"));
    let (given_letter, given_lease) = (format!("004-{letter}.pdf"), format!("005-{lease}.pdf"));
    assert_eq!(
        names,
        ["index.html", "index.json", &given_call, &given_decision, &given_letter, &given_lease, "SHA256SUMS"]
    );
    let file = |name: &str| files.iter().find(|(known, _)| known == name).unwrap().1.as_slice();
    assert_eq!(file(&given_lease), LEASE, "the bytes that were journalised");
    assert!(file(&given_letter).starts_with(b"%PDF"), "the letter that was sent");
    let text = |name: &str| String::from_utf8_lossy(file(name)).into_owned();
    assert!(text(&given_call).contains("Hun bor med […].") && text(&given_call).contains("FVL § 15 b"));
    assert!(
        text(&given_decision).contains("Vi giver afslag")
            && text(&given_decision).contains("Klagevejledning")
    );
    let all: String = files.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes)).collect();
    assert!(
        !all.contains("Ib på Nummer 7") && !all.contains("selv oplyst"),
        "what is withheld is in the package"
    );
    let index: Value = serde_json::from_str(&text("index.json")).unwrap();
    let documents = index["documents"].as_array().unwrap();
    assert_eq!(documents[1]["reference"], **waiver);
    assert_eq!((&documents[1]["disclosure"], &documents[1]["file"]), (&json!("withheld"), &Value::Null));
    assert_eq!(documents[2]["sha256"], hex(file(&given_decision)));
    assert_eq!((&documents[4]["file"], &documents[4]["sha256"]), (&json!(given_lease), &json!(hex(LEASE))));
    assert!(text("index.html").contains("FVL § 12") && text("index.html").contains("Ikke udleveret"));
    for line in text("SHA256SUMS").lines() {
        let (sum, name) = line.split_once("  ").unwrap();
        assert_eq!(sum, hex(file(name)), "{name}");
    }
}

#[tokio::test]
async fn a_request_is_withdrawn_or_closed_with_a_reason_and_leaves_the_list() {
    let server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    let case = kari.opens_a_case("Uden akter").await;
    kari.does("caseAssign", json!({ "caseId": case, "staffId": kari.id_of("kari").await })).await;
    let ask = json!({ "caseId": case, "requester": "En journalist", "askedFor": "Alt", "basis": "OPENNESS" });
    let asks = async || {
        let asked = kari.does("accessRequestReceive", ask.clone()).await;
        asked["accessRequest"]["id"].as_str().unwrap().to_owned()
    };
    let (first, second) = (asks().await, asks().await);
    let open =
        "{ accessRequests(first: 10, open: true) { totalCount edges { node { id undecided daysLeft } } } }";
    assert_eq!(kari.ask(open, json!({})).await["accessRequests"]["totalCount"], 2);
    let nothing = kari.is_refused("accessPackageRelease", json!({ "accessRequestId": first })).await;
    assert_eq!(nothing.0, "NO_DOCUMENTS");
    let because = |id: &str, reason: &str| json!({ "accessRequestId": id, "reason": reason });
    assert_eq!(kari.is_refused("accessRequestClose", because(&first, "")).await.0, "FIELD_EMPTY");
    kari.does("accessRequestClose", because(&first, "Sagen har ingen akter.")).await;
    kari.does("accessRequestWithdraw", because(&second, "Hun har fortrudt.")).await;
    assert_eq!(kari.ask(open, json!({})).await["accessRequests"]["totalCount"], 0);
    assert_eq!(
        kari.is_refused("accessRequestWithdraw", because(&second, "Igen")).await.0,
        "ACCESS_REQUEST_CLOSED"
    );
}
