//! How good the chat is, measured on questions that somebody wrote down together with the right answers.
//!
//! A file holds one message or one dialogue per line ([`read`]). Each is a conversation of its own and goes through the
//! whole counter, as a channel's messages do: redaction, understanding, dialogue, the sealed log ([`run`]). What came of
//! it is read back from the stored events, so a figure tells what a citizen would have got, and set against what was
//! wanted ([`score`]). [`Report`] prints the figures; its documentation says what each of them means.

mod leak;
mod logged;
mod question;
mod report;
mod run;
mod score;

pub use logged::Logged;
pub use question::{Expected, Half, Item, Kind, Message, QuestionError, Talk, read};
pub use report::Report;
pub use run::{Outcome, Prediction, Run, ShownCard, run};
pub use score::{Figures, Latency, Share, score};
