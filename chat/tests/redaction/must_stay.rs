//! Ordinary numbers that people write to an authority. All of them must stay, to the byte.

use std::fmt::Write as _;

use skranke_content::Library;
use skranke_domain::Lang;
use skranke_domain::conversation::Removed;

use crate::dice::Dice;
use crate::{da, public};

const WRITTEN: usize = 1_500;

/// What stands around it. Some hold numbers of their own.
const AROUND: [(&str, &str); 8] = [
    ("", ""),
    ("hej, det gælder ", ", hvad gør jeg?"),
    ("Jeg fik et brev om ", ". Tak"),
    ("(", ")"),
    ("vi er 2 voksne og 3 børn, ", " står der"),
    ("se ", "\nhilsen Bo"),
    ("I skriver \"", "\" på siden"),
    ("er det rigtigt at ", " gælder for mig på 67 år?"),
];

/// Writes `one` often, each time in a message, and tells every message that was not left as it was.
fn alarms(seed: u64, one: impl Fn(&mut Dice) -> String) -> Vec<String> {
    let mut dice = Dice(seed);
    let mut alarms = Vec::new();
    for _ in 0..WRITTEN {
        let (before, after) = AROUND[dice.roll(AROUND.len())];
        let raw = format!("{before}{}{after}", one(&mut dice));
        let (text, removed) = da(&raw);
        if (text.as_str(), removed) != (raw.as_str(), Removed::default()) {
            alarms.push(format!("{raw:?} -> {text:?}"));
        }
    }
    alarms
}

/// All messages stay.
fn all_stay(what: &str, seed: u64, one: impl Fn(&mut Dice) -> String) {
    let alarms = alarms(seed, one);
    let shown = alarms.iter().take(12).cloned().collect::<Vec<_>>().join("\n");
    assert!(alarms.is_empty(), "{what}: {} of {WRITTEN} false alarms:\n{shown}", alarms.len());
}

/// All messages with a date stay, whatever form the date has.
fn all_forms_stay(seed: u64, but: &[usize], one: impl Fn(&mut Dice, usize) -> String) {
    let mut told = String::new();
    for form in (0..FORMS).filter(|form| !but.contains(form)) {
        let alarms = alarms(seed + form as u64, |dice| one(dice, form));
        for alarm in alarms.iter().take(3) {
            let _ = writeln!(told, "form {form}, {} of {WRITTEN}: {alarm}", alarms.len());
        }
    }
    assert!(told.is_empty(), "false alarms:\n{told}");
}

const MONTHS: [&str; 12] = [
    "januar",
    "februar",
    "marts",
    "april",
    "maj",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "december",
];
const SHORT: [&str; 12] =
    ["jan.", "feb.", "mar.", "apr.", "maj", "jun.", "jul.", "aug.", "sep.", "okt.", "nov.", "dec."];
const FORMS: usize = 26;

/// A date in one of very many forms. Years of two digits are of our time.
fn date(dice: &mut Dice, form: usize) -> String {
    let (day, month, year) = (dice.between(1, 28), dice.between(1, 12), dice.between(1930, 2035));
    let (ours, name, short) = (dice.between(20, 35), MONTHS[month - 1], SHORT[month - 1]);
    match form {
        0 => format!("{day}. {name} {year}"),
        1 => format!("{day}/{month}/{year}"),
        2 => format!("{day}/{month}-{year}"),
        3 => format!("{day:02}.{month:02}.{year}"),
        4 => format!("{day:02}-{month:02}-{year}"),
        5 => format!("{year}-{month:02}-{day:02}"),
        6 => format!("{year}/{month:02}/{day:02}"),
        7 => format!("{year}.{month:02}.{day:02}"),
        8 => format!("{year}{month:02}{day:02}"),
        9 => format!("{day:02}{month:02}{year}"),
        10 => format!("{day}/{month}"),
        11 => format!("{day:02}.{month:02}."),
        12 => format!("{day}/{month}-{ours}"),
        13 => format!("{day:02}.{month:02}.{ours}"),
        14 => format!("{day:02}-{month:02}-{ours}"),
        15 => format!("{day:02}/{month:02}/{ours}"),
        16 => format!("{day:02}{month:02}{ours}"),
        17 => format!("{day:02} {month:02} {year}"),
        18 => format!("{short} {year}"),
        19 => format!("søndag den {day}. {short} {year}"),
        20 => format!("November {day}, {year}"),
        21 => format!("uge {} {year}", dice.between(1, 52)),
        22 => format!("{year}-W{:02}", dice.between(1, 52)),
        23 => format!("{day}-{}-{year}", &name[..3]),
        24 => format!("{year}-{month:02}-{day:02}T{:02}:{:02}:00Z", dice.roll(24), dice.roll(60)),
        _ => format!("d. {day}. {month}. {year}"),
    }
}

