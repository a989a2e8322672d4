//! What people find and plan with: search, saved views, numbers by week; and how an auditor has a line of a history proved.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use skranke_store::ledger::Hash;
use skranke_store::ledger::proof::proves_inclusion;

use crate::people::nodes;
use crate::server::{Server, eventually};

const SEARCH: &str = "query($text: String!, $after: String) { search(text: $text, purpose: CASE_HANDLING, first: 2, after: $after) {
    edges { cursor node { foundIn case { id number title { ... on PersonalText { text } } } } } pageInfo { hasNextPage endCursor } } }";

fn found(answer: &Value) -> Vec<(&str, &str)> {
    let edges = answer["search"]["edges"].as_array().unwrap().iter();
    edges
        .map(|edge| {
            let node = &edge["node"];
            (node["case"]["id"].as_str().unwrap(), node["foundIn"].as_str().unwrap())
        })
        .collect()
}

/// Given cases of two teams; when somebody searches; then they find what they reach, by words in any spelling, and what
/// they found stands in the access log, without the words.
#[tokio::test]
async fn a_caseworker_finds_what_they_reach_and_the_search_is_logged() {
    let server = Server::start().await;
    let (kari, bent, vera, rita, aarhus) = tokio::join!(
        server.login("kari", "0190"),
        server.login("bent", "0190"),
        server.login("vera", "0190"),
        server.login("rita", "0190"),
        server.login("kari", "0751")
    );
    let case = kari.opens_a_case("Kørsel til bækkenbundstræning").await;
    let note = json!({ "caseId": case, "direction": "INCOMING", "text": "Spurgte til Rødgrødvej." });
    kari.does("caseAssign", json!({ "caseId": case, "staffId": kari.id_of("kari").await })).await;
    kari.does("callNote", note).await;
    let ask =
        async |person: &crate::people::Person, text: &str| person.ask(SEARCH, json!({ "text": text })).await;
    for (text, place) in [
        ("baekkenbundstraening", "Sag oprettet"),
        ("Kørs", "Sag oprettet"),
        ("rodgrodvej spurgte", "Telefonnotat"),
    ] {
        assert_eq!(found(&ask(&kari, text).await), [(case.as_str(), place)], "{text}");
    }
    assert_eq!(found(&ask(&aarhus, "rødgrødvej").await), []);
    assert_eq!(rita.error(SEARCH, json!({ "text": "rødgrødvej" })).await, "NOT_ALLOWED");
    assert_eq!(kari.error(SEARCH, json!({ "text": " – " })).await, "BAD_SEARCH");
    // Once the case is another team's, its words are found by that team alone.
    assert_eq!(found(&ask(&bent, "rødgrødvej").await).len(), 1);
    let team = vera.does("teamForm", json!({ "name": "Befordring" })).await["team"]["id"].take();
    vera.does("teamJoin", json!({ "teamId": team, "staffId": kari.id_of("kari").await })).await;
    kari.does("caseAssignTeam", json!({ "caseId": case, "teamId": team })).await;
    assert_eq!(found(&ask(&bent, "rødgrødvej").await), []);
    assert_eq!(found(&ask(&kari, "rødgrødvej").await).len(), 1);

    let own = "{ ownAccess(first: 1) { edges { node { type title rows purpose } } } }";
    let entry = eventually("the search is in the log", async || {
        let entry = kari.ask(own, json!({})).await["ownAccess"]["edges"][0]["node"].take();
        (entry["type"] == "SearchRun" && entry["rows"] == 1).then_some(entry)
    })
    .await;
    assert_eq!((&entry["title"], &entry["purpose"]), (&json!("Søgte i sager"), &json!("CASE_HANDLING")));
    assert!(crate::server::files_with(&server.data(), "ødgrødvej").is_empty(), "not in the index either");
}

