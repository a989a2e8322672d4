//! From which score on the chat answers, and how often it may be wrong: `thresholds.toml`.
//!
//! The figures belong to a release of the articles. `skranke chat calibrate` writes them, and `skranke knowledge check`
//! finds articles that they no longer hold for.

use serde::{Deserialize, Serialize};

use crate::error::Problems;
use crate::register::parse;

/// The file's name.
pub(crate) const FILE: &str = "thresholds.toml";

/// From which score, 0 to 1000, the chat answers or offers topics.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// From here on it answers.
    pub answer: u16,
    /// From here on it offers topics to choose among.
    pub choices: u16,
    /// By how much the first topic must lead the second to be answered at once.
    pub lead: u16,
    /// From which likelihood on, in thousandths, that it is no general question topics are offered and none is answered.
    pub doubt: u16,
    /// How many of the rehearsed questions may be answered wrongly: a share, 0 to 1.
    pub most_wrong: f64,
}

/// Reads the file. Without one, those of the program hold and nothing is demanded.
pub(crate) fn read(bytes: Option<&[u8]>, problems: &mut Problems) -> Option<Thresholds> {
    let bytes = bytes?;
    let read: Thresholds = parse(FILE, Some(bytes), problems)?;
    let ordered =
        read.choices <= read.answer && read.answer <= 1000 && read.lead <= 1000 && read.doubt <= 1000;
    problems.unless(ordered && (0.0..=1.0).contains(&read.most_wrong), FILE, || {
        "choices may not be above answer, scores go from 0 to 1000, and most_wrong is a share from 0 to 1: write it anew \
         with skranke chat calibrate"
            .to_owned()
    });
    Some(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (Option<Thresholds>, usize) {
        let mut problems = Problems::default();
        let read = read(Some(text.as_bytes()), &mut problems);
        (read, problems.into_vec().len())
    }

    #[test]
    fn scores_that_make_no_sense_are_told() {
        let written = |answer: u16, wrong: f64| {
            format!("answer = {answer}\nchoices = 320\nlead = 80\ndoubt = 300\nmost_wrong = {wrong}\n")
        };
        assert!(matches!(of(&written(640, 0.01)), (Some(Thresholds { answer: 640, .. }), 0)));
        assert_eq!(of(&written(300, 0.01)).1, 1);
        assert_eq!(of(&written(1001, 0.01)).1, 1);
        assert_eq!(of(&written(640, 1.5)).1, 1);
        assert_eq!(of("answer = 640\n").1, 1);
        assert_eq!(read(None, &mut Problems::default()), None);
    }
}
