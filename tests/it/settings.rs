//! Starting with something wrong: one clear sentence, no stack trace, and nothing touched. And secrets stay secret.

use std::net::TcpListener;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::server::{PASSWORD, Setup};

#[tokio::test]
async fn a_data_folder_in_use_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let setup = Setup::new().with_data_in(&folder.path().join("data"));
    let first = setup.clone().start().await;
    for arguments in
        [&["serve", "--demo", "--listen", "127.0.0.1:0"][..], &["views", "rebuild"], &["load-demo"]]
    {
        let second = setup.run(arguments).await;
        assert!(second.why().contains("is in use by another skranke process: stop it"), "{}", second.output);
    }
    first.still_answers().await;
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = Setup::new().on(&address).refuse().await;
    let why = ended.why();
    assert!(why.contains(&address) && why.contains("--listen"), "{why}");
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    std::fs::write(&file, "not a folder").unwrap();
    let ended = Setup::new().with_data_in(&file.join("data")).refuse().await;
    assert!(
        ended.why().contains("cannot make the data folder") && ended.why().contains("a-file"),
        "{}",
        ended.why()
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "not a folder");
}

#[tokio::test]
async fn without_a_master_key_it_says_how_to_make_one() {
    let ended = Setup::new().without_demo().refuse().await;
    let why = ended.why();
    assert!(why.contains("SKRANKE_MASTER_KEY is not set") && why.contains("skranke key new"), "{why}");
}

#[tokio::test]
async fn a_master_key_that_is_none_or_another_one_is_refused_and_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let setup = Setup::new().with_data_in(&folder.path().join("data"));
    let mut server = setup.clone().start().await;
    server.stop().await;

    let none = setup.clone().set("SKRANKE_MASTER_KEY", "hemmelig-men-ingen-noegle").refuse().await;
    assert!(none.why().contains("this is no master key"), "{}", none.output);
    assert!(!none.output.contains("hemmelig"), "{}", none.output);

    let another = STANDARD.encode([7; 32]);
    let wrong = setup.clone().set("SKRANKE_MASTER_KEY", &another).refuse().await;
    assert!(wrong.why().contains("made with another master key"), "{}", wrong.output);
    assert!(!wrong.output.contains(&another), "{}", wrong.output);

    // Nothing was changed: with the right key everything opens.
    server.restart().await;
    server.login("kari", "0190").await;
    server.still_answers().await;
}

#[tokio::test]
async fn a_master_key_is_rotated_and_the_old_one_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let [old, new] = [[7; 32], [8; 32]].map(|key| STANDARD.encode(key));
    let setup = Setup::new().with_data_in(&folder.path().join("data"));
    let under = |key: &str| setup.clone().set("SKRANKE_MASTER_KEY", key);
    let mut server = under(&old).start().await;
    let rotate = under(&old).set("SKRANKE_MASTER_KEY_NEW", &new);
    let running = rotate.run(&["key", "rotate"]).await;
    assert!(running.why().contains("in use by another skranke process"), "{}", running.output);
    server.stop().await;

    let half = under(&old).run(&["key", "rotate"]).await;
    assert!(half.why().contains("SKRANKE_MASTER_KEY_NEW"), "{}", half.output);
    let rotated = rotate.run(&["key", "rotate"]).await;
    assert!(rotated.success && !rotated.output.starts_with("0 keys"), "{}", rotated.output);
    assert!(rotated.output.contains("keys were moved"), "{}", rotated.output);
    let again = rotate.run(&["key", "rotate"]).await;
    assert!(again.success && again.output.starts_with("0 keys"), "{}", again.output);
    for said in [rotated.output, again.output, half.output] {
        assert!(!said.contains(&old) && !said.contains(&new), "{said}");
    }

    let refused = under(&old).refuse().await;
    assert!(refused.why().contains("has been moved"), "{}", refused.output);
    // A password hash is a sealed field: whoever can log in was opened with the new key.
    under(&new).start().await.login("kari", "0190").await;
    under(&new).set("SKRANKE_MASTER_KEY_OLD", &old).start().await.login("kari", "0190").await;
}

#[tokio::test]
async fn a_demonstrations_key_file_is_rotated_too_also_when_it_was_cut_short() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let [key, next] = ["data.key", "data.key.next"].map(|name| folder.path().join(name));
    let setup = Setup::new().with_data_in(&data);
    setup.clone().start().await.stop().await;
    let before = std::fs::read_to_string(&key).unwrap();
    let rotated = setup.run(&["key", "rotate", "--demo"]).await;
    assert!(rotated.success, "{}", rotated.output);
    let after = std::fs::read_to_string(&key).unwrap();
    assert!(before != after && !next.exists());
    // Cut short before the new file took the old one's place: both are there, and the ring is under the new one.
    std::fs::write(&next, &after).unwrap();
    std::fs::write(&key, &before).unwrap();
    let mut server = setup.clone().start().await;
    server.login("kari", "0190").await;
    server.stop().await;
    let finished = setup.run(&["key", "rotate", "--demo"]).await;
    assert!(finished.success && finished.output.starts_with("0 keys"), "{}", finished.output);
    assert!(std::fs::read_to_string(&key).unwrap() == after && !next.exists());
}

