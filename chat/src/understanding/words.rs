//! Word forms: *flytter*, *flyttede* and *flytning* are about the same thing, and *jeg* or *hvordan* about nothing.
//!
//! [`stem`] takes the endings off a plain word (see [`super::normalise`]), in Danish or English. It is a small suffix
//! stripper of our own: wrong now and then, but the same way in the question and in the article, which is all that
//! matters. Words whose stems would collide (*pas* the passport and *passe* to mind a child) are listed by hand.

use std::borrow::Cow;

use skranke_domain::Lang;

/// Words whose form must not be guessed: plain spelling and stem.
const DANISH_EXCEPTIONS: [(&str, &str); 60] = [
    ("pas", "pas"),
    ("passet", "pas"),
    ("passene", "pas"),
    ("pass", "pas"),
    ("passe", "passe"),
    ("passer", "passe"),
    ("passede", "passe"),
    ("passes", "passe"),
    ("pasning", "passe"),
    ("pasningen", "passe"),
    ("mitid", "mitid"),
    ("nemid", "nemid"),
    ("far", "far"),
    ("fars", "far"),
    ("faren", "far"),
    ("faar", "faa"),
    ("faa", "faa"),
    ("boern", "barn"),
    ("boernene", "barn"),
    ("boerns", "barn"),
    ("barnet", "barn"),
    ("barnets", "barn"),
    ("boger", "bog"),
    ("boeger", "bog"),
    ("boegerne", "bog"),
    ("bogen", "bog"),
    ("doed", "doed"),
    ("doede", "doed"),
    ("doeden", "doed"),
    ("dod", "doed"),
    ("soege", "soeg"),
    ("soegt", "soeg"),
    ("soegte", "soeg"),
    ("ansoegt", "ansoeg"),
    ("ansoegte", "ansoeg"),
    ("ansoegning", "ansoeg"),
    ("ansoegningen", "ansoeg"),
    ("flytning", "flyt"),
    ("flytningen", "flyt"),
    ("skilt", "skilt"),
    ("skilte", "skilt"),
    ("gift", "gift"),
    ("gifte", "gift"),
    ("giftes", "gift"),
    ("stjaalet", "stjael"),
    ("stjaalen", "stjael"),
    ("stjaeler", "stjael"),
    ("stjal", "stjael"),
    ("laeger", "laege"),
    ("laegen", "laege"),
    ("laege", "laege"),
    ("laegens", "laege"),
    ("doktor", "doktor"),
    ("hunde", "hund"),
    ("koebt", "koeb"),
    ("valget", "valg"),
    ("betalt", "betal"),
    ("solgt", "saelg"),
    ("glemt", "glem"),
    ("mistet", "mist"),
];

/// Danish endings, longest first.
const DANISH_ENDINGS: [&str; 37] = [
    "erendes", "erende", "hedens", "ernes", "erens", "erets", "endes", "heder", "heden", "ethed", "erede",
    "eren", "erer", "heds", "ende", "ered", "eres", "erne", "eret", "enes", "eds", "ens", "ers", "ets",
    "ene", "ere", "hed", "ede", "tes", "te", "en", "er", "es", "et", "ed", "e", "t",
];

const ENGLISH_EXCEPTIONS: [(&str, &str); 28] = [
    ("apply", "apply"),
    ("marry", "marry"),
    ("children", "child"),
    ("kids", "kid"),
    ("people", "people"),
    ("lost", "lose"),
    ("losing", "lose"),
    ("loses", "lose"),
    ("stolen", "steal"),
    ("stole", "steal"),
    ("moved", "move"),
    ("moving", "move"),
    ("moves", "move"),
    ("died", "die"),
    ("dying", "die"),
    ("dies", "die"),
    ("married", "marry"),
    ("paid", "pay"),
    ("pays", "pay"),
    ("applied", "apply"),
    ("application", "apply"),
    ("applications", "apply"),
    ("applying", "apply"),
    ("mitid", "mitid"),
    ("this", "this"),
    ("address", "address"),
    ("addresses", "address"),
    ("bus", "bus"),
];

