//! What kind of message it is: danger, no MitID, one's own case, a person wanted, a greeting, a question.
//!
//! Short lists of unmistakable phrases come first, because they must never be missed ("trækker ikke vejret"). The rest
//! is learned from the example sentences in `examples/`: people ask about their own case in more ways than anybody
//! can list. What must hold is tested either way: "slår mig" is danger, "slå græs" is not.

use skranke_domain::Lang;
use skranke_domain::conversation::{Intent, TopicSlug};

use super::features::{Features, Vector};
use super::learner::{Learner, Schedule};
use super::words::Words;

/// The kinds that are learned. Greetings, thanks and "no MitID" are told by rule.
pub(crate) const KINDS: [Intent; 5] =
    [Intent::Question, Intent::ConcreteCase, Intent::Danger, Intent::Human, Intent::OutOfScope];

/// The example sentences of one language, by kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Examples {
    concrete_case: &'static str,
    danger: &'static str,
    human: &'static str,
    no_eid: &'static str,
    out_of_scope: &'static str,
}

impl Examples {
    /// The examples of a language.
    pub(crate) const fn of(lang: Lang) -> Self {
        match lang {
            Lang::Da => Self {
                concrete_case: include_str!("examples/concrete_case.da.txt"),
                danger: include_str!("examples/danger.da.txt"),
                human: include_str!("examples/human.da.txt"),
                no_eid: include_str!("examples/no_eid.da.txt"),
                out_of_scope: include_str!("examples/out_of_scope.da.txt"),
            },
            Lang::En => Self {
                concrete_case: include_str!("examples/concrete_case.en.txt"),
                danger: include_str!("examples/danger.en.txt"),
                human: include_str!("examples/human.en.txt"),
                no_eid: include_str!("examples/no_eid.en.txt"),
                out_of_scope: include_str!("examples/out_of_scope.en.txt"),
            },
        }
    }

    /// The questions that no article answers.
    pub(crate) fn outside(self) -> Vec<&'static str> {
        lines(self.out_of_scope).collect()
    }
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Tells the kinds of messages of one language apart.
#[derive(Debug)]
pub(crate) struct Kinds {
    lang: Lang,
    forms: Words,
    features: Features,
    learner: Learner,
}

impl Kinds {
    /// Learns from the examples and from the articles' questions.
    pub(crate) fn new<'a>(lang: Lang, questions: impl Iterator<Item = &'a str>) -> Self {
        let examples = Examples::of(lang);
        let plain = |text: &str| -> Vec<String> {
            super::normalise::words(text).into_iter().map(|word| word.text).collect()
        };
        let mut texts: Vec<(usize, f32, Vec<String>)> = Vec::new();
        for question in questions {
            let words = plain(question);
            let read: Vec<&str> = words.iter().map(String::as_str).collect();
            // What the rule for "no MitID" takes is no example of anything here.
            if without_eid(&read, lang).is_none() && !words.is_empty() {
                texts.push((0, 0.6, words));
            }
        }
        let learned = [
            (1, 2.0, examples.concrete_case),
            (2, 2.0, examples.danger),
            (3, 2.0, examples.human),
            (4, 1.0, examples.out_of_scope),
            (0, 0.6, examples.no_eid),
        ];
        for (kind, weight, text) in learned {
            texts.extend(lines(text).map(|line| (kind, weight, plain(line))));
        }
        let forms = Words::of(lang);
        let read: Vec<Vec<&str>> =
            texts.iter().map(|(_, _, words)| words.iter().map(String::as_str).collect()).collect();
        let features = Features::learn(&read, &forms, 2);
        let training: Vec<(Vector, usize, f32)> = texts
            .iter()
            .zip(&read)
            .map(|((kind, weight, _), words)| (features.of(words, &forms), *kind, *weight))
            .collect();
        let schedule = Schedule { rounds: 10, pace: 2.0, doubt: 0.02 };
        let learner = Learner::train(&training, features.len(), KINDS.len(), schedule);
        Self { lang, forms, features, learner }
    }

    /// How likely each of [`KINDS`] is.
    pub(crate) fn odds(&self, words: &[&str]) -> Vec<f32> {
        self.learner.odds(&self.features.of(words, &self.forms))
    }

    /// The language.
    pub(crate) const fn lang(&self) -> Lang {
        self.lang
    }
}

/// Whether `words` has one of `phrases`, each a few plain words in a row; `*` at the end stands for any ending.
fn has(words: &[&str], phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| {
        let parts: Vec<&str> = phrase.split(' ').collect();
        words.windows(parts.len()).any(|window| {
            window.iter().zip(&parts).all(|(word, part)| {
                part.strip_suffix('*').map_or(word == part, |start| word.starts_with(start))
            })
        })
    })
}

