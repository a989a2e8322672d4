//! The document store: what is stored is read back, what was altered or erased is not, and nothing gets in that may not.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::TryStreamExt;
use futures::stream;
use proptest::prelude::*;
use skranke_domain::{CaseId, SubjectId, Tenant};
use skranke_store::documents::{Acceptance, DocumentError, Documents, Received, Scanner, Whose};
use skranke_store::{KeyRing, MasterKey};
use tempfile::TempDir;
use uuid::Uuid;

const PDF: &str = "application/pdf";
const SECRET: &[u8] = b"Lejer: Dagny Demosen, Kirsebaervej 7";

struct Store {
    documents: Documents,
    keys: Arc<KeyRing>,
    folder: TempDir,
}

fn acceptance() -> Acceptance {
    Acceptance { largest: 1 << 20, types: vec![PDF.to_owned()], scanner: None }
}

fn store_with(acceptance: Acceptance) -> Store {
    let folder = tempfile::tempdir().unwrap();
    let keys = Arc::new(KeyRing::open(folder.path(), MasterKey::generate().unwrap()).unwrap());
    let documents = Documents::open(&folder.path().join("documents"), Arc::clone(&keys), acceptance).unwrap();
    Store { documents, keys, folder }
}

fn store() -> Store {
    store_with(acceptance())
}

fn whose(subject: u128) -> Whose {
    let tenant = Tenant::try_new("0190").unwrap();
    Whose::new(tenant, CaseId::new(Uuid::from_u128(1)), SubjectId::new(Uuid::from_u128(subject)))
}

fn pdf(size: usize) -> Vec<u8> {
    let mut bytes = [b"%PDF-1.7\n", SECRET].concat();
    let filling = (0..251_u8).cycle().take(size.saturating_sub(bytes.len()));
    bytes.extend(filling);
    bytes
}

fn in_chunks(bytes: &[u8], sizes: &[usize]) -> Vec<Bytes> {
    let (mut rest, mut chunks) = (bytes, Vec::new());
    for size in sizes.iter().copied().cycle() {
        if rest.is_empty() {
            break;
        }
        let (chunk, more) = rest.split_at(size.clamp(1, rest.len()));
        chunks.push(Bytes::copy_from_slice(chunk));
        rest = more;
    }
    chunks
}

impl Store {
    async fn receive(&self, whose: Whose, chunks: Vec<Bytes>) -> Result<Received, DocumentError> {
        let arriving = stream::iter(chunks.into_iter().map(Ok::<_, std::io::Error>));
        self.documents.receive(whose, arriving).await
    }

    async fn kept(&self, whose: Whose, bytes: &[u8]) -> Received {
        let received = self.receive(whose, vec![Bytes::copy_from_slice(bytes)]).await.unwrap();
        self.documents.keep(&received).await.unwrap();
        received
    }

    fn files(&self) -> Vec<PathBuf> {
        files_in(&self.folder.path().join("documents"))
    }
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_in(&path) } else { vec![path] }).collect()
}

