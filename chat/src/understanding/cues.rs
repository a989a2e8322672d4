//! Unmistakable words and phrases: "I have no `MitID`", a person wanted, a greeting.
//!
//! They are listed in `cues.txt`, both languages together, and come before anything that is learned. Here is what the
//! lists mean: "har ikke `MitID`" says what is missing, "kan ikke logge på `MitID`" asks about it. What is danger has
//! rules of its own ([`super::danger`]).

use std::collections::HashSet;

use skranke_domain::Lang;
use skranke_domain::conversation::Intent;

use super::lists::{Lists, Phrase, has};

/// The lists.
#[derive(Debug)]
pub(crate) struct Cues {
    greetings: HashSet<&'static str>,
    greeting_phrases: Vec<Phrase>,
    thanks: HashSet<&'static str>,
    leave: Vec<Phrase>,
    around: HashSet<&'static str>,
    closing: HashSet<&'static str>,
    closes: HashSet<&'static str>,
    affirms: HashSet<&'static str>,
    insults: HashSet<&'static str>,
    person: Vec<Phrase>,
    eid: HashSet<&'static str>,
    devices: HashSet<&'static str>,
    not: HashSet<&'static str>,
    trouble: HashSet<&'static str>,
    own_matter: HashSet<&'static str>,
    wants_eid: Vec<Phrase>,
    rest: HashSet<&'static str>,
}

/// What was said about having no `MitID`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WithoutEid {
    /// The words that say so, by number: they are left out of the search for the matter.
    pub(crate) said: HashSet<usize>,
    /// Whether `MitID` (or `NemID`) itself is missing, rather than a computer or the skill.
    pub(crate) eid: bool,
}

impl Cues {
    /// Reads the lists.
    pub(crate) fn new() -> Self {
        let lists = Lists::of(include_str!("cues.txt"));
        let (words, phrases) = (|name: &str| lists.words(name), |name: &str| lists.phrases(name));
        Self {
            greetings: words("greetings"),
            greeting_phrases: phrases("greeting-phrases"),
            thanks: words("thanks"),
            leave: phrases("leave"),
            around: words("around"),
            closing: words("closing"),
            closes: words("closes"),
            affirms: words("affirms"),
            insults: words("insults"),
            person: phrases("person"),
            eid: words("eid"),
            devices: words("devices"),
            not: words("not"),
            trouble: words("trouble"),
            own_matter: words("own-matter"),
            wants_eid: phrases("wants-eid"),
            rest: words("rest"),
        }
    }

    /// Greeting or thanks and nothing else.
    pub(crate) fn pleasantry(&self, words: &[&str]) -> Option<Intent> {
        if words.is_empty() || words.len() > 9 {
            return None;
        }
        let greets =
            words.iter().any(|word| self.greetings.contains(word)) || has(words, &self.greeting_phrases);
        let leaves = words.len() <= 3 && has(words, &self.leave);
        let thanks = leaves || words.iter().any(|word| self.thanks.contains(word));
        let only = words.iter().all(|word| {
            self.greetings.contains(word) || self.thanks.contains(word) || self.around.contains(word)
        });
        match (only, thanks, greets) {
            (true, true, _) => Some(Intent::Thanks),
            (true, false, true) => Some(Intent::Greeting),
            _ => None,
        }
    }

    /// A bare "nej tak" or "ok": nothing more is wanted.
    pub(crate) fn closes(&self, words: &[&str]) -> bool {
        words.len() <= 5
            && words.iter().any(|word| self.closes.contains(word))
            && words.iter().all(|word| self.closing.contains(word))
    }

    /// A bare "ja".
    pub(crate) fn affirms(&self, words: &[&str]) -> bool {
        !words.is_empty() && words.len() <= 3 && words.iter().all(|word| self.affirms.contains(word))
    }

