//! The key ring's file: what stands in it, what no longer does, and what is left when a rotation is killed. What
//! holds for every ring is in `ring.rs`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod support;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use skranke_domain::sealed::{Opener, SealError, Sealer};
use skranke_domain::{SubjectId, Tenant};
use skranke_store::{Expected, KeyError, KeyRing, MasterKey, Masters, NewEvent, StreamWrite};
use support::{embedded, event, random, stream};
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
    assert!(matches!(seals.seal(subject(1), "Note.text", SECRET), Err(SealError::Destroyed)));
    assert_eq!(seals.open(subject(2), "Note.text", &other).unwrap().as_deref(), Some(SECRET));
    assert!(!anywhere(dir.path(), &wrapped), "the key, even wrapped, is still on disk");
    drop((ring, seals));
    let ring = KeyRing::open(dir.path(), master(&key)).unwrap();
    assert_eq!(ring.for_stream(&stream("one")).open(subject(1), "Note.text", &sealed), Ok(None));
    assert!(ring.for_stream(&stream("one")).seal(subject(1), "Note.text", SECRET).is_err());
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

const DIR: &str = "SKRANKE_ROTATE_DIR";
const KEYS: u128 = 400;

/// Two master keys that parent and child both know.
fn masters(n: usize) -> Masters {
    let key = |n: usize| {
        master(
            ["MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="]
                [n],
        )
    };
    Masters { current: key(n), old: Some(key(1 - n)) }
}

/// The child's part: rotates to and fro until it is killed. Without the variable it is no test at all.
#[test]
fn child() {
    #[expect(clippy::disallowed_methods, reason = "it is how the parent tells its child where to write")]
    let Some(dir) = std::env::var_os(DIR) else { return };
    let rings = [0, 1].map(|n| KeyRing::open(dir.as_ref(), masters(n)).unwrap());
    println!("ready");
    for n in 0.. {
        rings[n % 2].rotate().unwrap();
    }
}

#[test]
fn a_rotation_that_is_killed_leaves_a_ring_under_one_master_or_the_other() {
    let dir = tempfile::tempdir().unwrap();
    let first = KeyRing::open(dir.path(), masters(0)).unwrap();
    let seals = first.for_stream(&stream("s"));
    let sealed: Vec<_> = (0..KEYS).map(|n| (n, seals.seal(subject(n), "F", SECRET).unwrap())).collect();
    drop((first, seals));
    let mut under = [0, 0];
    for _ in 0..20 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--nocapture", "--test-threads=1"])
            .env(DIR, dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("ready")), "the child did not start");
        std::thread::sleep(Duration::from_micros(random() % 40_000));
        child.kill().unwrap();
        child.wait().unwrap();

        let rings = [0, 1].map(|n| KeyRing::open(dir.path(), masters(n).current));
        assert_eq!(rings.iter().filter(|ring| ring.is_ok()).count(), 1, "{rings:?}");
        for (n, ring) in rings.into_iter().enumerate() {
            let Ok(ring) = ring else { continue };
            under[n] += 1;
            let seals = ring.for_stream(&stream("s"));
            for (n, sealed) in &sealed {
                assert_eq!(seals.open(subject(*n), "F", sealed).unwrap().as_deref(), Some(SECRET));
            }
        }
    }
    println!("killed under one and the other master: {under:?}");
}

#[test]
fn a_rotation_leaves_no_key_under_the_old_master_in_any_file() {
    let dir = tempfile::tempdir().unwrap();
    let ring = KeyRing::open(dir.path(), masters(0)).unwrap();
    for n in 0..50 {
        ring.for_stream(&stream("s")).seal(subject(n), "F", SECRET).unwrap();
    }
    let wrapped = |dir: &Path| -> Vec<Vec<u8>> {
        let file = rusqlite::Connection::open(dir.join("keys.db")).unwrap();
        let mut select = file.prepare("SELECT wrapped FROM keys UNION SELECT proof FROM ring").unwrap();
        let rows = select.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let before = wrapped(dir.path());
    assert!(before.len() == 51 && before.iter().all(|bytes| anywhere(dir.path(), bytes)));
    assert_eq!(KeyRing::open(dir.path(), masters(1)).unwrap().rotate().unwrap(), 50);
    assert!(!before.iter().any(|bytes| anywhere(dir.path(), bytes)), "the old master still finds a key");
}

#[test]
fn a_rotation_that_meets_an_altered_key_moves_none() {
    let dir = tempfile::tempdir().unwrap();
    let ring = KeyRing::open(dir.path(), masters(0)).unwrap();
    let seals = ring.for_stream(&stream("s"));
    let sealed: Vec<_> = (0..3).map(|n| seals.seal(subject(n), "F", SECRET).unwrap()).collect();
    let file = rusqlite::Connection::open(dir.path().join("keys.db")).unwrap();
    let last = subject(2);
    file.execute("UPDATE keys SET wrapped = zeroblob(73) WHERE subject = ?1", [last.uuid().as_bytes()])
        .unwrap();
    let rotated = KeyRing::open(dir.path(), masters(1)).unwrap().rotate();
    assert!(matches!(rotated, Err(KeyError::Damaged)), "{rotated:?}");
    let ring = KeyRing::open(dir.path(), masters(0).current).unwrap();
    let seals = ring.for_stream(&stream("s"));
    assert_eq!(seals.open(subject(1), "F", &sealed[1]).unwrap().as_deref(), Some(SECRET));
    assert!(matches!(seals.open(last, "F", &sealed[2]), Err(SealError::KeyRing(_))));
}

/// Whether the bytes stand in any file of the directory, write-ahead logs included.
fn anywhere(dir: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(dir).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return anywhere(&path, bytes);
        }
        std::fs::read(path).unwrap().windows(bytes.len()).any(|window| window == bytes)
    })
}
