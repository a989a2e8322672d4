//! The chat, measured on questions by people who wrote neither its articles nor its code: `questions/`. Nothing may
//! be learned from these files. The limits stand a little below what was measured (`docs/CHAT_QUALITY.md`).

mod support;

use std::fs;
use std::path::Path;

use skranke_chat::eval::{Half, Kind, Logged, Report, Share, read, run};
use support::{House, library};

#[tokio::test]
async fn strangers_questions_are_answered_as_well_as_before() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/questions");
    let mut files: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "jsonl"));
    files.sort();
    let kept = Logged::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer({
            let kept = kept.clone();
            move || kept.clone()
        })
        .with_ansi(false)
        .finish();
    let logging = tracing::subscriber::set_default(subscriber);

    let house = House::new();
    let run = run(&house.counter, read(&files).unwrap()).await.unwrap();
    drop(logging);
    let logged = kept.text();
    let report = Report::of(&run, &library(), &logged);
    println!("{report}");
    for (name, half) in [("looked at", Half::LookedAt), ("unseen", Half::Unseen)] {
        println!("{name}:\n{}", Report::of(&run.half(half), &library(), &logged));
    }
    // For whoever wants to know which they are.
    let lines: String =
        run.outcomes.iter().map(|(_, outcome)| serde_json::to_string(outcome).unwrap() + "\n").collect();
    fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("predictions.jsonl"), lines).unwrap();
    assert!(!logged.is_empty());
    assert_eq!((report.all.cpr_leaks, report.all.cpr_leaks_logged), (0, 0), "{:?}", run.leaked);
    let all = &report.all;
    let at_least = |name: &str, share: Share, least: f64| {
        assert!(share.share() >= least, "{name}: {:.3}, was at least {least}", share.share());
    };
    at_least("kind", all.kind, 0.88);
    at_least("dialogues", all.dialogues, 0.76);
    at_least("emergencies", all.kinds[&Kind::Emergency], 0.94);
    for lang in ["da", "en"] {
        at_least("topic@1", report.languages[lang].topic_first, 0.93);
        at_least("helped", report.languages[lang].helped, 0.94);
    }
    for lang in ["de", "pl", "uk", "ar", "tr", "sv", "nb"] {
        at_least("recognised", report.languages[lang].language, 0.85);
        at_least("among three", report.languages[lang].helped, 0.83);
    }
    assert!(all.wrong.share() <= 0.025, "answered wrongly: {:.3}", all.wrong.share());
    assert!(all.outside_answered.share() <= 0.02, "out of scope: {:.3}", all.outside_answered.share());
}
