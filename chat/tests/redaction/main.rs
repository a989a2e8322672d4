//! Redaction: what must go, what must stay, and that neither size nor noise breaks it. Every number is invented.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod dice;
mod must_go;
mod must_stay;

use std::sync::LazyLock;
use std::time::Instant;

use skranke_chat::redact::{Public, redact};
use skranke_content::Library;
use skranke_domain::Lang;
use skranke_domain::conversation::Removed;

use dice::Dice;

/// What the counter tells everybody.
fn public() -> &'static Public {
    static PUBLIC: LazyLock<Public> = LazyLock::new(|| Public::of(&Library::builtin().unwrap()));
    &PUBLIC
}

fn da(raw: &str) -> (String, Removed) {
    let (text, removed) = redact(raw, Lang::Da, public());
    (text.as_str().to_owned(), removed)
}

#[test]
fn cpr_numbers_go_however_they_are_written() {
    for raw in [
        "mit nummer er 010190-1234",
        "0101901234",
        "010190 1234",
        "010190–1234",
        "010190 - 1234",
        "01 01 90 1234",
        "01-01-90-1234",
        "01.01.90.1234",
        "01/01/90 1234",
        "01.01.1990-1234",
        "01011990-1234",
        "19900101-1234",
        "1.1.90-1234",
        "1/1-90 1234",
        "0 1 0 1 9 0 - 1 2 3 4",
        "0 1 0 1 9 0 1 2 3 4",
        "0.1.0.1.9.0-1.2.3.4",
        "O1O19O-1234",
        "o1o190-I234",
        "O 1 O 1 9 O - 1 2 3 4",
        "0l0l90-l234",
        "OIOI9O-I234",
        "cpr0101901234hej",
        "cpr:010190-1234.",
        "010190\u{200B}-\u{200B}1234",
        "0\u{2060}1\u{200D}0190-12\u{FEFF}34",
        "010190-1234",
        "٠١٠١٩٠-١٢٣٤",
        "0\u{FE0F}\u{20E3}1\u{FE0F}\u{20E3}01901234",
        "010190_1234",
        "010190, 1234",
        "010190 (1234)",
        "0101 90 1234",
        "0101-901234",
        "010190 12 34",
        "010190\n1234",
        "010190\u{00A0}1234",
        "610190-1234",
        "010190=1234",
        "010190/1234",
        "0101901234 og 0202911235",
        "ring til mig, cpr 311299-0000",
        "101901234",
        "10190-1234",
    ] {
        let (text, removed) = da(raw);
        assert!(removed.cpr >= 1, "{raw:?} gave {text:?} {removed:?}");
        let left = text.chars().filter(|c| c.is_numeric()).count();
        assert_eq!(left, 0, "{raw:?} gave {text:?}");
    }
}

#[test]
fn the_last_four_go_when_the_message_says_so() {
    let (text, removed) = da("jeg er født 010190 og de sidste fire er 1234");
    assert_eq!(removed.cpr, 1, "{text}");
    assert!(!text.contains("1234"));
}

#[test]
fn cards_addresses_and_phones_go() {
    for (raw, want) in [
        ("kort 4571 0000 0000 0001", Removed { card: 1, ..Removed::default() }),
        ("4571000000000001", Removed { card: 1, ..Removed::default() }),
        ("4111-1111-1111-1111", Removed { card: 1, ..Removed::default() }),
        ("skriv til navn@eksempel.dk", Removed { email: 1, ..Removed::default() }),
        ("navn.efternavn+x@post.eksempel.dk.", Removed { email: 1, ..Removed::default() }),
        ("navn @ eksempel.dk", Removed { email: 1, ..Removed::default() }),
        ("navn(at)eksempel.dk", Removed { email: 1, ..Removed::default() }),
        ("søren@blåbær.dk", Removed { email: 1, ..Removed::default() }),
        ("ring 12 34 56 78", Removed { phone: 1, ..Removed::default() }),
        ("ring 22334455", Removed { phone: 1, ..Removed::default() }),
        ("22 33 44 55", Removed { phone: 1, ..Removed::default() }),
        ("2233 4455", Removed { phone: 1, ..Removed::default() }),
        ("22-33-44-55", Removed { phone: 1, ..Removed::default() }),
        ("22.33.44.55", Removed { phone: 1, ..Removed::default() }),
        ("22 334 455", Removed { phone: 1, ..Removed::default() }),
        ("223 34 455", Removed { phone: 1, ..Removed::default() }),
        ("+45 22 33 44 55", Removed { phone: 1, ..Removed::default() }),
        ("+4522334455", Removed { phone: 1, ..Removed::default() }),
        ("(+45) 22334455", Removed { phone: 1, ..Removed::default() }),
        ("0045 22334455", Removed { phone: 1, ..Removed::default() }),
        ("004522334455", Removed { phone: 1, ..Removed::default() }),
        ("+46 70 123 45 67", Removed { phone: 1, ..Removed::default() }),
        ("+49 30 1234567", Removed { phone: 1, ..Removed::default() }),
        ("0046701234567", Removed { phone: 1, ..Removed::default() }),
    ] {
        let (text, removed) = da(raw);
        assert_eq!(removed, want, "{raw:?} gave {text:?}");
        assert_eq!(text.chars().filter(char::is_ascii_digit).count(), 0, "{raw:?} gave {text:?}");
    }
}