/// Phrases that are danger whatever stands around them.
const DANGER: [&str; 73] = [
    "selvmord*", "ende paa det hele", "ende paa mit liv", "ende paa livet", "holde livet ud", "tage mit liv", "tage mit eget liv", "tager mit liv", "tager livet af", "tage livet af", "ikke leve mere",
    "ikke leve laengere", "ikke leve", "lyst til at doe", "jeg vil doe", "vil gerne doe", "oensker at doe", "overdosis", "traekker ikke vejret",
    "faa vejret", "bevidstloes", "hjertestop", "hjerteanfald", "huset braender", "det braender", "koekkenet braender",
    "lejligheden braender", "der er ild", "der er brand", "gaar ild", "livsfare", "slaa mig ihjel", "slaar mig ihjel", "draebe mig",
    "dolke*", "ambulance*", "skaerer i mig selv", "skade paa mig selv", "skade mig selv", "kan ikke faa luft", "en kniv mod",
    "med en kniv", "med kniv", "har en pistol", "suicid*", "kill myself", "want to be alive", "want to live anymore", "not want to live", "dont want to live", "end it all", "end my life", "want to die", "take my own life", "hurt myself",
    "cutting myself", "overdose", "not breathing", "stopped breathing", "cant breathe", "cannot breathe", "unconscious",
    "cardiac arrest", "heart attack", "house is on fire", "is on fire", "there is a fire", "theres a fire", "kill me",
    "has a knife", "with a knife", "has a gun", "life is in danger",
];

/// Verbs of violence.
const BLOWS: [&str; 31] = [
    "slaa", "slaar", "slog", "slaaet", "slaas", "banker", "bankede", "taever", "taevede", "taevet", "sparker", "sparkede", "kvaeler", "kvaele",
    "truer", "truede", "truet", "mishandler", "mishandlet", "voldtager", "voldtog", "hits", "hit", "hitting", "beats",
    "beat", "beating", "strangles", "strangling", "threatens", "threatening",
];

const VICTIMS: [&str; 12] = [
    "mig", "os", "boernene", "hende", "drengene", "pigerne", "me", "us", "her", "children", "kids", "mit",
];

/// Whether somebody is in danger now. `Some(false)` means: it only sounds so.
pub(crate) fn danger(words: &[&str]) -> Option<bool> {
    if has(words, &DANGER) {
        return Some(true);
    }
    let mut sounds_so = None;
    for (at, word) in words.iter().enumerate().filter(|(_, word)| BLOWS.contains(word)) {
        let by_oneself = at > 0 && matches!(words.get(at - 1), Some(&("jeg" | "i" | "vi")));
        let victim = words.iter().skip(at + 1).take(2).position(|word| VICTIMS.contains(word));
        let after = victim.and_then(|n| words.get(at + n + 2));
        // "slå mig op", "slå mig ned i Aarhus", "slår mig som …" hurt nobody.
        let idiom = matches!(after, Some(&("op" | "ned" | "som" | "loes" | "igennem" | "up")));
        if victim.is_some() {
            if !by_oneself && !idiom {
                return Some(true);
            }
            sounds_so = Some(false);
        }
    }
    sounds_so
}

const GREETINGS: [&str; 26] = [
    "hej", "hejsa", "hallo", "halloej", "goddag", "godmorgen", "godaften", "dav", "davs", "mojn", "hey", "hi", "hello", "yo",
    "godmiddag", "hejhej", "heej", "hejj", "greetings", "morgen", "aften", "dag", "godt", "god", "good", "dear",
];

const THANKS: [&str; 22] = [
    "tak", "tusind", "tusinde", "mange", "farvel", "vi", "ses", "hav", "hejhej", "thanks", "thank", "bye", "goodbye", "cheers",
    "super", "fint", "perfekt", "perfect", "great", "takker", "tusen", "thx",
];

/// Words that may stand around a greeting or a thank-you.
const AROUND: [&str; 73] = [
    "med", "dig", "jer", "der", "alle", "kaere", "skranke", "du", "i", "er", "nogen", "her", "for", "hjaelpen", "hjaelp", "det",
    "var", "alt", "og", "en", "dejlig", "rigtig", "saa", "meget", "you", "there", "so", "much", "very", "a", "lot", "the",
    "your", "help", "for", "that", "was", "all", "have", "nice", "day", "anyone", "anybody", "good", "morning",
    "afternoon", "evening", "dag", "god", "weekend", "aften", "ok", "okay", "svaret", "oplysningerne", "it", "is", "and",
    "to", "now", "nu", "skal", "have", "faa", "bare", "ha", "fortsat", "venlig", "hilsen", "kan", "jeg", "team", "mate",
];

