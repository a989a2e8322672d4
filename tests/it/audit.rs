//! Proof of the history with the real program: kept while it serves, exported, and verified by somebody who has
//! nothing but the file, the public key and a checkpoint.

use std::path::Path;

use crate::server::{Server, Setup};

/// Runs a command that must succeed, and answers what it printed.
pub(crate) async fn run(setup: &Setup, arguments: &[&str]) -> String {
    let ended = setup.run(arguments).await;
    assert!(ended.success, "{arguments:?}: {}", ended.output);
    ended.output
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test]
async fn what_the_server_recorded_is_verified_outside_and_a_changed_byte_or_a_cut_is_found() {
    let mut server = Server::start().await;
    server.stop().await;
    let secret = std::fs::read_to_string(server.folder().join("data.ledger-key")).unwrap();
    let setup = server.setup().with_data_in(&server.data()).set("SKRANKE_LEDGER_KEY", &secret);
    let key = run(&setup, &["audit", "key", "show"]).await;
    let key = key.trim();
    let outside = tempfile::tempdir().unwrap();
    let (pack, kept, log) =
        (outside.path().join("pack"), outside.path().join("kept"), outside.path().join("older"));
    run(&setup, &["audit", "export", text(&pack)]).await;
    // The log as it was, while the history goes on.
    run(&setup, &["log", "backup", text(&log)]).await;
    run(&setup, &["load-demo", "--cases", "1"]).await;
    std::fs::write(&kept, run(&setup, &["audit", "checkpoint", "show"]).await).unwrap();

    let anybody = Setup::new().with_data_in(outside.path());
    let verified = run(&anybody, &["audit", "verify", "--key", key, text(&pack)]).await;
    assert!(verified.ends_with("VERIFIED\n"), "{verified}");
    let data = server.data();
    let verify_data = ["audit", "verify", "--key", key, "--checkpoint", text(&kept), text(&data)];
    assert!(run(&anybody, &verify_data).await.ends_with("VERIFIED\n"));
    let nothing_given = anybody.run(&["audit", "verify", text(&pack)]).await;
    assert!(
        !nothing_given.success && nothing_given.output.contains("--checkpoint"),
        "{}",
        nothing_given.output
    );

    let mut bytes = std::fs::read(&pack).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&pack, &bytes).unwrap();
    let changed = anybody.run(&["audit", "verify", "--key", key, text(&pack)]).await;
    assert!(!changed.success && changed.output.contains("WRONG: "), "{}", changed.output);

    // An older copy of the log is put back beside the newer ledger, and the views are thrown away.
    std::fs::remove_dir_all(data.join("log")).unwrap();
    for file in std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path()) {
        if file.file_name().unwrap().to_string_lossy().starts_with("views") {
            std::fs::remove_file(file).unwrap();
        }
    }
    std::fs::create_dir(data.join("log")).unwrap();
    for entry in std::fs::read_dir(log.join("log")).unwrap().map(Result::unwrap) {
        std::fs::copy(entry.path(), data.join("log").join(entry.file_name())).unwrap();
    }
    let cut = anybody.run(&verify_data).await;
    assert!(!cut.success && cut.output.contains("the log was cut short"), "{}", cut.output);
    let signed = run(&setup, &["audit", "checkpoint", "show"]).await;
    setup.run(&["load-demo", "--cases", "1"]).await;
    assert_eq!(run(&setup, &["audit", "checkpoint", "show"]).await, signed, "nothing is signed over it");
}