#[test]
fn what_is_no_personal_number_stays() {
    for raw in [
        "01-01-1990",
        "1.1.2026",
        "2026-11-22",
        "den 22. november 2026",
        "22/11-2026",
        "22/11 2026",
        "fra 01-01-2026 til 31-12-2026",
        "01.01.2026-31.12.2026",
        "2026-01-01 - 2026-12-31",
        "2025-2026",
        "1990",
        "12.500 kr",
        "1.234.567 kr",
        "12.345.678 kr.",
        "kr. 12.345.678",
        "12345678 kr",
        "1.234.567.890 kr",
        "12.345,50 kr",
        "2800 Kongens Lyngby",
        "01.01.2026 2800 Lyngby",
        "3500 Værløse, 2800 Lyngby",
        "kommunekode 0190",
        "kommunekode=190",
        "S2026-00123",
        "sag S2026-00123 og S2026-00124",
        "H7QF-4M2X",
        "kl. 10.30-12.30",
        "kl. 8-16, fredag 8-14",
        "man-tors 8-20, fre 8-16, søn 16-20",
        "10-12 14-16",
        "112",
        "114",
        "70 20 00 00",
        "70200000",
        "+45 70 20 00 00",
        "7020 0000",
        "72 35 40 00",
        "0045 72354000",
        "gruppe 1 og gruppe 2",
        "født i 1964",
        "lov nr. 622 af 12. juni 2012",
        "§ 12, stk. 3",
        "CVR 12345678",
        "3 børn på 4, 7 og 12 år",
        "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12",
        "65 m2 til 8.500 kr. om måneden",
        "2026-11-22 10:30",
        "lol I ool lIl",
        "@ hvad @ er @",
        "",
    ] {
        let (text, removed) = da(raw);
        assert_eq!((text.as_str(), removed), (raw, Removed::default()), "{raw:?}");
    }
}

#[test]
fn marks_speak_the_language_of_the_message() {
    assert_eq!(da("hej 010190-1234!").0, "hej [CPR-nummer fjernet]!");
    let (text, _) = redact("hi 010190-1234, a@b.dk", Lang::En, public());
    assert_eq!(text.as_str(), "hi [CPR number removed], [e-mail address removed]");
}

#[test]
fn the_public_numbers_are_a_parameter() {
    assert_eq!(da("20 30 40 50").1.phone, 1);
    let (text, removed) = redact("20 30 40 50", Lang::Da, &public().and_phone("+45 2030 4050"));
    assert_eq!((text.as_str(), removed.phone), ("20 30 40 50", 0));
}

/// An invented CPR number in one of very many disguises.
fn disguised(dice: &mut Dice) -> String {
    let day = if dice.roll(10) == 0 { 61 + dice.roll(31) } else { 1 + dice.roll(31) };
    let (month, year) = (1 + dice.roll(12), dice.roll(100));
    let digits: Vec<char> = format!("{day:02}{month:02}{year:02}{:04}", dice.roll(10_000)).chars().collect();
    let gap = ["", "-", " ", "–", " - ", ".", "/", "_", "  ", "\u{00A0}", "−", " – ", "\n", "\t"];
    let shape = dice.roll(7);
    let middle = dice.pick(&gap);
    let inner = dice.pick(&[" ", ".", "-", "/"]);
    let mut text = String::new();
    for (n, digit) in digits.iter().enumerate() {
        if n == 6 {
            text.push_str(middle);
        } else if n > 0 {
            let part = match shape {
                1 if n == 2 || n == 4 => inner,
                2 if n == 2 || n == 4 || n == 8 => " ",
                3 => " ",
                4 if n == 4 => " ",
                5 if n == 8 => " ",
                _ => "",
            };
            text.push_str(part);
        }
        let real = digits.iter().filter(|c| !matches!(c, '0' | '1')).count() >= 4;
        let written = match (digit, dice.roll(12)) {
            ('0', 0) if real => 'O',
            ('0', 1) if real => 'o',
            ('1', 0) if real => 'l',
            ('1', 1) if real => 'I',
            (digit, 2) => char::from_u32(0xFF10 + digit.to_digit(10).unwrap_or(0)).unwrap_or(*digit),
            (digit, _) => *digit,
        };
        text.push(written);
        if dice.roll(15) == 0 {
            text.push_str(dice.pick(&["\u{200B}", "\u{200D}", "\u{FEFF}", "\u{2060}", "\u{00AD}"]));
        }
    }
    text
}