#[tokio::test]
async fn a_view_is_saved_shared_changed_and_removed() {
    const VIEWS: &str =
        "{ savedViews(first: 10) { edges { node { id revision mine name { ... on PersonalText { text } }
        sharedWith { name } owner { login } list { overdue dueWithin phases order columns } } } } }";
    let server = Server::start().await;
    let [kari, bent, vera] = server.furesoe(["kari", "bent", "vera"]).await;
    let team = vera.does("teamForm", json!({ "name": "Bolig" })).await["team"]["id"].take();
    vera.does("teamJoin", json!({ "teamId": team, "staffId": kari.id_of("kari").await })).await;
    let list =
        json!({ "overdue": true, "phases": ["IN_HEARING"], "order": "LAST_EVENT", "columns": ["frist"] });
    let view = json!({ "name": "Fru Opdigts sager", "list": list, "shareWithTeamId": team, "idempotencyKey": "en-visning" });
    let saved = kari.does("savedViewSave", view.clone()).await;
    assert_eq!(
        kari.does("savedViewSave", view.clone()).await["view"]["id"],
        saved["view"]["id"],
        "sent twice, saved once"
    );
    assert_eq!(
        bent.is_refused("savedViewSave", json!({ "name": "x", "list": {}, "shareWithTeamId": team })).await.0,
        "NOT_IN_TEAM"
    );
    let of = |person| async move {
        let person: &crate::people::Person = person;
        nodes(person.ask(VIEWS, json!({})).await["savedViews"].take())
    };
    let own = of(&kari).await;
    assert_eq!(own.as_array().unwrap().len(), 1);
    assert_eq!((&own[0]["name"]["text"], &own[0]["mine"]), (&json!("Fru Opdigts sager"), &json!(true)));
    assert_eq!(own[0]["list"]["columns"], json!(["frist"]));
    assert_eq!(of(&bent).await, json!([]));
    vera.does("teamJoin", json!({ "teamId": team, "staffId": kari.id_of("bent").await })).await;
    let shared = of(&bent).await;
    assert_eq!((&shared[0]["owner"]["login"], &shared[0]["mine"]), (&json!("kari"), &json!(false)));
    let bents = bent.does("savedViewSave", json!({ "name": "Egen", "list": {} })).await["view"]["id"].take();
    let paged = "query($after: String) { savedViews(first: 1, after: $after) { edges { cursor node { mine } }
        pageInfo { hasNextPage } } }";
    let first = bent.ask(paged, json!({})).await["savedViews"].take();
    let after = json!({ "after": first["edges"][0]["cursor"] });
    let second = bent.ask(paged, after).await["savedViews"].take();
    let of_page =
        |page: &Value| (page["edges"][0]["node"]["mine"].clone(), page["pageInfo"]["hasNextPage"].clone());
    assert_eq!(of_page(&first), (json!(false), json!(true)), "the shared one was saved first");
    assert_eq!(of_page(&second), (json!(true), json!(false)));
    bent.does("savedViewRemove", json!({ "viewId": bents })).await;
    let id = &saved["view"]["id"];
    let change = json!({ "viewId": id, "name": "Haster", "list": { "dueWithin": 7 } });
    assert_eq!(bent.is_refused("savedViewChange", change.clone()).await.0, "NOT_YOURS");
    kari.does("savedViewChange", change).await;
    assert_eq!(of(&bent).await, json!([]), "shared no more");
    assert_eq!(of(&kari).await[0]["list"]["dueWithin"], 7);
    kari.does("savedViewRemove", json!({ "viewId": id })).await;
    assert_eq!(of(&kari).await, json!([]));
    assert!(crate::server::files_with(&server.data(), "Fru Opdigts").is_empty(), "its name is sealed");
}

#[tokio::test]
async fn planners_see_what_came_in_and_went_out() {
    const NUMBERS: &str = "{ statistics(weeks: 2) { weeks { monday opened closed } ages { monday cases }
        deadlines { overdue thisWeek later none } teams { team { name } open phases { phase cases } }
        conversations { monday started answered } } }";
    let server = Server::start().await;
    let [kari, rita] = server.furesoe(["kari", "rita"]).await;
    let before = kari.ask(NUMBERS, json!({})).await["statistics"].take();
    kari.opens_a_case("En sag til").await;
    server.visitor().writes("Hvordan skifter jeg læge?").await;
    let now = eventually("the conversation is counted", async || {
        let now = kari.ask(NUMBERS, json!({})).await["statistics"].take();
        (now["conversations"][1]["started"] != before["conversations"][1]["started"]).then_some(now)
    })
    .await;
    let number = |of: &Value, path: &str| of.pointer(path).unwrap().as_u64().unwrap();
    assert_eq!(now["weeks"].as_array().unwrap().len(), 2);
    assert_eq!(number(&now, "/weeks/1/opened"), number(&before, "/weeks/1/opened") + 1);
    let sum = |of: &Value, list: &str, key: &str| -> u64 {
        of[list].as_array().unwrap().iter().map(|one| one[key].as_u64().unwrap()).sum()
    };
    let open = sum(&now, "ages", "cases");
    assert_eq!(open, sum(&before, "ages", "cases") + 1);
    assert_eq!(sum(&now, "teams", "open"), open);
    let standing =
        now["deadlines"].as_object().unwrap().values().map(|one| one.as_u64().unwrap()).sum::<u64>();
    assert_eq!(standing, open, "each open case is counted once: {now}");
    assert_eq!(rita.error(NUMBERS, json!({})).await, "NOT_ALLOWED");
    assert_eq!(kari.error("{ statistics(weeks: 0) { weeks { opened } } }", json!({})).await, "PAGE_SIZE");
}