/// Danish words that carry no matter.
const DANISH_STOPS: &str = "ad af aldrig alle allerede alt andet andre at bare begge blev blevet blive bliver da de \
    deg dem den dens der deres det dette dig din dine disse dit du efter egen eller en end endnu er et faa faar faaet \
    flere for foer fra gaa gaar gerne godt goer goere gjort gjorde ha hade hade haft ham han hans har hav have havde \
    hej hen hende hendes her hos hun hvad hvem hver hvilken hvilke hvilket hvis hvor hvordan hvorfor hvornaar hva \
    i igen ikke ind ingen inden jeg jeres jer jo kan kom kommer kun kunne lige lidt man mange meget med mellem men \
    mere mig min mine mit mod mon maa naar ned nej nogen noget nogle nok nu ny nye nyt og ogsaa om op os over paa saa saadan \
    samme se selv selvom set sig sin sine sit skal skulle som svar tak til tage tag tager tilbage ud uden under ved vi vil ville \
    vaere vaeret var vores ok okay altsaa jamen bruge brug bruger hjaelpe venlig venligst spoergsmaal tit lige godaften \
    goddag godmorgen hejsa davs hallo stadig hele helt maaske lov findes";

/// English words that carry no matter.
const ENGLISH_STOPS: &str = "a about after again all also am an and any are as at be because been before being both \
    but by can cant could did do does doesnt doing dont for from get gets getting got had has have having he hello hi \
    her here hers him his how i id if ill im in into is isnt it its ive just know like me more most much must my need \
    needs no not now of off ok okay on once one only or other our out over please put same she should so some such \
    take tell than thank thanks that the their them then there these they this those to too under until up us very \
    want wants was we were what when where which while who whom whose why will with without would you your yours \
    shall may might really still way something somebody someone anyone anything make made go going";

/// Word forms and empty words of one language.
#[derive(Debug)]
pub(crate) struct Words {
    /// The language whose endings are known.
    lang: Option<Lang>,
    stops: std::collections::HashSet<&'static str>,
}

impl Words {
    /// The words of a language.
    pub(crate) fn of(lang: Lang) -> Self {
        let stops = lang.pick(DANISH_STOPS, ENGLISH_STOPS).split_whitespace().collect();
        Self { lang: Some(lang), stops }
    }

    /// The words of a language of which nothing is known: each is its own stem, and none is empty.
    pub(crate) fn as_written() -> Self {
        Self { lang: None, stops: std::collections::HashSet::new() }
    }

    /// Whether a plain word carries no matter.
    pub(crate) fn is_stop(&self, word: &str) -> bool {
        self.stops.contains(word)
    }

    /// The stem of a plain word.
    pub(crate) fn stem<'a>(&self, word: &'a str) -> Cow<'a, str> {
        self.lang.map_or(Cow::Borrowed(word), |lang| stem(word, lang))
    }
}

/// The stem of a plain word.
pub(crate) fn stem(word: &str, lang: Lang) -> Cow<'_, str> {
    if word.len() <= 3 || !word.is_ascii() || word.bytes().any(|b| b.is_ascii_digit()) {
        return Cow::Borrowed(word);
    }
    match lang {
        Lang::Da => Cow::Borrowed(danish(word)),
        Lang::En => english(word),
    }
}

