//! Example questions that are the same one again: with another capital, another spelling of æøå, a slip of the finger, or
//! the same words in another order. They teach nothing that the first did not.

use std::collections::BTreeSet;

/// From which likeness on two questions are one, in per cent.
const ALIKE: usize = 90;

/// The pairs of questions that are one, each question with the first that it repeats.
pub(super) fn repeats(questions: &[String]) -> Vec<(&str, &str)> {
    let read: Vec<Read> = questions.iter().map(|question| Read::of(question)).collect();
    let pairs = read.iter().enumerate().filter_map(|(n, one)| {
        let first = read[..n].iter().position(|earlier| earlier.is(one))?;
        Some((questions[first].as_str(), questions[n].as_str()))
    });
    pairs.collect()
}

/// A question as it is compared.
struct Read {
    /// Its words, sorted.
    words: Vec<String>,
    /// Every three letters that stand together in it.
    threes: BTreeSet<[char; 3]>,
}

impl Read {
    fn of(question: &str) -> Self {
        let plain = question.to_lowercase().replace("aa", "å").replace("ae", "æ").replace("oe", "ø");
        let mut words: Vec<String> = plain
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        let letters: Vec<char> = words.join(" ").chars().collect();
        let threes = letters.windows(3).filter_map(|three| three.try_into().ok()).collect();
        words.sort_unstable();
        Self { words, threes }
    }

    /// Whether the two are one. (The share is Dice's: twice what both have, of what each has.)
    fn is(&self, other: &Self) -> bool {
        let both = self.threes.intersection(&other.threes).count();
        let all = self.threes.len() + other.threes.len();
        self.words == other.words || (all > 0 && 200 * both >= ALIKE * all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(questions: &[&str]) -> usize {
        repeats(&questions.iter().map(|&question| question.to_owned()).collect::<Vec<_>>()).len()
    }

    #[test]
    fn the_same_question_is_seen_in_other_letters_and_another_order() {
        assert_eq!(count(&["Hvor får jeg et nyt pas?", "hvor faar jeg et nyt pas"]), 1);
        assert_eq!(count(&["nyt pas hvor", "hvor nyt pas"]), 1);
        assert_eq!(
            count(&[
                "Hvordan melder jeg flytning til Borgerservice?",
                "Hvordan melder jeg flytning til borgerservic"
            ]),
            1
        );
        assert_eq!(count(&["pas", "Pas?", "PAS!"]), 2);
    }

    #[test]
    fn another_question_is_another() {
        assert_eq!(count(&["Hvor får jeg et nyt pas?", "Hvor får jeg et nyt kørekort?"]), 0);
        assert_eq!(count(&["pas", "pas til barn", "a", "b", ""]), 0);
    }
}