fn scanner(script: &str) -> Acceptance {
    let arguments = vec!["-c".to_owned(), script.to_owned()];
    let patience = Duration::from_secs(5);
    let scanner = Some(Scanner { program: PathBuf::from("/bin/sh"), arguments, patience });
    Acceptance { scanner, ..acceptance() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn what_is_stored_is_read_back_however_it_came(
        size in prop_oneof![45_usize..2_000, 65_500_usize..65_600, 131_000_usize..131_100, 1_usize..300_000],
        chunks in proptest::collection::vec(1_usize..100_000, 1..6),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let (store, bytes) = (store(), pdf(size));
            let received = store.receive(whose(2), in_chunks(&bytes, &chunks)).await.unwrap();
            prop_assert_eq!(received.size, bytes.len() as u64);
            // Before its event and after it.
            prop_assert_eq!(&store.documents.read_whole(whose(2), received.hash).await.unwrap()[..], &bytes[..]);
            store.documents.keep(&received).await.unwrap();
            prop_assert_eq!(&store.documents.read_whole(whose(2), received.hash).await.unwrap()[..], &bytes[..]);
            prop_assert_eq!(store.documents.address(whose(2).tenant, whose(2).subject, &bytes).await.unwrap(), received.hash);
            Ok(())
        })?;
    }

    #[test]
    fn a_changed_or_missing_byte_is_found_before_the_first_one_is_shown(
        size in prop_oneof![45_usize..2_000, 65_500_usize..65_600, 131_000_usize..200_000],
        place in any::<prop::sample::Index>(), bit in 0_u8..8, cut in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let store = store();
            let received = store.kept(whose(2), &pdf(size)).await;
            let [file] = &store.files()[..] else { panic!("one file") };
            let mut sealed = std::fs::read(file).unwrap();
            let place = place.index(sealed.len());
            if cut { sealed.truncate(place) } else { sealed[place] ^= 1 << bit }
            std::fs::write(file, sealed).unwrap();
            let read = store.documents.read(whose(2), received.hash).await.map(|_| ());
            prop_assert!(matches!(read, Err(DocumentError::Altered | DocumentError::Disk(_))), "{:?}", read);
            Ok(())
        })?;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_file_lies_open_and_its_address_tells_nothing() {
    let (store, bytes) = (store(), pdf(200_000));
    let [of_one, of_other] = [store.kept(whose(2), &bytes).await, store.kept(whose(3), &bytes).await];
    assert_ne!(of_one.hash, of_other.hash, "equal files of two people have nothing in common");
    assert_eq!(store.kept(whose(2), &bytes).await.hash, of_one.hash);
    assert_eq!(store.files().len(), 2, "the same file of the same person lies there once");
    for file in store.files() {
        let sealed = std::fs::read(&file).unwrap();
        assert!(!sealed.windows(SECRET.len()).any(|window| window == SECRET), "{}", file.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_file_of_the_same_person_in_its_place_is_found_out() {
    let store = store();
    let lease = store.kept(whose(2), &pdf(5_000)).await;
    let other = store.kept(whose(2), &pdf(6_000)).await;
    let path_of = |received: &Received| {
        let name = received.hash.to_string();
        store.files().into_iter().find(|path| path.ends_with(&name)).unwrap()
    };
    std::fs::copy(path_of(&other), path_of(&lease)).unwrap();
    let read = store.documents.read_whole(whose(2), lease.hash).await;
    assert!(matches!(read, Err(DocumentError::Altered)), "{read:?}");
    assert!(store.documents.read_whole(whose(2), other.hash).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destroyed_key_erases_the_files_of_its_subject_and_nobody_elses() {
    let store = store();
    let [gone, stays] = [store.kept(whose(2), &pdf(500)).await, store.kept(whose(3), &pdf(500)).await];
    store.keys.destroy(whose(2).tenant, whose(2).subject).unwrap();
    let read = store.documents.read_whole(whose(2), gone.hash).await;
    assert!(matches!(read, Err(DocumentError::Erased)), "{read:?}");
    let again = store.receive(whose(2), vec![pdf(500).into()]).await;
    assert!(matches!(again, Err(DocumentError::Erased)), "{again:?}");
    assert!(store.documents.read_whole(whose(3), stays.hash).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_stops_at_the_limit_and_leaves_nothing() {
    let store = store();
    let (mut sent, chunk) = (0_u64, Bytes::from(pdf(1 << 20)));
    // A gigabyte, made as it is asked for: whoever took it whole would be seen to ask for all of it.
    let endless = stream::iter((0..1024).map(|_| {
        sent += chunk.len() as u64;
        Ok::<_, std::io::Error>(chunk.clone())
    }));
    let refused = store.documents.receive(whose(2), endless).await;
    assert!(matches!(refused, Err(DocumentError::TooLarge)), "{refused:?}");
    assert!(sent <= 2 << 20, "{sent} bytes were taken before the limit of one MiB was seen");
    assert!(store.files().is_empty(), "{:?}", store.files());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_type_an_empty_file_and_one_that_breaks_off_are_not_taken() {
    let store = store();
    let executable = store.receive(whose(2), vec![Bytes::from_static(b"\x7fELF\x02\x01\x01 a.pdf")]).await;
    assert!(matches!(executable, Err(DocumentError::Type)), "{executable:?}");
    let page = store.receive(whose(2), vec![Bytes::from_static(b"<html><script>")]).await;
    assert!(matches!(page, Err(DocumentError::Type)), "{page:?}");
    let empty = store.receive(whose(2), vec![]).await;
    assert!(matches!(empty, Err(DocumentError::Empty)), "{empty:?}");
    let broken = [Ok(Bytes::from(pdf(100_000))), Err(std::io::Error::other("gone"))];
    let broken = store.documents.receive(whose(2), stream::iter(broken)).await;
    assert!(matches!(broken, Err(DocumentError::Interrupted)), "{broken:?}");
    assert!(store.files().is_empty(), "{:?}", store.files());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_taken_in_that_the_scanner_did_not_pass() {
    let found = "if grep -q Kirsebaervej; then exit 1; fi";
    let infected = [found, "exit 1", "head -c 1 >/dev/null; exit 1"];
    let faulty = ["cat >/dev/null; exit 2", "exit 0", "kill -9 $$", "no-such-scanner"];
    for script in infected.into_iter().chain(faulty) {
        let store = store_with(scanner(script));
        let refused = store.receive(whose(2), in_chunks(&pdf(900_000), &[10_000])).await;
        let as_it_should = match &refused {
            Err(DocumentError::Infected) => infected.contains(&script),
            Err(DocumentError::NotScanned(_)) => faulty.contains(&script),
            _ => false,
        };
        assert!(as_it_should, "{script}: {refused:?}");
        assert!(store.files().is_empty(), "{script}: {:?}", store.files());
    }
    let clean = store_with(scanner("if grep -q EICAR; then exit 1; fi"));
    assert!(clean.receive(whose(2), in_chunks(&pdf(900_000), &[10_000])).await.is_ok());
    let hanging = Acceptance {
        scanner: scanner("sleep 60").scanner.map(|s| Scanner { patience: Duration::from_millis(200), ..s }),
        ..acceptance()
    };
    let hanging = store_with(hanging).receive(whose(2), vec![pdf(500).into()]).await;
    assert!(matches!(hanging, Err(DocumentError::NotScanned(_))), "{hanging:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_between_file_and_event_is_told_apart_at_the_start() {
    let store = store();
    let [named, nameless] = [pdf(500), pdf(600)];
    let named = store.receive(whose(2), vec![named.into()]).await.unwrap();
    let nameless = store.receive(whose(2), vec![nameless.into()]).await.unwrap();
    let half = store.folder.path().join("documents/incoming/0123.part");
    std::fs::write(&half, b"SKD1").unwrap();
    assert!(
        store.documents.incoming(Duration::from_hours(1)).await.unwrap().is_empty(),
        "others are at work"
    );
    assert!(half.exists());
    let waiting = store.documents.incoming(Duration::ZERO).await.unwrap();
    assert_eq!(waiting.len(), 2);
    for file in &waiting {
        assert_eq!(file.whose(), whose(2));
        store.documents.settle(file, file.hash() == named.hash).await.unwrap();
    }
    assert!(store.documents.incoming(Duration::ZERO).await.unwrap().is_empty() && !half.exists());
    assert!(store.documents.read_whole(whose(2), named.hash).await.is_ok());
    let gone = store.documents.read_whole(whose(2), nameless.hash).await;
    assert!(matches!(gone, Err(DocumentError::Missing)), "{gone:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_hand_discards_another_that_sent_the_same_keeps() {
    let store = store();
    let [one, other] = [store.receive(whose(2), vec![pdf(500).into()]).await.unwrap(), {
        store.receive(whose(2), vec![pdf(500).into()]).await.unwrap()
    }];
    store.documents.discard(&one).await.unwrap();
    store.documents.keep(&other).await.unwrap();
    assert!(store.documents.read_whole(whose(2), one.hash).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_shown_piece_by_piece() {
    let store = store();
    let received = store.kept(whose(2), &pdf(300_000)).await;
    let pieces: Vec<Bytes> =
        store.documents.read(whose(2), received.hash).await.unwrap().try_collect().await.unwrap();
    assert!(pieces.len() > 4 && pieces.iter().all(|piece| piece.len() <= 64 * 1024));
}