/// Greeting or thanks and nothing else.
pub(crate) fn pleasantry(words: &[&str]) -> Option<Intent> {
    if words.is_empty() || words.len() > 9 {
        return None;
    }
    let greets = words.iter().any(|word| GREETINGS[..18].contains(word)) || has(words, &["god morgen", "god dag", "god aften", "good morning", "good afternoon", "good evening", "good day"]);
    let thanks = words.iter().any(|word| matches!(*word, "tak" | "thanks" | "thank" | "farvel" | "bye" | "goodbye" | "takker" | "thx" | "cheers"))
        || has(words, &["hej hej", "vi ses", "see you"]) && words.len() <= 3;
    let only = words.iter().all(|word| GREETINGS.contains(word) || THANKS.contains(word) || AROUND.contains(word));
    match (only, thanks, greets) {
        (true, true, _) => Some(Intent::Thanks),
        (true, false, true) => Some(Intent::Greeting),
        _ => None,
    }
}

/// How many words at the beginning only greet: "Hej, hvordan …".
pub(crate) fn opening(words: &[&str]) -> usize {
    words.iter().take(3).take_while(|word| GREETINGS[..18].contains(word)).count()
}

const PERSON: [&str; 57] = [
    "tale med et menneske", "tale med en person", "tale med en medarbejder", "tale med nogen", "snakke med et menneske", "snakke med en person",
    "snakke med en medarbejder", "snakke med nogen", "rigtigt menneske", "rigtig medarbejder", "rigtig person", "levende menneske",
    "levende person", "ring mig op", "ringe mig op", "ringe til mig", "ring til mig", "ringes op", "blive ringet op", "kontakte mig",
    "ringe tilbage", "stil mig om", "stil mig videre", "stille mig om", "stille mig videre", "viderestil*", "fat i nogen",
    "fat i et menneske", "faa en medarbejder", "have et menneske", "have en person", "have en medarbejder", "brug for et menneske", "need a person", "need a human", "want a person", "want a human",  "fat i en medarbejder", "real person", "real human", "live person", "speak to a human", "talk to a human",
    "speak to someone", "talk to someone", "talk to somebody", "talk to a person", "speak to a person", "speak with a person",
    "speak with someone", "call me", "call back", "human agent", "put me through", "connect me to", "transfer me", "contact me",
];

/// Whether a person is asked for in so many words.
pub(crate) fn wants_person(words: &[&str]) -> bool {
    has(words, &PERSON)
}

/// What was said about having no MitID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WithoutEid {
    /// The words that say so, by number: they are left out of the search for the matter.
    pub(crate) said: Vec<usize>,
    /// Whether MitID (or NemID) itself is missing, rather than a computer or the skill.
    pub(crate) eid: bool,
}

const EID: [&str; 12] = [
    "mitid", "nemid", "mitids", "nemids", "noeglekort", "nogleviser", "noegleviser", "kodeviser", "eid", "mitidet", "nemidet", "mitd",
];

const DEVICES: [&str; 26] = [
    "computer", "computeren", "pc", "internet", "internettet", "nettet", "net", "smartphone", "smartfon", "mobil", "mobiltelefon", "ipad", "tablet",
    "digitalt", "digitale", "digital", "online", "edb", "it", "phone", "smartphones", "digitally", "computere", "telefon", "email", "mail",
];

/// Words that say no.
const NOT: [&str; 22] = [
    "ikke", "ingen", "intet", "aldrig", "uden", "mangler", "hverken", "ikk", "ik", "ej", "no", "not", "dont", "without", "never",
    "cant", "cannot", "neither", "lack", "doesnt", "havent", "hasnt",
];

/// Words between "not" and "`MitID`" that make it a question about `MitID` itself.
const TROUBLE: [&str; 44] = [
    "logge", "log", "login", "huske", "husker", "virker", "virke", "aabne", "aabner", "godkende", "godkender", "komme", "kommer",
    "aktivere", "installere", "fungerer", "glemt", "laengere", "mere", "stadig", "stole", "sikker", "sikkert", "koden", "kode", "app", "appen",
    "remember", "open", "approve", "working", "works", "activate", "install", "longer", "anymore", "still", "trust", "safe",
    "password", "dele", "share", "afvist", "slette",
];