#[tokio::test]
async fn the_sentence_about_a_bad_master_key_names_a_command_that_exists() {
    let ended = Setup::new().set("SKRANKE_MASTER_KEY", "x").refuse().await;
    assert!(ended.why().contains("skranke key new"), "{}", ended.why());
}

#[tokio::test]
async fn an_unknown_or_impossible_setting_is_refused() {
    let unknown = Setup::new().set("SKRANKE_LISSTEN", "127.0.0.1:1").refuse().await;
    assert!(
        unknown.why().contains("lissten") && unknown.why().contains("skranke config"),
        "{}",
        unknown.why()
    );
    let kind = Setup::new().set("SKRANKE_LIMITS_BODY_BYTES", "many").refuse().await;
    assert!(kind.why().contains("skranke config"), "{}", kind.why());

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("skranke.toml");
    let named = Setup::new().set("SKRANKE_CONFIG", file.to_str().unwrap());
    assert!(named.refuse().await.why().contains("cannot read"), "a file that is named must be there");
    for (text, hint) in [
        ("[session]\nminutes = 3", "minutes"),
        ("master_key = \"kage\"", "master_key"),
        ("listen = 5", "socket address"),
        ("this is = = no TOML", "not TOML"),
    ] {
        std::fs::write(&file, text).unwrap();
        let ended = Setup::new().run(&["--config", file.to_str().unwrap(), "views", "rebuild"]).await;
        assert!(ended.why().contains(hint), "{text}: {}", ended.why());
        assert!(!ended.why().contains("kage"), "{}", ended.why());
    }
}

#[tokio::test]
async fn the_configuration_file_can_be_named_in_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("skranke.toml");
    std::fs::write(&file, "[session]\nhours = 2\n").unwrap();
    let setup = Setup::new().set("SKRANKE_CONFIG", file.to_str().unwrap());
    let server = setup.start().await;
    server.still_answers().await;
}

#[tokio::test]
async fn a_short_password_an_unknown_municipality_and_a_name_that_is_taken_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let key = Setup::new().run(&["key", "new"]).await.output;
    let setup = Setup::new().with_data_in(&folder.path().join("data")).set("SKRANKE_MASTER_KEY", key.trim());
    let add = |tenant: &'static str| {
        ["user", "add", "--tenant", tenant, "--login", "ida", "--name", "Ida Opdigtet", "--role", "auditor"]
    };
    assert!(setup.run(&add("0190")).await.why().contains("SKRANKE_PASSWORD"));
    let short = setup.clone().set("SKRANKE_PASSWORD", "kort");
    assert!(short.run(&add("0190")).await.why().contains("at least 12 characters"));
    let right = setup.clone().set("SKRANKE_PASSWORD", "en lang adgangskode");
    assert!(right.run(&add("0999")).await.why().contains("no municipality with the code 0999"));
    let added = right.run(&add("0190")).await;
    assert!(added.success, "{}", added.output);
    let again = right.run(&add("0190")).await;
    assert!(again.why().contains("registered under this id already"), "{}", again.why());

    let server = right.without_demo().start().await;
    let ida = server.visitor();
    assert_eq!(
        ida.log_in("Ida ", "190", "en lang adgangskode").await.status,
        204,
        "case, spaces and three digits"
    );
    assert_eq!(ida.log_in("ida", "0190", "en lang adgangskodE").await.status, 401);
    assert!(!server.output().contains("en lang adgangskode") && !server.output().contains(key.trim()));
}

/// With everything logged that can be logged.
#[tokio::test]
async fn secrets_and_words_are_in_no_output_however_much_is_logged() {
    let key = STANDARD.encode([42; 32]);
    let setup = Setup::new().set("SKRANKE_TELEMETRY_FILTER", "trace").set("SKRANKE_MASTER_KEY", &key);
    let server = setup.set("SKRANKE_PASSWORD", "en-adgangskode-i-miljoeet").start().await;
    let citizen = server.visitor();
    citizen.writes("Min hemmelige bekymring er huslejen").await;
    let kari = server.login("kari", "0190").await;
    kari.log_in("kari", "0190", "en-forkert-adgangskode").await;
    kari.opens_a_case("En titel som er privat").await;
    citizen.get("/?lang=da&text=min-hemmelige-adresse").await;

    let output = server.output();
    assert!(output.contains("TRACE") && output.len() > 10_000, "it did not log much");
    let tokens: Vec<String> = [&citizen, &kari].iter().map(|person| person.cookies()).collect();
    let tokens =
        tokens.iter().flat_map(|cookies| cookies.split("; ")).filter_map(|cookie| cookie.split_once('='));
    for (name, token) in tokens {
        assert!(!output.contains(token), "the cookie {name} was logged");
    }
    let words = ["hemmelig", "huslejen", "adgangskode", "En titel som er privat", "Dagny", "Kari Tænktby; "];
    for secret in words.into_iter().chain([key.as_str()]) {
        let lines: Vec<_> = output.lines().filter(|line| line.contains(secret)).take(3).collect();
        // The start page of a demonstration says what the password is: "Log in with …, password skranke-demo".
        let lines: Vec<_> = lines.into_iter().filter(|line| !line.contains(PASSWORD)).collect();
        assert!(lines.is_empty(), "{secret}: {lines:?}");
    }
}
