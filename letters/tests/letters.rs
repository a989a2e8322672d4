//! Letters as another program reads them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::sync::LazyLock;

use jiff::civil::date;
use lopdf::{Document, Object};
use proptest::prelude::*;
use skranke_content::Files;
use skranke_content::letters::LetterTemplates;
use skranke_domain::Lang;
use skranke_domain::case::{ComplaintGuidance, Outcome};
use skranke_domain::letter::{Letter, LetterKind, NotPrinted};
use skranke_letters::Press;

fn press() -> &'static Press {
    static PRESS: LazyLock<Press> =
        LazyLock::new(|| Press::new(LetterTemplates::load(&Files::builtin()).unwrap()).unwrap());
    &PRESS
}

fn letter() -> Letter {
    Letter {
        kind: LetterKind::Decision,
        lang: Lang::Da,
        municipality: "Furesø Kommune".into(),
        number: "S2026-00042".into(),
        date: date(2026, 11, 22),
        recipient: "Åse Ærøe Østergård".into(),
        address: String::new(),
        represented: String::new(),
        sender: "Kåre Sørensen".into(),
        title: "Boligstøtte uden MitID".into(),
        received: date(2026, 11, 2),
        due: Some(date(2026, 11, 30)),
        outcome: None,
        text: "Kære Åse\n\nDu får ikke boligstøtte fra den 1. december.\nVi har læst det, du skrev.".into(),
        legal_basis: "Boligstøtteloven § 1".into(),
        grounds: [
            "Loven kræver, at du lejer boligen.".into(),
            "Vi har lagt vægt på husstanden.".into(),
            "Du bor hos din søster på Kærvej 3.".into(),
        ],
        complaint: Some(ComplaintGuidance {
            body: "Ankestyrelsen".into(),
            how: "Skriv til kommunen.".into(),
            limit: "4 uger".into(),
        }),
        reply_by: None,
    }
}

/// The text of all pages, with single spaces.
fn text_of(pdf: &[u8]) -> String {
    let document = Document::load_mem(pdf).unwrap();
    let pages: Vec<u32> = document.get_pages().keys().copied().collect();
    let text = document.extract_text(&pages).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn another_program_reads_every_danish_letter_of_it() {
    let text = text_of(&press().print(&letter()).unwrap());
    for part in [
        "Furesø Kommune",
        "S2026-00042",
        "22. november 2026",
        "Åse Ærøe Østergård",
        "Vi har læst det, du skrev.",
        "Du bor hos din søster på Kærvej 3.",
        "De hovedhensyn, vi har lagt vægt på",
        "Ankestyrelsen",
        "Kåre Sørensen",
        "Side 1 af",
    ] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
}

#[test]
fn it_says_where_it_goes_whom_the_reader_speaks_for_and_what_came_of_it_for_them() {
    let theirs = Letter {
        recipient: "Advokat Prøvesen".into(),
        address: "Prøvevej 7\n3500 Værløse".into(),
        represented: "Ib Opdigtet".into(),
        outcome: Some(Outcome::Refused),
        ..letter()
    };
    let text = text_of(&press().print(&theirs).unwrap());
    for part in [
        "Til Advokat Prøvesen Prøvevej 7 3500 Værløse Som repræsentant for Ib Opdigtet",
        "Afgørelsens resultat: afslag Kære Åse",
    ] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
    let alone = text_of(&press().print(&letter()).unwrap());
    assert!(!alone.contains("repræsentant") && !alone.contains("resultat"), "{alone}");
}

#[test]
fn it_is_tagged_archivable_and_accessible() {
    let pdf = press().print(&letter()).unwrap();
    let document = Document::load_mem(&pdf).unwrap();
    let catalog = document.catalog().unwrap();
    assert!(catalog.has(b"StructTreeRoot") && catalog.has(b"Outlines") && catalog.has(b"OutputIntents"));
    assert!(matches!(catalog.get(b"Lang"), Ok(Object::String(tag, _)) if tag == b"da"));
    let marked = catalog.get(b"MarkInfo").and_then(Object::as_dict).and_then(|mark| mark.get(b"Marked"));
    assert!(marked.and_then(Object::as_bool).unwrap());
    let metadata = document.dereference(catalog.get(b"Metadata").unwrap()).unwrap().1.as_stream().unwrap();
    let metadata = String::from_utf8_lossy(&metadata.content).into_owned();
    for claim in [
        "<pdfaid:part>2</pdfaid:part>",
        "<pdfaid:conformance>A</pdfaid:conformance>",
        "<pdfuaid:part>1</pdfuaid:part>",
    ] {
        assert!(metadata.contains(claim), "{claim} is not in {metadata}");
    }
    assert!(
        !metadata.contains("Åse") && !metadata.contains("Boligstøtte"),
        "the matter stands in the metadata"
    );
    let roles =
        document.objects.values().filter_map(|object| object.as_dict().ok()?.get(b"S").ok()?.as_name().ok());
    let roles: Vec<_> = roles.collect();
    for role in [&b"H1"[..], b"H2", b"H3", b"P"] {
        assert!(roles.contains(&role), "no {} in the tag tree", String::from_utf8_lossy(role));
    }
    let embedded = document.objects.values().filter_map(|object| object.as_dict().ok());
    assert!(embedded.filter(|dict| dict.has(b"FontFile3") || dict.has(b"FontFile2")).count() >= 2);
}

#[test]
fn the_same_letter_is_the_same_bytes_whoever_prints_it() {
    let first = press().print(&letter()).unwrap();
    let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(|| press().print(&letter()).unwrap())).collect();
    for thread in threads {
        assert!(thread.join().unwrap() == first);
    }
    let other = Letter { text: "Du får boligstøtte.".into(), ..letter() };
    assert!(press().print(&other).unwrap() != first);
}