#[test]
fn no_disguise_of_twenty_thousand_gets_through() {
    let mut dice = Dice(0x5EED_1234_5678_9ABC);
    let before =
        ["", "mit cpr er ", "CPR:", "(", "Hej, jeg hedder Bo. ", "nr. ", "født ", "\"", "i 2026 har jeg "];
    let after = [
        "",
        " hvad nu?",
        ")",
        ".",
        ", og jeg bor i 2800 Lyngby",
        "!",
        " tak",
        "\n\nhilsen",
        " kr sendes ikke",
    ];
    for round in 0..20_000 {
        let number = disguised(&mut dice);
        let raw = format!("{}{number}{}", dice.pick(&before), dice.pick(&after));
        let (text, removed) = da(&raw);
        assert!(removed.cpr >= 1, "round {round}: {raw:?} gave {text:?}");
        let digits = |text: &str| text.chars().filter(|c| c.is_numeric()).count();
        let outside = digits(&raw.replacen(&number, "", 1));
        assert!(digits(&text) <= outside, "round {round}: {raw:?} gave {text:?}");
        assert_eq!(da(&text), (text.clone(), Removed::default()), "a second pass changes nothing");
    }
}

#[test]
fn neither_size_nor_noise_breaks_it() {
    let mut dice = Dice(42);
    for alphabet in [
        "01",
        "0 1-",
        "@.a",
        "0O",
        "1l I",
        "\u{0}\u{1}\u{FFFD}9@+ -.",
        "[]()at ",
        "+0",
        "1.2,3:",
        "cpr 010190,12 34",
    ] {
        let alphabet: Vec<char> = alphabet.chars().collect();
        let start = if alphabet.contains(&'c') { "cpr " } else { "" };
        let noise: String = (0..1_000_000).map(|_| alphabet[dice.roll(alphabet.len())]).collect();
        let raw = format!("{start}{noise}");
        let start = Instant::now();
        let (text, removed) = redact(&raw, Lang::Da, public());
        assert!(text.as_str().len() < raw.len() * 20, "{}", removed.any());
        // Far above what it takes even unoptimised on a busy machine; anything quadratic takes minutes.
        assert!(start.elapsed().as_secs() < 20, "{alphabet:?} took {:?}", start.elapsed());
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]
    #[test]
    fn any_text_passes_and_a_second_pass_changes_nothing(raw in "\\PC{0,80}|[0-9 .,@+/:OIl-]{0,60}") {
        let (text, _) = da(&raw);
        let (again, _) = da(&text);
        proptest::prop_assert_eq!(text, again);
    }
}

#[test]
fn what_is_numbered_dated_or_public_stays() {
    for text in [
        "sag 2025-4711",
        "sagsnr. 26/012345",
        "journalnr 123456-2025",
        "lov nr 1234 5678",
        "fra 12.05.26-13.06.26",
        "mødet er 12.05.26 10.30",
        "70 12 80 63",
        "70 201 201",
        "postnr. 2800 3500",
        "huslejen er 7500-8500",
        "åbent 1000-1500",
        "CVR-nr. 12 34 56 78",
    ] {
        assert_eq!(redact(text, Lang::Da, public()).0.as_str(), text);
    }
}

#[test]
fn a_row_of_hyphens_or_raised_digits_hides_nothing() {
    for text in
        ["010190-------1234", "⁰¹⁰¹⁹⁰-¹²³⁴", "sag 010190-1234", "sagsnr. 01 01 90 1234", "cvr 0101901234"]
    {
        let (redacted, removed) = redact(text, Lang::Da, public());
        assert_eq!(removed.cpr, 1, "{text} -> {}", redacted.as_str());
    }
}

#[test]
fn what_may_be_either_goes() {
    // Ten digits with a day and a month in front, and nothing that says what they are.
    for text in [
        "min søn er 12.05.2021 1234 og",
        "010126-1030",
        "221126 1430",
        "12.05.26 1030",
        "mødet er 221126 og 1030",
        "2010901234",
    ] {
        assert!(da(text).1.cpr >= 1, "{text}");
    }
    // What says so helps.
    for text in ["221126 kl. 1430", "den 12.05.26 kl. 1030", "sag 2010-901234", "22112026", "ref. 90123456"] {
        assert_eq!(da(text).0, text);
    }
    assert_eq!(da("ring på tlf. 22112026").1.phone, 1);
    assert_eq!(da("+45 43.123.456").1.phone, 1);
}