const fn is_vowel(b: u8) -> bool {
    matches!(b, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

/// Where endings may begin: after the first consonant that follows a vowel, and never before the third letter.
fn region(word: &str) -> usize {
    let bytes = word.as_bytes();
    let vowel = bytes.iter().position(|b| is_vowel(*b)).unwrap_or(bytes.len());
    let after = bytes.iter().skip(vowel).position(|b| !is_vowel(*b)).map_or(bytes.len(), |n| vowel + n + 1);
    after.max(3)
}

fn danish(word: &str) -> &str {
    if let Some((_, stem)) = DANISH_EXCEPTIONS.iter().find(|(form, _)| *form == word) {
        return stem;
    }
    let region = region(word);
    let fits = |stem: &str| stem.len() >= region;
    let mut stem = word;
    // The genitive, unless the s belongs to the word (hus, pas).
    if let Some(shorter) = stem.strip_suffix('s')
        && fits(shorter)
        && shorter.len() >= 4
        && !shorter.ends_with(['s', 'i', 'u', 'e'])
    {
        stem = shorter;
    }
    for noun in ["ningerne", "ningens", "ninger", "ningen", "nings", "ning"] {
        if let Some(shorter) = stem.strip_suffix(noun).filter(|shorter| fits(shorter)) {
            return undouble(shorter);
        }
    }
    if let Some(shorter) =
        DANISH_ENDINGS.iter().find_map(|ending| stem.strip_suffix(ending).filter(|shorter| fits(shorter)))
    {
        stem = shorter;
    }
    for ending in ["elig", "lig", "ig", "els"] {
        if let Some(shorter) = stem.strip_suffix(ending).filter(|shorter| fits(shorter) && shorter.len() >= 4)
        {
            stem = shorter;
            break;
        }
    }
    undouble(stem)
}

fn english(word: &str) -> Cow<'_, str> {
    if let Some((_, stem)) = ENGLISH_EXCEPTIONS.iter().find(|(form, _)| *form == word) {
        return Cow::Borrowed(stem);
    }
    let region = region(word);
    let plural = word.strip_suffix("ies").filter(|shorter| shorter.len() >= 2);
    if let Some(shorter) = plural {
        return Cow::Owned(english_stem(&format!("{shorter}y"), region).into_owned());
    }
    if word.ends_with("sses") {
        return english_stem(&word[..word.len() - 2], region);
    }
    let bare = word.strip_suffix('s').filter(|_| !word.ends_with("ss"));
    let bare = bare.filter(|bare| !bare.ends_with(['u', 'i']));
    english_stem(bare.unwrap_or(word), region)
}

/// The stem of a word in the singular.
fn english_stem(word: &str, region: usize) -> Cow<'_, str> {
    let mut stem = word;
    for ending in
        ["ations", "ation", "ments", "ment", "ings", "ing", "ed", "ly", "al", "er", "ance", "ence", "ion"]
    {
        if let Some(shorter) = stem.strip_suffix(ending).filter(|shorter| shorter.len() >= region.max(4)) {
            stem = shorter;
            break;
        }
    }
    if stem.len() > 4
        && let Some(shorter) = stem.strip_suffix('e')
    {
        stem = shorter;
    }
    match stem.strip_suffix('y').filter(|_| stem.len() > 3) {
        Some(shorter) => Cow::Owned(format!("{shorter}i")),
        None => Cow::Borrowed(undouble(stem)),
    }
}

fn undouble(stem: &str) -> &str {
    match stem.as_bytes() {
        [.., a, b] if a == b && !is_vowel(*b) && stem.len() > 3 => &stem[..stem.len() - 1],
        _ => stem,
    }
}

#[cfg(test)]
mod tests {
    use super::stem;
    use skranke_domain::Lang::{Da, En};

    fn same(lang: skranke_domain::Lang, forms: &[&str]) {
        for form in forms {
            assert_eq!(stem(form, lang), stem(forms[0], lang), "{form}");
        }
    }

    #[test]
    fn danish_forms_share_a_stem() {
        same(Da, &["flytte", "flytter", "flyttet", "flyttede", "flytning", "flytningen"]);
        same(Da, &["laege", "laegen", "laeger"]);
        same(Da, &["kommune", "kommunen", "kommuner", "kommunens"]);
        same(Da, &["pension", "pensionen", "pensioner", "pensions"]);
        same(Da, &["skole", "skolen", "skoler"]);
        same(Da, &["ansoege", "ansoeger", "ansoegning", "ansoegt"]);
    }

    #[test]
    fn words_that_differ_keep_apart() {
        assert_ne!(stem("pas", Da), stem("passe", Da));
        assert_eq!(stem("passet", Da), "pas");
        assert_ne!(stem("pension", Da), stem("foertidspension", Da));
        assert_ne!(stem("far", Da), stem("faar", Da));
    }

    #[test]
    fn english_forms_share_a_stem() {
        same(En, &["apply", "applied", "application", "applying"]);
        same(En, &["move", "moved", "moving"]);
        same(En, &["benefit", "benefits"]);
        same(En, &["enrol", "enrolment"]);
    }
}