#[test]
fn what_a_letter_does_not_have_is_left_out_with_its_heading() {
    let granted =
        Letter { grounds: Default::default(), complaint: None, legal_basis: String::new(), ..letter() };
    let text = text_of(&press().print(&granted).unwrap());
    for gone in ["Begrundelse", "Retsgrundlag", "Klagevejledning", "hovedhensyn", "{", "}"] {
        assert!(!text.contains(gone), "{gone:?} is in {text}");
    }
    assert!(text.contains("Venlig hilsen Kåre Sørensen"), "{text}");
    let partly = Letter { grounds: [String::new(), String::new(), "Du flyttede.".into()], ..granted };
    let text = text_of(&press().print(&partly).unwrap());
    assert!(text.contains("Begrundelse De oplysninger") && !text.contains("hovedhensyn"), "{text}");
}

#[test]
fn what_people_wrote_is_text_and_never_markup() {
    let text = "# Ikke en overskrift\n\n---\n\n{number} {navn} $x$ *y* <b>z</b>";
    let printed = text_of(&press().print(&Letter { text: text.into(), ..letter() }).unwrap());
    assert!(printed.contains("# Ikke en overskrift --- {number} {navn} $x$ *y* <b>z</b>"), "{printed}");
}

#[test]
fn a_character_that_cannot_be_printed_is_told_and_not_dropped() {
    let emoji = Letter { text: "Godt nyt 🎉".into(), ..letter() };
    assert_eq!(press().print(&emoji), Err(NotPrinted::NoSuchCharacter('🎉')));
    let foreign = Letter { recipient: "Олена Łukasz Šárka Ğül".into(), ..letter() };
    assert!(text_of(&press().print(&foreign).unwrap()).contains("Олена Łukasz Šárka Ğül"));
}

#[test]
fn every_kind_is_printed_in_both_languages() {
    for kind in LetterKind::ALL {
        for lang in [Lang::Da, Lang::En] {
            let full = Letter { kind, lang, reply_by: Some(date(2026, 12, 7)), ..letter() };
            let text = text_of(&press().print(&full).unwrap());
            assert!(text.contains("S2026-00042") && !text.contains('{'), "{kind:?} {lang:?}: {text}");
        }
    }
}

#[test]
fn a_long_letter_runs_over_pages_and_an_endless_one_is_refused() {
    let long = Letter { text: "Vi har set på sagen igen og igen. ".repeat(580), ..letter() };
    let pdf = press().print(&long).unwrap();
    let pages = Document::load_mem(&pdf).unwrap().get_pages().len();
    assert!((3..20).contains(&pages), "{pages}");
    assert!(text_of(&pdf).contains(&format!("Side {pages} af {pages}")));
    let endless = Letter { text: "a\n".repeat(20_000), ..letter() };
    assert_eq!(press().print(&endless), Err(NotPrinted::TooLong));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn no_word_is_lost_or_joined_however_lines_break(words in proptest::collection::vec("[a-zæøåA-ZÆØÅ0-9,.]{1,90}", 1..20)) {
        let text = words.join(" ");
        let pdf = press().print(&Letter { text: text.clone(), ..letter() }).unwrap();
        let read = text_of(&pdf).replace(' ', "");
        prop_assert!(read.contains(&text.replace(' ', "")) , "{text}\n{read}");
    }
}
