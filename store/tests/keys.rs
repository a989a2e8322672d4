//! The key ring: what it seals opens in its place only, and what is destroyed stays destroyed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod support;

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use skranke_domain::sealed::{Opener, SealError, Sealer};
use skranke_domain::{StreamId, SubjectId, Tenant};
use skranke_store::{Expected, KeyError, KeyRing, MasterKey, NewEvent, StreamWrite};
use support::{embedded, event, stream};
use uuid::Uuid;

const SECRET: &[u8] = "\"Ærø Østergård, cpr. 010190-1234\"".as_bytes();

fn subject(n: u128) -> SubjectId {
    SubjectId::new(Uuid::from_u128(n))
}

fn tenant() -> Tenant {
    Tenant::try_new("0190").unwrap()
}

fn master(text: &str) -> MasterKey {
    MasterKey::from_base64(&SecretString::from(text)).unwrap()
}

/// A ring and the text of its master key.
fn ring(dir: &Path) -> (KeyRing, String) {
    let key = MasterKey::generate().unwrap();
    let text = key.to_base64().expose_secret().to_owned();
    (KeyRing::open(dir, key).unwrap(), text)
}

#[test]
fn what_is_sealed_opens_again_also_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (ring, key) = ring(dir.path());
    let one = ring.for_stream(&stream("one"));
    let sealed = one.seal(subject(1), "Note.text", SECRET).unwrap();
    assert_ne!(sealed, one.seal(subject(1), "Note.text", SECRET).unwrap(), "the nonce is random");
    assert_eq!(one.open(subject(1), "Note.text", &sealed).unwrap().as_deref(), Some(SECRET));
    drop((ring, one));
    let ring = KeyRing::open(dir.path(), master(&key)).unwrap();
    let opened = ring.for_stream(&stream("one")).open(subject(1), "Note.text", &sealed).unwrap();
    assert_eq!(opened.as_deref(), Some(SECRET));
}

#[test]
fn a_changed_byte_or_a_moved_field_does_not_open() {
    let dir = tempfile::tempdir().unwrap();
    let (ring, _) = ring(dir.path());
    let one = ring.for_stream(&stream("one"));
    let sealed = one.seal(subject(1), "Note.text", SECRET).unwrap();
    for at in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[at] ^= 1;
        assert_eq!(one.open(subject(1), "Note.text", &altered), Err(SealError::Altered), "byte {at}");
    }
    for length in 0..sealed.len() {
        assert_eq!(one.open(subject(1), "Note.text", &sealed[..length]), Err(SealError::Altered));
    }
    assert_eq!(one.open(subject(1), "Note.title", &sealed), Err(SealError::Altered));
    let two = ring.for_stream(&stream("two"));
    assert_eq!(two.open(subject(1), "Note.text", &sealed), Err(SealError::Altered));
    two.seal(subject(2), "Note.text", SECRET).unwrap();
    assert_eq!(one.open(subject(2), "Note.text", &sealed), Err(SealError::Altered));
    // The same subject in another municipality is another key.
    let elsewhere = StreamId::try_from("test-0101-one".to_owned()).unwrap();
    assert_eq!(ring.for_stream(&elsewhere).open(subject(1), "Note.text", &sealed), Ok(None));
}

#[test]
fn a_destroyed_key_is_gone_for_good() {
    let dir = tempfile::tempdir().unwrap();
    let (ring, key) = ring(dir.path());
    let seals = ring.for_stream(&stream("one"));
    let sealed = seals.seal(subject(1), "Note.text", SECRET).unwrap();
    let other = seals.seal(subject(2), "Note.text", SECRET).unwrap();
    let wrapped: Vec<u8> = rusqlite::Connection::open(dir.path().join("keys.db"))
        .unwrap()
        .query_row("SELECT wrapped FROM keys WHERE subject = ?1", [subject(1).uuid().as_bytes()], |row| {
            row.get(0)
        })
        .unwrap();
    assert!(anywhere(dir.path(), &wrapped));

    assert!(ring.destroy(tenant(), subject(1)).unwrap());
    assert!(!ring.destroy(tenant(), subject(1)).unwrap(), "there was none any more");
    assert_eq!(seals.open(subject(1), "Note.text", &sealed), Ok(None));
    assert!(matches!(seals.seal(subject(1), "Note.text", SECRET), Err(SealError::KeyRing(_))));
    assert_eq!(seals.open(subject(2), "Note.text", &other).unwrap().as_deref(), Some(SECRET));
    assert!(!anywhere(dir.path(), &wrapped), "the key, even wrapped, is still on disk");
    drop((ring, seals));
    let ring = KeyRing::open(dir.path(), master(&key)).unwrap();
    assert_eq!(ring.for_stream(&stream("one")).open(subject(1), "Note.text", &sealed), Ok(None));
    assert!(ring.ensure(tenant(), subject(1)).is_err());
}

