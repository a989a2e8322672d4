//! What letters about a case say, as its stream tells it. Read from the stream and never from a view: what is printed
//! here is approved and sent.

use jiff::civil::Date;

use crate::case::CaseEvent;
use crate::id::UserId;
use crate::letter::{Letter, LetterKind};
use crate::sealed::{Opener, SealError, Seen};
use crate::{Lang, Sealed};

use super::event::{ComplaintGuidance, DecisionDrafted, HearingOpened};

/// The facts of letters about one case.
#[derive(Clone, Debug, Default)]
pub struct LetterFacts {
    opened: Option<Opened>,
    due: Option<Date>,
    hearing: Option<(HearingOpened, Date)>,
    draft: Option<(DecisionDrafted, Date, u64)>,
}

#[derive(Clone, Debug)]
struct Opened {
    number: String,
    received: Date,
    title: Sealed<String>,
    party: Option<Sealed<String>>,
}

/// Why a letter could not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoLetter {
    /// The case has nothing to write about: no such case, no hearing, no draft.
    #[error("there is nothing to write a letter about yet")]
    NothingToSay,
    /// The key of the subject was destroyed.
    #[error("the key of the person this letter is about was destroyed")]
    Erased,
    /// A field does not open.
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl LetterFacts {
    /// Takes in one event, the day it was recorded and its number in the stream.
    pub fn take(&mut self, event: CaseEvent, day: Date, revision: u64) {
        match event {
            CaseEvent::CaseOpened(opened) => {
                self.opened = Some(Opened {
                    number: opened.number,
                    received: opened.received,
                    title: opened.title,
                    party: opened.party,
                });
            }
            CaseEvent::DeadlineSet(set) => self.due = Some(set.due),
            CaseEvent::HearingOpened(opened) => self.hearing = Some((opened, day)),
            CaseEvent::DecisionDrafted(drafted) => self.draft = Some((drafted, day, revision)),
            // Nothing else is said in a letter.
            _ => {}
        }
    }

    /// The newest draft: its number in the stream, which no other draft has, and who wrote it.
    pub fn draft(&self) -> Option<(u64, UserId)> {
        self.draft.as_ref().map(|(draft, _, revision)| (*revision, draft.author))
    }

    /// A letter. Its date is that of what it tells, not of its printing, so that it stays the same letter.
    pub fn letter(
        &self,
        kind: LetterKind,
        lang: Lang,
        about: Sender,
        seals: &dyn Opener,
    ) -> Result<Letter, NoLetter> {
        let opened = self.opened.as_ref().ok_or(NoLetter::NothingToSay)?;
        let text = |sealed: &Sealed<String>| open(sealed, seals);
        let maybe = |sealed: Option<&Sealed<String>>| sealed.map_or_else(|| Ok(String::new()), text);
        let mut letter = Letter {
            kind,
            lang,
            municipality: about.municipality,
            number: opened.number.clone(),
            date: about.today,
            recipient: maybe(opened.party.as_ref())?,
            sender: about.name,
            title: text(&opened.title)?,
            received: opened.received,
            due: self.due,
            text: String::new(),
            legal_basis: String::new(),
            grounds: Default::default(),
            complaint: None::<ComplaintGuidance>,
            reply_by: None,
        };
        match kind {
            LetterKind::Decision => {
                let (draft, day, _) = self.draft.as_ref().ok_or(NoLetter::NothingToSay)?;
                letter.date = *day;
                letter.text = text(&draft.text)?;
                letter.legal_basis.clone_from(&draft.legal_basis);
                let grounds = &draft.grounds;
                letter.grounds = [
                    maybe(grounds.rules.as_ref())?,
                    maybe(grounds.discretion.as_ref())?,
                    maybe(grounds.facts.as_ref())?,
                ];
                letter.complaint.clone_from(&draft.complaint);
            }
            LetterKind::Hearing => {
                let (hearing, day) = self.hearing.as_ref().ok_or(NoLetter::NothingToSay)?;
                letter.date = *day;
                letter.text = text(&hearing.facts)?;
                letter.reply_by = Some(hearing.reply_by);
            }
            LetterKind::Receipt | LetterKind::DelayNotice => {}
        }
        Ok(letter)
    }
}

/// Who writes, and when.
#[derive(Clone, Debug)]
pub struct Sender {
    /// The authority's name.
    pub municipality: String,
    /// The person's name.
    pub name: String,
    /// Today.
    pub today: Date,
}

fn open(sealed: &Sealed<String>, opener: &dyn Opener) -> Result<String, NoLetter> {
    let mut sealed = sealed.clone();
    sealed.open_with(opener)?;
    match sealed.see() {
        Seen::Open(text) => Ok(text.clone()),
        Seen::Locked | Seen::Erased => Err(NoLetter::Erased),
    }
}