fn time(dice: &mut Dice) -> String {
    let (hour, minute) = (dice.roll(24), dice.roll(4) * 15);
    match dice.roll(6) {
        0 => format!("kl. {hour}.{minute:02}"),
        1 => format!("kl. {hour:02}:{minute:02}"),
        2 => format!("kl {hour:02}{minute:02}"),
        3 => format!("kl. {hour}"),
        4 => format!("{hour:02}:{minute:02}"),
        _ => format!("kl. {hour:02}.{minute:02}-{:02}.{minute:02}", (hour + 2) % 24),
    }
}

#[test]
fn dates() {
    all_forms_stay(0x57A7_0001, &[], date);
}

#[test]
fn ranges_of_dates() {
    all_forms_stay(0x57A7_0101, &[16], |dice, form| {
        let joint = dice.pick(&[" - ", " til ", "–", " – ", " to ", " og ", ", "]);
        format!("{}{joint}{}", date(dice, form), date(dice, form))
    });
}

#[test]
fn dates_with_times() {
    // A day, a month and a year in six digits and four more are ten digits: that is in doubt, and goes.
    all_forms_stay(0x57A7_0201, &[16, 24], |dice, form| {
        format!("{}{}{}", date(dice, form), dice.pick(&[" ", ", ", "\n"]), time(dice))
    });
}

#[test]
fn times_and_opening_hours() {
    all_stay("times", 0x57A7_0003, |dice| {
        let (from, to) = (dice.between(7, 11), dice.between(12, 20));
        match dice.roll(6) {
            0 => time(dice),
            1 => format!("mandag-torsdag {from}-{to}, fredag {from}-16"),
            2 => format!("kl. {from:02}.00-{to}.00"),
            3 => format!("{from:02}:00 - {to}:00"),
            4 => format!("åbent {from:02}00-{to}00"),
            _ => format!("man {from}-{to} tirs {from}-{to} ons {from}-{to} tors {from}-{to} fre 8-16"),
        }
    });
}

#[test]
fn postcodes_and_addresses() {
    let towns =
        ["Kongens Lyngby", "Værløse", "Aarhus C", "Nykøbing F", "Odense SØ", "Rønne", "Ærøskøbing", "Højer"];
    all_stay("postcodes", 0x57A7_0004, |dice| {
        let (code, other) = (dice.between(1000, 9990), dice.between(1000, 9990));
        let (town, house) = (dice.pick(&towns), dice.between(1, 250));
        let form = dice.roll(FORMS);
        match dice.roll(8) {
            0 => format!("{code} {town}"),
            1 => format!("Hovedgaden {house}, {code} {town}"),
            2 => format!("Stationsvej {house}, 2. tv., {code} {town}"),
            3 => format!("{code} {town} til {other} {}", dice.pick(&towns)),
            4 => format!("postnr. {code}"),
            5 => format!("postnummer {code} og {other}"),
            6 => format!("DK-{code} {town}"),
            _ => format!("jeg flytter {} til {code} {town}", date(dice, form)),
        }
    });
}

/// A number as Danes write it, with dots between the thousands.
fn dotted(number: usize, dot: &str) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (n, c) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push_str(dot);
        }
        text.push(c);
    }
    text
}

#[test]
fn amounts_and_measures() {
    all_stay("amounts", 0x57A7_0005, |dice| {
        let number = [950, 8_500, 12_345, 450_000, 1_234_567, 12_345_678][dice.roll(6)] + dice.roll(99);
        match dice.roll(10) {
            0 => format!("{} kr.", dotted(number, ".")),
            1 => format!("{},50 kr", dotted(number, ".")),
            2 => format!("kr. {number}"),
            3 => format!("{number} kroner"),
            4 => format!("{},-", dotted(number, ".")),
            5 => format!("DKK {}", dotted(number, ".")),
            6 => format!("{} kr", dotted(number, " ")),
            7 => format!("{number} kr. om måneden i {}", dice.between(1990, 2030)),
            8 => format!("{} m2 til {}.000 kr", dice.between(20, 300), dice.between(3, 30)),
            _ => format!("{}.000-{}.000 kr.", dice.between(1, 9), dice.between(10, 99)),
        }
    });
}

#[test]
fn classification_and_case_numbers() {
    all_stay("case numbers", 0x57A7_0006, |dice| {
        let (group, subject, matter) = (dice.between(0, 88), dice.between(0, 40), dice.between(0, 60));
        let kle = format!("{group:02}.{subject:02}.{matter:02}");
        let (year, short) = (dice.between(2010, 2030), dice.between(10, 30));
        let count = dice.between(1, 99_999);
        let letter = dice.pick(&["A", "G", "K", "P", "S", "Ø", "Å"]);
        match dice.roll(18) {
            0 => kle,
            1 => format!("{kle}-{letter}{:02}-{}-{short}", dice.roll(60), dice.between(1, 9_999)),
            2 => format!("{kle}{letter}{short}"),
            3 => format!("KLE {kle} {letter}{:02}", dice.roll(60)),
            4 => format!("S{year}-{count:05}"),
            5 => format!("{short}/{count:06}"),
            6 => format!("{short}/{count}"),
            7 => format!("{year}-{count:06}"),
            8 => format!("EMN-{year}-{count:05}"),
            9 => format!("sagsnr. {year}-{count:05}"),
            10 => format!("sagsnummer: {short}/{count:05}"),
            11 => format!("j.nr. {year}-{count}"),
            12 => format!("journalnummer {short}-{count:06}"),
            13 => format!("{}-{year}-{count}", dice.between(101, 860)),
            14 => format!("S{short}-{count:05}"),
            15 => format!("sag nr. {count}"),
            16 => format!("sags-id {year}{count:05}"),
            _ => format!("Sagsnr: {letter}{year}-{count:05}"),
        }
    });
}