/// A team's lead sees how often its members looked, and neither at what nor anybody else's.
#[tokio::test]
async fn a_team_lead_sees_how_often_the_team_looked_and_not_at_what() {
    const COUNTS: &str = "query($id: ID!, $weeks: Int! = 2) { teamAccess(teamId: $id, weeks: $weeks) {
        monday member { login } looked listed refused brokeGlass } }";
    let server = Server::start().await;
    let [kari, bent, lone, vera] = server.furesoe(["kari", "bent", "lone", "vera"]).await;
    let form = async |name: &str, members: &[&str]| {
        let team = vera.does("teamForm", json!({ "name": name })).await["team"]["id"].take();
        for login in members {
            vera.does("teamJoin", json!({ "teamId": team, "staffId": vera.id_of(login).await })).await;
        }
        team
    };
    let (ours, theirs) = (form("Vores", &["kari", "lone"]).await, form("Deres", &["bent"]).await);
    let of = |who: &str, counts: &Value| {
        let all = counts.as_array().unwrap().iter();
        let rows: Vec<_> = all.filter(|one| one["member"]["login"] == who).cloned().collect();
        rows.iter()
            .map(|one| (one["looked"].as_u64().unwrap(), one["refused"].as_u64().unwrap()))
            .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    };
    let ask = async || lone.ask(COUNTS, json!({ "id": ours })).await["teamAccess"].take();
    let before = of("kari", &ask().await);
    let case = kari.opens_a_case("Hemmelig titel").await;
    for person in [&kari, &kari, &bent] {
        person.ask("query($id: ID!) { case(id: $id) { number } }", json!({ "id": case })).await;
    }
    kari.is_refused("caseClose", json!({ "caseId": case })).await;
    let counts = eventually("what Kari did is counted", async || {
        let counts = ask().await;
        // The same look twice is one.
        let (looked, refused) = of("kari", &counts);
        (looked == before.0 + 1 && refused == before.1 + 1).then_some(counts)
    })
    .await;
    assert_eq!(of("bent", &counts), (0, 0), "he is in another team: {counts}");
    assert!(!counts.to_string().contains(&case) && !counts.to_string().contains("Hemmelig"), "{counts}");

    assert_eq!(lone.error(COUNTS, json!({ "id": theirs })).await, "NOT_YOUR_TEAM");
    assert_eq!(lone.error(COUNTS, json!({ "id": "?" })).await, "NOT_YOUR_TEAM");
    assert_eq!(lone.error(COUNTS, json!({ "id": ours, "weeks": 54 })).await, "PAGE_SIZE");
    for nobody in [&kari, &vera] {
        assert_eq!(nobody.error(COUNTS, json!({ "id": ours })).await, "NOT_ALLOWED");
    }
}

/// Given a case whose history is signed; when the auditor asks why a value is what it is; then the events that made it are
/// named, and each is proved by a path that leads to the root of the checkpoint.
#[tokio::test]
async fn every_value_explains_itself_and_every_event_is_proved() {
    const HISTORY: &str = "query($id: ID!) { caseHistory(id: $id) {
        explain(key: \"phase\") { event { type revision proof { checkpoint number size leaf record path } }
            change { key before { ... on PersonalText { text } } after { ... on PersonalText { text } } } }
        nothing: explain(key: \"noSuchKey\") { change { key } } } }";
    let mut server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    let case = kari.opens_a_case("En sag, der bevises").await;
    kari.does("caseAssign", json!({ "caseId": case, "staffId": kari.id_of("kari").await })).await;
    // Stopping signs what there is.
    server.stop().await;
    server.restart().await;
    let rita = server.login("rita", "0190").await;
    let history = rita.ask(HISTORY, json!({ "id": case })).await["caseHistory"].take();
    let explained = history["explain"].as_array().unwrap();
    let types: Vec<_> = explained.iter().map(|one| one["event"]["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["CaseOpened", "CaseworkerAssigned"]);
    assert!(explained[0]["change"]["before"].is_null());
    assert_eq!(
        explained[1]["change"]["before"], explained[0]["change"]["after"],
        "one follows from the other"
    );
    assert_eq!(history["nothing"], json!([]));
    for one in explained {
        let proof = &one["event"]["proof"];
        let text = |key: &str| proof[key].as_str().unwrap();
        let hash =
            |text: &str| -> Hash { <[u8; 32]>::try_from(STANDARD.decode(text).unwrap()).unwrap().into() };
        let leaf = Hash::leaf(&STANDARD.decode(text("record")).unwrap());
        assert_eq!(leaf.to_string(), text("leaf"));
        let path: Vec<_> =
            proof["path"].as_array().unwrap().iter().map(|one| hash(one.as_str().unwrap())).collect();
        // A C2SP checkpoint: name, size, root.
        let lines: Vec<_> = text("checkpoint").lines().collect();
        assert_eq!(lines[1], text("size"));
        let (number, size) = (text("number").parse().unwrap(), text("size").parse().unwrap());
        assert!(proves_inclusion(leaf, number, size, hash(lines[2]), &path));
    }
}
