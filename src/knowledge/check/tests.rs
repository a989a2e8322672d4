use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use tempfile::TempDir;

use super::*;

const TODAY: Date = date(2026, 11, 23);
const KEPT: [&str; 3] = ["flytning", "boligstoette", "rotter"];

/// The content folder with three topics, each with questions enough.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        fs::create_dir(folder.path("articles")).unwrap();
        for (file, bytes) in Files::builtin().all() {
            let name = file.rsplit('/').next().unwrap();
            let topic = name.split('.').next().unwrap();
            let list = match topic {
                "services" => "service",
                "topics" => "topic",
                "required" => "fact",
                _ if file.starts_with("articles/") && KEPT.contains(&topic) => {
                    fs::write(folder.path(file), bytes).unwrap();
                    continue;
                }
                // Three topics are no release: nothing is demanded of them here.
                "thresholds" => continue,
                _ if file.contains('/') => continue,
                _ => {
                    fs::write(folder.path(file), bytes).unwrap();
                    continue;
                }
            };
            let mut table: toml::Table = std::str::from_utf8(bytes).unwrap().parse().unwrap();
            table[list].as_array_mut().unwrap().retain(|entry| {
                let topic = entry.get("slug").or(entry.get("topic")).unwrap().as_str().unwrap();
                topic == "*" || KEPT.contains(&topic)
            });
            fs::write(folder.path(file), toml::to_string(&table).unwrap()).unwrap();
        }
        folder
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    fn text(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap()
    }

    fn change(&self, file: &str, change: impl Fn(&str) -> String) {
        let before = self.text(file);
        let after = change(&before);
        assert_ne!(before, after, "{file} was to be changed");
        fs::write(self.path(file), after).unwrap();
    }

    fn found(&self) -> Vec<String> {
        check(&files(self.0.path()), TODAY).iter().map(ToString::to_string).collect()
    }
}

fn files(dir: &Path) -> Files {
    Files::from_dir(dir).unwrap()
}

const MOVING: &str = "articles/flytning.da.md";

#[test]
fn a_folder_without_faults_has_no_findings() {
    assert_eq!(Folder::new().found(), Vec::<String>::new());
}

#[test]
fn a_missing_language_and_a_missing_topic_are_found() {
    let folder = Folder::new();
    fs::remove_file(folder.path("articles/rotter.en.md")).unwrap();
    let missing = "is missing: every topic needs an article in Danish and one in English";
    assert_eq!(folder.found(), [format!("error: articles/rotter.en.md: {missing}")]);
    fs::rename(folder.path("articles/rotter.da.md"), folder.path("articles/roter.da.md")).unwrap();
    let stranger = "is about no topic of services.toml or topics.toml: rename it or add the topic there";
    let expected = [
        format!("error: articles/roter.da.md: {stranger}"),
        format!("error: articles/rotter.da.md: {missing}"),
        format!("error: articles/rotter.en.md: {missing}"),
    ];
    assert_eq!(folder.found(), expected);
}

#[test]
fn a_reference_that_leads_nowhere_is_found() {
    let folder = Folder::new();
    folder.change(MOVING, |text| text.replacen("sources = [", "sources = [\"findes_ikke\", ", 1));
    let what = "sources: the source findes_ikke is not in sources.toml: correct it or add it there";
    assert_eq!(folder.found(), [format!("error: {MOVING}: {what}")]);
}

#[test]
fn a_review_that_is_over_is_an_error_and_one_that_soon_will_be_a_warning() {
    let until = |day: &str| {
        let folder = Folder::new();
        folder.change(MOVING, |text| {
            let (before, after) = text.split_once("review_before = \"").unwrap();
            format!("{before}review_before = \"{day}{}", &after[10..])
        });
        folder.found()
    };
    let over = "its review expired on 2026-11-23 and it answers nobody: read it, and raise reviewed and review_before";
    assert_eq!(until("2026-11-23"), [format!("error: {MOVING}: {over}")]);
    let soon = "its review expires on 2026-12-23, in 30 days: read it before then";
    assert_eq!(until("2026-12-23"), [format!("warning: {MOVING}: {soon}")]);
    assert_eq!(until("2026-12-24"), Vec::<String>::new());
    let folder = Folder::new();
    folder.change(MOVING, |text| text.replacen("reviewed = \"2026-11-22\"", "reviewed = \"2026-11-24\"", 1));
    let early = "is reviewed on 2026-11-24, which has not come: write the day on which you read it";
    assert_eq!(folder.found(), [format!("error: {MOVING}: {early}")]);
}

#[test]
fn what_cards_are_made_of_is_reviewed_like_articles() {
    for (file, slug) in [("services.toml", "rotter"), ("authorities.toml", "den-digitale-hotline")] {
        let until = |day: &str| {
            let folder = Folder::new();
            folder.change(file, |text| {
                let mut table: toml::Table = text.parse().unwrap();
                let (_, entries) = table.iter_mut().find(|(_, value)| value.is_array()).unwrap();
                let entries = entries.as_array_mut().unwrap();
                let entry = entries.iter_mut().find(|entry| entry["slug"].as_str() == Some(slug)).unwrap();
                entry["review_before"] = day.into();
                toml::to_string(&table).unwrap()
            });
            folder.found()
        };
        let over = "its review expired on 2026-11-23: read it, and raise reviewed and review_before";
        assert_eq!(until("2026-11-23"), [format!("error: {file}: {slug}: {over}")]);
        let soon = "its review expires on 2026-12-23, in 30 days: read it before then";
        assert_eq!(until("2026-12-23"), [format!("warning: {file}: {slug}: {soon}")]);
        let before = format!("error: {file}: {slug}: review_before must lie after reviewed");
        assert!(until("2026-11-20").contains(&before));
    }
}