/// Finds "har ikke MitID", "uden NemID", "I have no computer".
pub(crate) fn without_eid(words: &[&str], lang: Lang) -> Option<WithoutEid> {
    let mut said: Vec<usize> = Vec::new();
    let mut eid = false;
    for (at, word) in words.iter().enumerate() {
        let is_eid = EID.contains(word);
        let is_device = DEVICES.contains(word) && !(*word == "it" && lang == Lang::En);
        if !is_eid && !is_device {
            continue;
        }
        // "har ikke noget MitID", "have no MitID", "kan slet ikke det der digitale".
        let start = at.saturating_sub(6);
        let not_before = (start..at).rev().find(|n| NOT.contains(&words[*n]));
        let clear = |from: usize, to: usize| !words[from..to].iter().any(|word| TROUBLE.contains(word));
        let before = not_before.filter(|n| clear(*n, at));
        // "Digital post" is a matter of its own, and "no phone number" no lack of a phone.
        let own_matter = is_device
            && matches!(words.get(at + 1), Some(&("post" | "fuldmagt" | "selvbetjening" | "hotline" | "self" | "mail" | "power" | "number" | "nummer")));
        if let Some(n) = before.filter(|_| !own_matter) {
            let after_ok = !matches!(words.get(at + 1), Some(&("mere" | "laengere" | "anymore")));
            if after_ok || *words.get(n).unwrap_or(&"") == "uden" {
                let from = if n > 0 && matches!(words[n - 1], "har" | "have" | "kan" | "has" | "had" | "can" | "i" | "do" | "does") { n - 1 } else { n };
                said.extend(from..=at);
                eid |= is_eid;
            }
            continue;
        }
        // "MitID har jeg ikke", "nemid ejer jeg ikke".
        let rest: Vec<&str> = words.iter().skip(at + 1).take(4).copied().collect();
        let turned = rest.first().is_some_and(|first| matches!(*first, "har" | "ejer" | "bruger" | "kan"))
            && rest.iter().any(|word| matches!(*word, "ikke" | "ingen" | "aldrig"))
            && !rest.iter().any(|word| TROUBLE.contains(word));
        if turned && !own_matter {
            let end = (at + 1..words.len()).find(|n| NOT.contains(&words[*n])).unwrap_or(at);
            said.extend(at..=end);
            eid |= is_eid;
        }
    }
    if said.is_empty() {
        return None;
    }
    if eid {
        // "hverken mitid eller nemid": every name of it goes.
        said.extend((0..words.len()).filter(|n| EID.contains(&words[*n])));
    }
    said.sort_unstable();
    said.dedup();
    Some(WithoutEid { said, eid })
}

/// Whether a message that says "no MitID" asks for `MitID` itself: "jeg har ikke MitID, hvordan får jeg det?"
pub(crate) fn wants_eid(words: &[&str]) -> bool {
    has(
        words,
        &[
            "faar jeg det", "faar jeg et", "faa det", "faa et", "faar man det", "faar hun det", "faar han det", "faa lavet", "bestille mitid",
            "faar jeg mitid", "faar man mitid", "faar han mitid", "faar hun mitid", "faar vi mitid", "do i get it", "can i get it", "get one", "do i get mitid", "can i get mitid",
            "how to get mitid", "order mitid", "does she get", "does he get", "skaffer jeg", "fik afslag", "fik nej", "was refused",
        ],
    )
}

/// Words of a person or of asking, that are left when "no MitID" has been taken out and nothing was asked.
const REST: [&str; 84] = [
    "mor", "far", "mand", "kone", "bedstemor", "bedstefar", "mormor", "farmor", "morfar", "farfar", "soen", "datter", "nabo", "goer",
    "goere", "goeres", "hjaelp", "hjaelpe", "aar", "gammel", "bor", "bo", "borger", "mother", "father", "husband", "wife", "grandmother",
    "grandfather", "neighbour", "old", "years", "help", "live", "have", "has", "hvad", "saa", "maade", "mulighed", "muligheder",
    "alternativ", "alternativer", "andre", "problem", "desvaerre", "slet", "overhovedet", "endnu", "heller", "hverken", "eller", "and",
    "or", "yet", "either", "unfortunately", "options", "options", "aldrig", "ingen", "ikke", "intet", "noget", "nogen", "nogensinde", "ever",
    "longer", "smartphone", "computer", "mig", "fordi", "because", "kan", "can", "use", "bruge", "bruger", "logge", "ind", "paa", "log", "digitalt", "nettet",
];

/// Whether nothing but fillers is left.
pub(crate) fn is_rest(word: &str) -> bool {
    REST.contains(&word) || EID.contains(&word)
}

/// Topics that are themselves about doing without the digital way.
const ABOUT_OTHER_WAYS: [&str; 6] =
    ["fritagelse-selvbetjening", "digital-post-fritagelse", "digital-fuldmagt", "laeseadgang", "blanket", "mitid"];

/// Whether somebody who "cannot do it on the net" wants another way in this matter, rather than an answer about other
/// ways in general.
pub(crate) fn can_be_done_otherwise(topic: &TopicSlug) -> bool {
    topic.can_be_routed() && !ABOUT_OTHER_WAYS.contains(&topic.as_str())
}