#[test]
fn our_own_references() {
    const LETTERS: &[u8; 24] = b"234679ACDEFGHJKMNPQRTWXY";
    all_stay("references", 0x57A7_0007, |dice| {
        let half =
            |dice: &mut Dice| -> String { (0..4).map(|_| char::from(LETTERS[dice.roll(24)])).collect() };
        loop {
            let (first, second) = (half(dice), half(dice));
            // One in some sixty thousand has digits only; it cannot be told from a phone number.
            if format!("{first}{second}").bytes().any(|byte| byte.is_ascii_alphabetic()) {
                return format!("{first}-{second}");
            }
        }
    });
}

#[test]
fn statutes_and_registers() {
    all_stay("statutes", 0x57A7_0008, |dice| {
        let number = dice.between(1, 1_900);
        let form = dice.roll(8);
        let when = date(dice, form);
        match dice.roll(12) {
            0 => format!("lov nr. {number} af {when}"),
            1 => format!("LBK nr {number} af {when}"),
            2 => format!("bekendtgørelse nr. {number} af {when}"),
            3 => format!("BEK {number} af {when}"),
            4 => {
                format!("§ {}, stk. {}, nr. {}", dice.between(1, 160), dice.between(1, 9), dice.between(1, 9))
            }
            5 => format!("forordning (EU) 2016/679 af {when}"),
            6 => format!("L {}", dice.between(1, 250)),
            7 => format!("CVR {}", dice.between(10_000_000, 99_999_999)),
            8 => format!(
                "CVR-nr. {} {} {} {}",
                dice.between(10, 99),
                dice.digits(2),
                dice.digits(2),
                dice.digits(2)
            ),
            9 => format!("EAN 579{}", dice.digits(10)),
            10 => format!("VEJ nr. {} af {when}", dice.between(9_000, 11_999)),
            _ => format!("kommunekode {:04}", dice.between(101, 860)),
        }
    });
}

#[test]
fn every_number_and_address_that_the_counter_tells() {
    let phones: Vec<&str> = public().phones().collect();
    let emails: Vec<&str> = public().emails().collect();
    assert!(phones.len() >= 12 && !emails.is_empty(), "{phones:?} {emails:?}");
    all_stay("public phones", 0x57A7_0009, |dice| {
        let number = dice.pick(&phones);
        let (a, b, c, d) = (&number[..2], &number[2..4], &number[4..6], &number[6..]);
        match dice.roll(8) {
            0 => number.to_owned(),
            1 => format!("{a} {b} {c} {d}"),
            2 => format!("{a}{b} {c}{d}"),
            3 => format!("+45 {a} {b} {c} {d}"),
            4 => format!("+45{number}"),
            5 => format!("{} {} {}", &number[..2], &number[2..5], &number[5..]),
            6 => format!("tlf. {a}-{b}-{c}-{d}"),
            _ => format!("0045 {a}{b}{c}{d}"),
        }
    });
    all_stay("public addresses", 0x57A7_000A, |dice| {
        let address = dice.pick(&emails);
        if dice.roll(3) == 0 { address.to_uppercase() } else { address.to_owned() }
    });
}

#[test]
fn everything_that_the_counter_says() {
    let library = Library::builtin().unwrap();
    for article in library.articles() {
        for text in article.paragraphs.iter().chain([&article.title, &article.next_step]) {
            assert_eq!(da(text).0, *text, "{}", article.file());
        }
    }
    for authority in library.authorities() {
        let card = [&authority.phone, &authority.phone_checked, &authority.address, &authority.email];
        for text in card {
            assert_eq!(da(text).0, *text, "{}", authority.slug());
        }
    }
    for place in library.municipalities() {
        for text in [&place.phone, &place.address, &place.domain] {
            assert_eq!(da(text).0, *text, "{}", place.name);
        }
        for text in [place.code.code3(), &place.official_name] {
            assert_eq!(da(text).0, text, "{}", place.name);
        }
    }
    for service in library.services() {
        for lang in [Lang::Da, Lang::En] {
            for text in service.bring(lang).iter().map(String::as_str).chain([service.without_eid(lang)]) {
                assert_eq!(da(text).0, text, "{}", service.slug());
            }
        }
    }
}
