//! Invented numbers and addresses, in the ways people write them. All of them must go.

use skranke_domain::conversation::Removed;

use crate::da;
use crate::dice::Dice;

const WRITTEN: usize = 4_000;

/// What stands before and after it in a message; no digits, so that any digit left is one that leaked.
const AROUND: [(&str, &str); 6] = [
    ("", ""),
    ("hej, mit nummer er ", ", kan I hjælpe mig?"),
    ("Det drejer sig om ", ". Tak på forhånd"),
    ("(", ")"),
    ("jeg kan ikke logge ind\n", "\nhilsen Bo"),
    ("\"", "\" står der i brevet"),
];

/// Writes `one` often, each time in a message, and looks that nothing of it is left.
fn all_go(seed: u64, gone: impl Fn(&Removed) -> u16, one: impl Fn(&mut Dice) -> String) {
    let mut dice = Dice(seed);
    for round in 0..WRITTEN {
        let (before, after) = AROUND[dice.roll(AROUND.len())];
        let secret = one(&mut dice);
        let raw = format!("{before}{secret}{after}");
        let (text, removed) = da(&raw);
        assert!(gone(&removed) >= 1, "round {round}: {raw:?} gave {text:?}");
        let left: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
        assert!(left.is_empty(), "round {round}: {raw:?} gave {text:?}");
        let tail: String = secret.chars().skip(secret.chars().count() * 3 / 4).collect();
        assert!(
            !text.contains(&secret) && (tail.len() < 4 || !text.contains(&tail)),
            "{raw:?} gave {text:?}"
        );
    }
}

/// Day, month, year and the last four of somebody who does not exist.
struct Person {
    day: usize,
    month: usize,
    year: usize,
    four: String,
}

impl Person {
    fn any(dice: &mut Dice) -> Self {
        Self {
            day: dice.between(1, 28),
            month: dice.between(1, 12),
            year: dice.roll(100),
            four: dice.digits(4),
        }
    }

    fn six(&self) -> String {
        format!("{:02}{:02}{:02}", self.day, self.month, self.year)
    }
}

#[test]
fn cpr_numbers_in_odd_writing() {
    let link = [
        "x",
        "X",
        "og",
        "o",
        "xx",
        "cpr",
        " x ",
        " og ",
        "+",
        " + ",
        "*",
        "***",
        "=",
        " = ",
        "|",
        "--",
        "-----",
        " -- ",
        "_",
        ":",
        " : ",
        ";",
        ",",
        " , ",
        "\n",
        " \n ",
        "\t",
        "/",
        "\\",
        "~",
        "·",
        "…",
        "→",
        " (",
        "\u{E0020}",
        "\u{200B}",
        "\u{2060}-\u{2060}",
        ". ",
        " . ",
    ];
    all_go(
        0x5EED_0001,
        |removed| removed.cpr,
        |dice| {
            let person = Person::any(dice);
            format!("{}{}{}", person.six(), dice.pick(&link), person.four)
        },
    );
}

#[test]
fn cpr_numbers_with_words_between() {
    let words = [
        " og så ",
        " og ",
        " og derefter ",
        ", de sidste fire er ",
        ", sidste fire: ",
        " og de sidste fire cifre er ",
        " og resten er ",
        " - resten er ",
        " streg ",
        " bindestreg ",
        ", kontrolcifre ",
        " og kontrolcifrene er ",
        " med endelsen ",
        " and then ",
        ", the last four are ",
        " and the last four digits are ",
        " dash ",
        " ending ",
        " and the rest is ",
        ", slutter på ",
        " efterfulgt af ",
        ", løbenummer ",
    ];
    all_go(
        0x5EED_0002,
        |removed| removed.cpr,
        |dice| {
            let person = Person::any(dice);
            let Person { day, month, year, four } = &person;
            let month_name =
                dice.pick(&["januar", "jan", "marts", "maj", "juni", "okt", "december", "march", "may"]);
            let written = match dice.roll(6) {
                0 => format!("{day}. {month_name} 19{year:02}"),
                1 => format!("{day} {month_name} {year:02}"),
                2 => format!("{day:02}.{month:02}.19{year:02}"),
                _ => person.six(),
            };
            // A date and "og 1234" may be a year and something else; only a bare birthday is told that way.
            let between = if written.len() == 6 { dice.pick(&words) } else { dice.pick(&words[3..7]) };
            format!("{written}{between}{four}")
        },
    );
}