#[test]
fn a_wrong_master_key_is_noticed_at_the_door() {
    let dir = tempfile::tempdir().unwrap();
    let (first, key) = ring(dir.path());
    drop(first);
    let other = MasterKey::generate().unwrap();
    let error = KeyRing::open(dir.path(), other).unwrap_err();
    assert!(matches!(error, KeyError::WrongMaster), "{error}");
    KeyRing::open(dir.path(), master(&format!("  {key}\n"))).unwrap();
    for text in ["", "hunter2", "QUJD", &key[1..]] {
        let error = MasterKey::from_base64(&SecretString::from(text)).unwrap_err();
        assert!(matches!(error, KeyError::NotAMasterKey));
    }
}

#[test]
fn no_text_shows_a_key() {
    let dir = tempfile::tempdir().unwrap();
    let key = MasterKey::generate().unwrap();
    let text = key.to_base64();
    let shown = format!("{key:?} {text:?}");
    let ring = KeyRing::open(dir.path(), key).unwrap();
    let shown = format!("{shown} {ring:?} {:?}", ring.for_stream(&stream("s")));
    assert!(!shown.contains(text.expose_secret()) && shown.contains("test-0190-s"), "{shown}");
    assert!(!anywhere(dir.path(), text.expose_secret().as_bytes()));
}

#[test]
fn two_at_once_get_one_key() {
    let dir = tempfile::tempdir().unwrap();
    let (ring, key) = ring(dir.path());
    // Two rings over one file are two processes as far as the file can tell.
    let twin = KeyRing::open(dir.path(), master(&key)).unwrap();
    let sealed: Vec<_> = std::thread::scope(|scope| {
        let hands: Vec<_> = (0..8)
            .map(|n| {
                let ring = if n % 2 == 0 { &ring } else { &twin };
                scope.spawn(move || {
                    let seals = ring.for_stream(&stream("s"));
                    (0..20).map(|n| (n, seals.seal(subject(n), "F", SECRET).unwrap())).collect::<Vec<_>>()
                })
            })
            .collect();
        hands.into_iter().flat_map(|hand| hand.join().unwrap()).collect()
    });
    let seals = ring.for_stream(&stream("s"));
    for (n, sealed) in sealed {
        assert_eq!(seals.open(subject(n), "F", &sealed).unwrap().as_deref(), Some(SECRET));
    }
}

#[tokio::test]
async fn the_plain_text_is_in_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let (ring, _) = ring(dir.path());
    let stream = stream("s");
    let sealed = ring.for_stream(&stream).seal(subject(1), "Note.text", SECRET).unwrap();
    let log = embedded(dir.path());
    let events = vec![NewEvent { data: sealed.clone(), ..event("Noted", 1) }];
    log.append(StreamWrite { stream, expected: Expected::NoStream, events }, None).await.unwrap();
    assert!(anywhere(dir.path(), &sealed));
    assert!(!anywhere(dir.path(), b"010190-1234") && !anywhere(dir.path(), "Østergård".as_bytes()));
}

/// Whether the bytes stand in any file of the directory, write-ahead logs included.
fn anywhere(dir: &Path, wanted: &[u8]) -> bool {
    std::fs::read_dir(dir).unwrap().any(|file| {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        bytes.windows(wanted.len()).any(|window| window == wanted)
    })
}
