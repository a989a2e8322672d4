//! What invented cases are about, and what invented people are called.

use super::dice::Dice;

/// A word that one title in eight has.
pub(crate) const FREQUENT: &str = "ansøgning";
/// A word that one title in five thousand has.
pub(crate) const RARE: &str = "kolonihave";
/// A word that no text has.
pub(crate) const ABSENT: &str = "xylofon";
/// One title in so many has the rare word.
const RARE_ONE_IN: usize = 5_000;

/// What the teams are called.
pub(super) const TEAMS: [&str; 8] =
    ["Bolig", "Ydelser", "Borgerservice", "Hjælpemidler", "Dagtilbud", "Sundhed", "Job", "Familie"];

/// KLE subjects and what is asked for in them. The first ones are the commonest.
const MATTERS: [(&str, &str); 20] = [
    ("32", "Boligstøtte"),
    ("32.24.04", "Kontanthjælp"),
    ("23", "Flytning"),
    ("28", "Vuggestueplads"),
    ("29", "Sundhedskort"),
    ("27", "Hjælpemiddel"),
    ("32", "Enkeltydelse"),
    ("15", "Fleksjob"),
    ("28", "Friplads"),
    ("27", "Ledsagelse"),
    ("03", "Ældrebolig"),
    ("23", "Pas"),
    ("30", "Navneændring"),
    ("17", "Skoleskift"),
    ("25", "Skattekort"),
    ("02", "Carport"),
    ("07", "Affaldsgebyr"),
    ("05", "Parkering"),
    ("29", "Genoptræning"),
    ("09", "Støj"),
];
const DETAILS: [&str; 8] =
    [FREQUENT, "genansøgning", "ændring", "forlængelse", "fornyelse", "spørgsmål", "klage fra nabo", "rest"];
const FIRST: [&str; 32] = [
    "Alma", "Bo", "Clara", "Dagny", "Ejnar", "Frida", "Gorm", "Hilda", "Ivan", "Jytte", "Knud", "Liva",
    "Malthe", "Nanna", "Otto", "Petra", "Rolf", "Signe", "Tove", "Ulla", "Viggo", "Walter", "Ylva", "Ziva",
    "Åse", "Asta", "Birk", "Dina", "Ebbe", "Fie", "Gro", "Hans",
];
const LAST: [&str; 24] = [
    "Demosen",
    "Tænktby",
    "Prøvestrup",
    "Opdigtet",
    "Eksempelgaard",
    "Fiktivsen",
    "Modelby",
    "Påfund",
    "Skabelund",
    "Udtænkt",
    "Forestil",
    "Digterholm",
    "Ordlund",
    "Navnløs",
    "Papirsen",
    "Mønsterby",
    "Attrap",
    "Skinsen",
    "Luftkastel",
    "Sagnby",
    "Rollegaard",
    "Kulissen",
    "Masken",
    "Spilmand",
];
const NOTES: [&str; 6] = [
    "Ringet op, ikke hjemme.",
    "Lejekontrakt modtaget.",
    "Oplysninger om indkomst hentet.",
    "Talt med borgeren om behovet.",
    "Aftalt møde i næste uge.",
    "Kopi af pas set i borgerservice.",
];

/// The subject and the title of a case. Low numbers of two throws are commoner, as some matters are.
pub(super) fn matter(dice: &mut Dice) -> (&'static str, String) {
    let (one, other) = (dice.below(MATTERS.len()), dice.below(MATTERS.len()));
    let (kle, what) = MATTERS[one.min(other)];
    let detail = dice.pick(&DETAILS);
    let rare = if dice.below(RARE_ONE_IN) == 0 { format!(", {RARE}") } else { String::new() };
    (kle, format!("{what}, {detail}{rare}"))
}

/// Somebody who does not exist.
pub(super) fn name(dice: &mut Dice) -> String {
    format!("{} {}", dice.pick(&FIRST), dice.pick(&LAST))
}

/// What was noted.
pub(super) fn note(dice: &mut Dice) -> &'static str {
    dice.pick(&NOTES)
}