#[test]
fn a_question_that_is_asked_twice_is_a_warning() {
    let folder = Folder::new();
    folder.change(MOVING, |text| {
        text.replacen(
            "questions = [",
            "questions = [\"Må jeg melde flytning på Mors?\", \"maa jeg melde flytning paa mors\",",
            1,
        )
    });
    let found = folder.found();
    assert!(
        found.len() == 1 && found[0].starts_with(&format!("warning: {MOVING}: asks the same twice, 1 times")),
        "{found:?}"
    );
}

#[test]
fn too_few_questions_are_counted() {
    let folder = Folder::new();
    folder.change(MOVING, |text| {
        let (before, rest) = text.split_once("questions = [").unwrap();
        let (_, after) = rest.split_once("\n]").unwrap();
        let kept = rest.lines().take(15).collect::<Vec<_>>().join("\n");
        format!("{before}questions = [{kept}\n]{after}")
    });
    let what = "has 14 questions and needs 15: write 1 more, short and long, polite and hurried";
    assert_eq!(folder.found(), [format!("error: {MOVING}: {what}")]);
}

#[test]
fn a_fact_that_is_not_said_is_named() {
    let folder = Folder::new();
    folder.change(MOVING, |text| text.replace("bøde", "regning"));
    let what = "that being late can cost a fine in some municipalities";
    assert_eq!(
        folder.found(),
        [format!("error: {MOVING}: does not say {what}: add it, or correct required.toml")]
    );
    let folder = Folder::new();
    folder.change("articles/rotter.da.md", |text| {
        let (front, _) = text.rsplit_once("+++\n").unwrap();
        format!("{front}+++\nRing til kommunen. Det koster 100 kr.\n")
    });
    let what = "of which year or day an amount is";
    assert_eq!(
        folder.found(),
        [format!("error: articles/rotter.da.md: does not say {what}: add it, or correct required.toml")]
    );
}

#[test]
fn a_list_of_facts_that_is_wrong_is_told_and_one_that_is_missing_is_missed() {
    let folder = Folder::new();
    let list = |lines: &str| format!("[[fact]]\ntopic = \"flytning\"\nwhat = \"it\"\n{lines}");
    fs::write(folder.path(facts::FILE), list("da = '('\nen = 'x'\n")).unwrap();
    let pattern = "flytning: the pattern ( is none: see docs/KNOWLEDGE.md";
    assert_eq!(folder.found(), [format!("error: required.toml: {pattern}")]);
    fs::write(folder.path(facts::FILE), list("da = '.'\nen = '.'\nwhen_da = 'x'\n")).unwrap();
    assert!(folder.found()[0].contains("go together"), "{:?}", folder.found());
    fs::write(folder.path(facts::FILE), list("da = '.'\nen = '.'\n").replace("flytning", "flytt")).unwrap();
    assert!(folder.found()[0].contains("flytt: there is no such topic"), "{:?}", folder.found());
    fs::remove_file(folder.path(facts::FILE)).unwrap();
    assert!(folder.found()[0].starts_with("warning: required.toml: is not there"), "{:?}", folder.found());
}

#[test]
fn a_text_that_is_hard_to_read_is_measured() {
    let folder = Folder::new();
    folder.change("articles/rotter.da.md", |text| {
        let hard = "Kommunalbestyrelsen iværksætter rottebekæmpelsesforanstaltninger umiddelbart efter \
            anmeldelsens registrering, medmindre ejendommens ejer dokumenterer autoriseret bekæmpelse.";
        let (front, _) = text.rsplit_once("+++\n").unwrap();
        format!("{front}+++\nRing til kommunen og sig det. {hard}\n")
    });
    let found = folder.found();
    assert!(
        found.len() == 1 && found[0].contains("has LIX ") && found[0].contains("may have 45"),
        "{found:?}"
    );
}

#[test]
fn an_article_whose_questions_find_another_is_found() {
    let folder = Folder::new();
    // The questions of one article under the name of another.
    let questions = |text: &str| {
        let (_, rest) = text.split_once("questions = [").unwrap();
        rest.split_once("\n]").unwrap().0.to_owned()
    };
    let housing = questions(&folder.text("articles/boligstoette.da.md"));
    folder.change("articles/rotter.da.md", |text| text.replace(&questions(text), &housing));
    let found = folder.found();
    assert!(
        found
            .iter()
            .any(|told| told.starts_with("error: articles/rotter.da.md: is in the shadow of boligstoette")),
        "{found:?}"
    );
}

#[test]
fn more_wrong_answers_than_may_be_are_found() {
    let folder = Folder::new();
    let thresholds =
        |most: f64| format!("answer = 0\nchoices = 0\nlead = 0\ndoubt = 1000\nmost_wrong = {most}\n");
    fs::write(folder.path(THRESHOLDS), thresholds(1.0)).unwrap();
    assert_eq!(folder.found(), Vec::<String>::new());
    fs::write(folder.path(THRESHOLDS), thresholds(0.0)).unwrap();
    let found = folder.found();
    assert!(
        found.len() == 1
            && found[0].starts_with("error: thresholds.toml: ")
            && found[0].contains("0.00 % may be"),
        "{found:?}"
    );
}

#[test]
fn what_is_shipped_has_no_errors() {
    let found = check(&Files::builtin(), TODAY);
    let errors: Vec<_> = found
        .iter()
        .filter(|one| one.severity == Severity::Error && !one.what.contains("questions and needs"))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}