    /// Whether somebody is called names.
    pub(crate) fn insults(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.insults.contains(word))
    }

    /// How many words at the beginning only greet: "Hej, hvordan …".
    pub(crate) fn opening(&self, words: &[&str]) -> usize {
        words.iter().take(3).take_while(|word| self.greetings.contains(**word)).count()
    }

    /// Whether a person is asked for in so many words.
    pub(crate) fn wants_person(&self, words: &[&str]) -> bool {
        has(words, &self.person)
    }

    /// Whether a message that says "no `MitID`" asks for `MitID` itself: "jeg har ikke `MitID`, hvordan får jeg det?"
    pub(crate) fn wants_eid(&self, words: &[&str]) -> bool {
        has(words, &self.wants_eid)
    }

    /// Whether a word is a filler when "no `MitID`" has been taken out.
    pub(crate) fn is_rest(&self, word: &str) -> bool {
        self.rest.contains(word) || self.eid.contains(word)
    }

    /// Finds "har ikke `MitID`", "uden `NemID`", "I have no computer".
    pub(crate) fn without_eid(&self, words: &[&str], lang: Lang) -> Option<WithoutEid> {
        let mut said: HashSet<usize> = HashSet::new();
        let mut eid = false;
        for (at, word) in words.iter().enumerate() {
            let is_eid = self.eid.contains(word);
            let is_device = self.devices.contains(word) && !(*word == "it" && lang == Lang::En);
            let own_matter =
                is_device && words.get(at + 1).is_some_and(|next| self.own_matter.contains(next));
            if !(is_eid || is_device) || own_matter {
                continue;
            }
            if let Some(range) = self.said_before(words, at).or_else(|| self.said_after(words, at)) {
                // "slet ikke": no wish to have anything deleted.
                said.extend(range.start().checked_sub(1).filter(|before| words[*before] == "slet"));
                said.extend(range);
                eid |= is_eid;
            }
        }
        if said.is_empty() {
            return None;
        }
        if eid {
            // "hverken mitid eller nemid": every name of it goes.
            said.extend((0..words.len()).filter(|n| self.eid.contains(words[*n])));
        }
        Some(WithoutEid { said, eid })
    }

    /// "har ikke noget `MitID`", "have no `MitID`", "kan slet ikke det der digitale".
    fn said_before(&self, words: &[&str], at: usize) -> Option<std::ops::RangeInclusive<usize>> {
        let not = (at.saturating_sub(6)..at).rev().find(|n| self.not.contains(words[*n]))?;
        let trouble = words[not..at].iter().any(|word| self.trouble.contains(word));
        let any_longer = matches!(words.get(at + 1), Some(&("mere" | "laengere" | "anymore")));
        if trouble || (any_longer && words[not] != "uden") {
            return None;
        }
        let verb = not > 0
            && matches!(words[not - 1], "har" | "have" | "kan" | "has" | "had" | "can" | "i" | "do" | "does");
        Some(not - usize::from(verb)..=at)
    }

    /// "`MitID` har jeg ikke", "nemid ejer jeg ikke".
    fn said_after(&self, words: &[&str], at: usize) -> Option<std::ops::RangeInclusive<usize>> {
        let rest = words.get(at + 1..)?;
        let rest = &rest[..rest.len().min(4)];
        let turned = rest.first().is_some_and(|first| matches!(*first, "har" | "ejer" | "bruger" | "kan"));
        let not = rest.iter().position(|word| matches!(*word, "ikke" | "ingen" | "aldrig"))?;
        let trouble = rest.iter().any(|word| self.trouble.contains(word));
        (turned && !trouble).then_some(at..=at + 1 + not)
    }
}

#[cfg(test)]
mod tests {
    use super::Cues;
    use skranke_domain::Lang;

    #[test]
    fn every_list_is_there() {
        let cues = Cues::new();
        let phrases = [&cues.greeting_phrases, &cues.leave, &cues.person, &cues.wants_eid];
        assert!(phrases.iter().all(|list| !list.is_empty()));
        let words = [
            &cues.greetings,
            &cues.thanks,
            &cues.around,
            &cues.closing,
            &cues.closes,
            &cues.affirms,
            &cues.insults,
            &cues.eid,
            &cues.devices,
            &cues.not,
            &cues.trouble,
            &cues.own_matter,
            &cues.rest,
        ];
        assert!(words.iter().all(|list| !list.is_empty()));
    }

    #[test]
    fn short_replies_are_no_questions() {
        let cues = Cues::new();
        let words = |text: &'static str| text.split(' ').collect::<Vec<_>>();
        for text in ["nej tak", "ok", "nej det er fint", "no thanks", "no thank you", "ok det er i orden"] {
            assert!(cues.closes(&words(text)), "{text}");
        }
        for text in ["nej jeg mente odense", "ok men hvad med pas", "det er nu", "i orden"] {
            assert!(!cues.closes(&words(text)), "{text}");
        }
        assert!(cues.affirms(&["ja", "tak"]) && !cues.affirms(&["ja", "pas"]));
        assert!(cues.insults(&words("i odense er i nogle idioter")));
    }

    #[test]
    fn trouble_with_mitid_is_not_its_absence() {
        let cues = Cues::new();
        let without = |text: &str| {
            let words: Vec<&str> = text.split(' ').collect();
            cues.without_eid(&words, Lang::Da).is_some_and(|without| without.eid)
        };
        for text in ["har ikke mitid", "uden nemid", "min mor har aldrig haft mitid", "mitid har jeg ikke"] {
            assert!(without(text), "{text}");
        }
        for text in [
            "kan ikke logge paa mitid",
            "mitid virker ikke",
            "kan man ikke laengere bruge nemid",
            "mit mitid",
        ] {
            assert!(!without(text), "{text}");
        }
    }
}
