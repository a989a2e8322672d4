//! A text as a list of weighted features: its words' stems and the pieces of two to four letters in them.
//!
//! Pieces of letters survive slips, endings and compounds that no word list foresees: *boligstøten* still shares most
//! of its pieces with *boligstøtte*. Common pieces count little, rare ones much (TF-IDF), and every text has length
//! one, so that two texts are compared by a sum of products. Where the kind of a message is wanted rather than its
//! matter, the turns of speech are features too ([`Manner`]).

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::manner::Manner;
use super::words::Words;

/// How many features of a text are kept.
const STRONGEST: usize = 80;
/// As [`STRONGEST`], where turns of speech count: the small words tell most, and they are never the strongest.
const STRONGEST_OF_MANNER: usize = 240;
/// How rare a feature may be at most, where turns of speech count: a rare word is one of the matter.
const RAREST_OF_MANNER: f32 = 4.0;

/// A text as features, sorted by number, of length one.
pub(crate) type Vector = Vec<(u32, f32)>;

/// The features a set of texts is described with.
#[derive(Debug, Default)]
pub(crate) struct Features {
    /// From a feature's hash to its number and weight.
    known: ByHash<(u32, f32)>,
    manner: Option<Manner>,
}

/// A map whose keys are hashes already, so that they need not be hashed again.
type ByHash<T> = HashMap<u64, T, BuildHasherDefault<Hashed>>;

/// Takes a hash as it is.
#[derive(Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |sum, byte| sum.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        // The top bits of FNV are its weakest; the map looks at the top.
        self.0 = hash.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

/// What a text's raw features are, as hashes with counts.
fn raw(words: &[&str], forms: &Words, manner: Option<&Manner>) -> ByHash<f32> {
    let mut counts: ByHash<f32> = ByHash::default();
    let mut before: Option<Cow<'_, str>> = None;
    let mut padded = String::new();
    for word in words {
        let weight = if forms.is_stop(word) { 0.7 } else { 1.0 };
        let stem = forms.stem(word);
        *counts.entry(hash_row(b'w', &[&stem])).or_default() += 1.6 * weight;
        if let Some(before) = before {
            *counts.entry(hash_row(b'b', &[&before, &stem])).or_default() += 0.8;
        }
        before = Some(stem);
        padded.clear();
        padded.extend([" ", *word, " "]);
        for length in 2..=4 {
            for piece in padded.as_bytes().windows(length) {
                *counts.entry(hash(b'c', piece)).or_default() += 0.5 * weight;
            }
        }
    }
    if let Some(manner) = manner {
        manner.rows(words, forms, |row, weight| *counts.entry(hash_row(b'm', row)).or_default() += weight);
    }
    counts
}

/// FNV-1a of some words in a row.
fn hash_row(kind: u8, row: &[&str]) -> u64 {
    row.iter().fold(hash(kind, &[]), |sum, word| step(step(sum, word.as_bytes()), b" "))
}

/// FNV-1a, which is the same on every machine and in every run.
pub(crate) fn hash(kind: u8, bytes: &[u8]) -> u64 {
    step(step(0xCBF2_9CE4_8422_2325, &[kind]), bytes)
}

fn step(from: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(from, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3))
}

impl Features {
    /// Learns which features occur in the texts, and how rare they are. Those in fewer than `least` are dropped.
    pub(crate) fn learn(texts: &[Vec<&str>], forms: &Words, least: u32, manner: Option<Manner>) -> Self {
        let mut seen: ByHash<u32> = ByHash::default();
        for text in texts {
            for key in raw(text, forms, manner.as_ref()).into_keys() {
                *seen.entry(key).or_default() += 1;
            }
        }
        let mut kept: Vec<(u64, u32)> = seen.into_iter().filter(|(_, count)| *count >= least).collect();
        kept.sort_unstable();
        let all = to_f32(texts.len());
        let rarest = if manner.is_some() { RAREST_OF_MANNER } else { f32::INFINITY };
        let known = kept
            .into_iter()
            .zip(0_u32..)
            .map(|((key, count), number)| {
                let rarity = (1.0 + (all + 1.0) / (to_f32(count as usize) + 1.0)).ln();
                (key, (number, rarity.min(rarest)))
            })
            .collect();
        Self { known, manner }
    }

    /// How many features there are.
    pub(crate) fn len(&self) -> usize {
        self.known.len()
    }

    /// A text as features.
    pub(crate) fn of(&self, words: &[&str], forms: &Words) -> Vector {
        let mut vector: Vector = raw(words, forms, self.manner.as_ref())
            .into_iter()
            .filter_map(|(key, count)| {
                let (number, rarity) = self.known.get(&key)?;
                Some((*number, (1.0 + count).ln() * rarity))
            })
            .collect();
        // The weakest pieces cost time and tell little.
        vector.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        vector.truncate(if self.manner.is_some() { STRONGEST_OF_MANNER } else { STRONGEST });
        vector.sort_unstable_by_key(|(number, _)| *number);
        scale_to_one(&mut vector);
        vector
    }
}

/// Gives a vector the length one.
pub(crate) fn scale_to_one(vector: &mut Vector) {
    let length = vector.iter().map(|(_, value)| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        for (_, value) in vector {
            *value /= length;
        }
    }
}

/// Counts of texts and words are far below the point where this loses anything.
#[expect(clippy::cast_precision_loss, reason = "counts are below a million")]
pub(crate) const fn to_f32(count: usize) -> f32 {
    count as f32
}