#[test]
fn cpr_numbers_digit_by_digit_and_in_words() {
    let danish = ["nul", "et", "to", "tre", "fire", "fem", "seks", "syv", "otte", "ni"];
    let english = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    all_go(
        0x5EED_0003,
        |removed| removed.cpr,
        |dice| {
            let person = Person::any(dice);
            let digits: Vec<usize> = format!("{}{}", person.six(), person.four)
                .bytes()
                .map(|byte| usize::from(byte - b'0'))
                .collect();
            let gap = dice.pick(&[" ", "-", ". ", ", ", " - ", "\n"]);
            let words = if dice.roll(2) == 0 { danish } else { english };
            let spoken = |digit: &usize| words[*digit].to_owned();
            let figure = |digit: &usize| digit.to_string();
            match dice.roll(4) {
                0 => digits.iter().map(figure).collect::<Vec<_>>().join(gap),
                1 => {
                    let date: Vec<String> = digits[..6].iter().map(figure).collect();
                    let four: Vec<String> = digits[6..].iter().map(spoken).collect();
                    format!("{} {}", date.concat(), four.join(" "))
                }
                _ => digits.iter().map(spoken).collect::<Vec<_>>().join(gap),
            }
        },
    );
}

/// A number that satisfies the check of payment cards.
fn card(dice: &mut Dice, start: &str, length: usize) -> String {
    let body = format!("{start}{}", dice.digits(length - start.len() - 1));
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(n, byte)| match (n % 2, u32::from(byte - b'0')) {
            (0, digit @ 5..) => digit * 2 - 9,
            (0, digit) => digit * 2,
            (_, digit) => digit,
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

#[test]
fn payment_cards() {
    all_go(
        0x5EED_0004,
        |removed| removed.card,
        |dice| {
            let (start, length) =
                [("4571", 16), ("5", 16), ("4", 16), ("37", 15), ("6", 16), ("5019", 16)][dice.roll(6)];
            let number = card(dice, start, length);
            let gap = dice.pick(&["", " ", "-", ".", "\u{00A0}", "  "]);
            let cuts: &[usize] = if length == 15 { &[4, 10] } else { &[4, 8, 12] };
            let mut text = String::new();
            for (n, c) in number.chars().enumerate() {
                if cuts.contains(&n) {
                    text.push_str(gap);
                }
                text.push(c);
            }
            text
        },
    );
}

#[test]
fn addresses() {
    all_go(
        0x5EED_0005,
        |removed| removed.email,
        |dice| {
            let name = dice.pick(&[
                "bo",
                "kari.nordmann",
                "søren_ø",
                "a-b",
                "inger+post",
                "bo.hansen1990",
                "x.y.z",
                "Mette",
            ]);
            let number = if dice.roll(3) == 0 { dice.digits(3) } else { String::new() };
            let sign =
                dice.pick(&["@", " @ ", "@ ", " @", "(at)", "[at]", "＠", "(snabel-a)", "{at}", " (at) "]);
            let host = dice.pick(&[
                "eksempel.dk",
                "post.eksempel.dk",
                "example.co.uk",
                "blåbær.dk",
                "EKSEMPEL.DK",
                "e-post.net",
            ]);
            format!("{name}{number}{sign}{host}")
        },
    );
}

#[test]
fn phone_numbers() {
    all_go(
        0x5EED_0006,
        |removed| removed.phone + removed.cpr,
        |dice| {
            let lengths: &[usize] =
                [&[8][..], &[2, 2, 2, 2], &[4, 4], &[2, 3, 3], &[3, 2, 3], &[3, 3, 2], &[2, 6], &[2, 2, 4]]
                    [dice.roll(8)];
            // What reads as a date in eight digits stays: see `must_stay`.
            let number = format!("{}{}", dice.between(4, 9), dice.digits(7));
            // "43.123.456" by itself is an amount.
            let gap =
                dice.pick(if lengths == [2, 3, 3] { &[" ", "-"] } else { &[" ", "-", ".", "\u{00A0}"] });
            let mut rest = number.as_str();
            let parts: Vec<&str> = lengths
                .iter()
                .map(|length| {
                    let (part, after) = rest.split_at(*length);
                    rest = after;
                    part
                })
                .collect();
            format!(
                "{}{}",
                dice.pick(&["", "+45 ", "+45", "0045 ", "(+45) ", "tlf. ", "Tlf:"]),
                parts.join(gap)
            )
        },
    );
}

#[test]
fn phone_numbers_from_abroad() {
    all_go(
        0x5EED_0007,
        |removed| removed.phone + removed.cpr + removed.card,
        |dice| {
            let land = dice.pick(&["46", "49", "47", "48", "380", "90", "44", "1"]);
            let (a, b, c) = (dice.digits(3), dice.digits(3), dice.digits(3));
            let sign = dice.pick(&["+", "00"]);
            let gap = dice.pick(&[" ", "-", ""]);
            format!("{sign}{land}{gap}{a}{gap}{b}{gap}{c}")
        },
    );
}
