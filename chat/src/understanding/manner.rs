//! How something is said, apart from what it is about: "er min *ansøgning* gået igennem" and "er min *byggesag* gået
//! igennem" are one turn of speech.
//!
//! Words of the matter, relatives and numbers fall together, and the message becomes the rows of two and three words that
//! stand in it, its beginning and end among them. What the rest is about says little of the kind of a message; how it is
//! said says much, and comes again with matters that no example foresaw.

use std::borrow::Cow;
use std::collections::HashSet;

use super::words::Words;

/// People somebody writes for or about, in both languages.
const PEOPLE: &str = "mor moren mors far faren fars mand manden mands kone konen kones datter datteren datters soen soennen \
    soens barn barnet barns boern boernene bror brors soester soesters mormor morfar farmor farfar bedstemor bedstefar \
    svigermor svigerfar kaereste kaerestes samlever nabo naboen eks ven veninde onkel tante moster faster foraeldre baby \
    mum mom mother mothers dad father fathers husband husbands wife wifes daughter daughters son sons child children kids \
    brother brothers sister sisters grandmother grandfather granny grandma grandpa partner boyfriend girlfriend neighbour \
    neighbor ex friend uncle aunt parents";

/// Words that are keywords of some article and yet tell how something is asked.
const TELLING: &str = "sag sagen svar penge ansoegning ansoege soege afgoerelse brev papir digital digitalt kommune hjaelp \
    udbetaling udbetalt betaling klage behandling status person menneske medarbejder tale snakke ringe telefon opkald robot \
    chat kontakt mitid nemid computer internet nettet online login logge smartphone mobil app adgang tid moede \
    case answer money apply application decision letter paper help municipality payment complaint complain human talk speak \
    call phone contact access log appointment meeting website email";

/// What begins and what ends a message.
const EDGE: Cow<'static, str> = Cow::Borrowed("^");
/// What stands for words that fall together. No stem has a capital.
const MATTER: Cow<'static, str> = Cow::Borrowed("Matter");
const NUMBER: Cow<'static, str> = Cow::Borrowed("Number");
const PERSON: Cow<'static, str> = Cow::Borrowed("Person");

/// The turns of speech of one language.
#[derive(Debug)]
pub(crate) struct Manner {
    /// The stems that name a matter.
    matters: HashSet<String>,
    people: HashSet<&'static str>,
}

impl Manner {
    /// Learns which stems name a matter.
    pub(crate) fn new<'a>(forms: &Words, matters: impl Iterator<Item = &'a str>) -> Self {
        let telling: HashSet<Cow<'_, str>> =
            TELLING.split_whitespace().map(|word| forms.stem(word)).collect();
        let named = matters.filter(|word| word.len() > 2 && !forms.is_stop(word));
        let named = named.map(|word| forms.stem(word)).filter(|stem| !telling.contains(stem));
        Self { matters: named.map(Cow::into_owned).collect(), people: PEOPLE.split_whitespace().collect() }
    }

    /// Tells the rows of words of a message, and how much each counts.
    pub(crate) fn rows(&self, words: &[&str], forms: &Words, mut tell: impl FnMut(&[&str], f32)) {
        let mut read: Vec<Cow<'_, str>> = Vec::with_capacity(words.len() + 2);
        read.push(EDGE);
        for word in words {
            let class = self.class(word, forms);
            // "min nye gule sundhedskort": one matter, however many words name it.
            if class != MATTER || read.last() != Some(&MATTER) {
                read.push(class);
            }
        }
        read.push(EDGE);
        for at in 0..read.len() {
            match &read[at..] {
                [] => {}
                [one] => tell(&[one], 0.8),
                [one, two] => {
                    tell(&[one], 0.8);
                    tell(&[one, two], 1.2);
                }
                [one, two, three, ..] => {
                    tell(&[one], 0.8);
                    tell(&[one, two], 1.2);
                    tell(&[one, two, three], 1.2);
                    // One word between them does not matter.
                    tell(&[one, "..", three], 0.6);
                }
            }
        }
    }

    fn class<'a>(&self, word: &'a str, forms: &Words) -> Cow<'a, str> {
        if word.bytes().any(|byte| byte.is_ascii_digit()) {
            return NUMBER;
        }
        if self.people.contains(word) {
            return PERSON;
        }
        let stem = forms.stem(word);
        if self.matters.contains(stem.as_ref()) { MATTER } else { stem }
    }
}

#[cfg(test)]
mod tests {
    use super::Manner;
    use crate::understanding::words::Words;
    use skranke_domain::Lang;

    #[test]
    fn the_same_is_said_of_another_matter() {
        let forms = Words::of(Lang::Da);
        let manner = Manner::new(&forms, ["boligstoette", "pas", "sag"].into_iter());
        let rows = |text: &str| {
            let mut rows = Vec::new();
            let words: Vec<&str> = text.split(' ').collect();
            manner.rows(&words, &forms, |row, _| rows.push(row.join(" ")));
            rows
        };
        assert_eq!(rows("er min boligstoette gaaet igennem"), rows("er min pas gaaet igennem"));
        assert_ne!(rows("er min sag gaaet igennem"), rows("er min pas gaaet igennem"));
        assert_eq!(rows("for 2 uger"), rows("for 14 uger"));
    }
}
