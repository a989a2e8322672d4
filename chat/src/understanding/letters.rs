//! Danish or English by the letters alone: rows of three of them that the one language has more often than the other.
//!
//! It is learned from the articles and the examples when the counter opens, so it knows the words people use here, and it
//! needs no library of many languages.

use std::collections::HashMap;

use super::features::to_f32;

/// How much likelier each row of three letters is in Danish than in English.
#[derive(Debug, Default)]
pub(crate) struct Letters {
    odds: HashMap<[u8; 3], f32>,
}

/// How much a row tells that was never seen: too little to matter, so that names decide nothing.
const UNSEEN: f32 = 0.0;

impl Letters {
    /// Learns from plain words of both languages.
    pub(crate) fn learn<'a>(
        danish: impl Iterator<Item = &'a str>,
        english: impl Iterator<Item = &'a str>,
    ) -> Self {
        let mut counts: HashMap<[u8; 3], [usize; 2]> = HashMap::new();
        let mut all = [0_usize; 2];
        let mut count = |word: &str, lang: usize| {
            rows(word, |row| {
                counts.entry(row).or_default()[lang] += 1;
                all[lang] += 1;
            });
        };
        danish.for_each(|word| count(word, 0));
        english.for_each(|word| count(word, 1));
        let share = |count: usize, all: usize| (to_f32(count) + 0.5) / (to_f32(all) + 1000.0);
        let odds = counts
            .into_iter()
            .map(|(row, [danish, english])| (row, (share(danish, all[0]) / share(english, all[1])).ln()))
            .collect();
        Self { odds }
    }

    /// How likely the words are Danish rather than English: 0 to 1.
    pub(crate) fn danish(&self, words: &[&str]) -> f32 {
        let mut sum = 0.0;
        for word in words {
            rows(word, |row| sum += self.odds.get(&row).copied().unwrap_or(UNSEEN));
        }
        // Rows overlap, so what they tell is told twice.
        1.0 / (1.0 + (-0.5 * sum).exp())
    }
}

/// Tells the rows of three letters of a word, its edges among them.
fn rows(word: &str, mut tell: impl FnMut([u8; 3])) {
    let mut row = [b' '; 3];
    for byte in word.bytes().chain([b' ']) {
        row = [row[1], row[2], byte];
        if row[1] != b' ' {
            tell(row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Letters;

    #[test]
    fn the_letters_tell_what_no_word_list_does() {
        let danish = "hvordan melder jeg flytning til kommunen naar jeg flytter";
        let english = "how do i report that i am moving to another municipality";
        let letters = Letters::learn(danish.split(' '), english.split(' '));
        assert!(letters.danish(&["flyttede"]) > 0.8);
        assert!(letters.danish(&["anotherone"]) < 0.2);
        assert!((letters.danish(&[]) - 0.5).abs() < 0.01);
    }
}
