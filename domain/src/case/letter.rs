//! What letters about a case say, as its stream tells it. Read from the stream and never from a view: what is printed
//! here is approved and sent.

use jiff::civil::Date;

use crate::case::CaseEvent;
use crate::id::{SubjectId, UserId};
use crate::letter::{Letter, LetterKind};
use crate::sealed::{Opener, SealError, Seen};
use crate::{Lang, Sealed};

use super::decision::{ComplaintGuidance, DecisionDrafted};
use super::event::HearingOpened;
use super::party::{FIRST_PARTY, PartyRole};

/// The facts of letters about one case.
#[derive(Clone, Debug, Default)]
pub struct LetterFacts {
    opened: Option<Opened>,
    due: Option<Date>,
    hearing: Option<(HearingOpened, Date)>,
    draft: Option<(DecisionDrafted, Date, u64)>,
    people: Vec<Addressee>,
}

#[derive(Clone, Debug)]
struct Opened {
    number: String,
    received: Date,
    title: Sealed<String>,
}

/// Somebody in the case, as a letter to them is addressed.
#[derive(Clone, Debug)]
struct Addressee {
    number: u32,
    subject: SubjectId,
    role: PartyRole,
    name: Option<Sealed<String>>,
    address: Option<Sealed<String>>,
    protected: bool,
    /// Who speaks for them (partsrepræsentant), and how to reach that one.
    representative: Option<(Sealed<String>, Option<Sealed<String>>)>,
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
                self.opened =
                    Some(Opened { number: opened.number, received: opened.received, title: opened.title });
                let first = Addressee::new(FIRST_PARTY, opened.subject, PartyRole::Party, opened.party);
                self.people = vec![first];
            }
            CaseEvent::PartyAdded(added) => {
                let new = Addressee::new(added.party, added.subject, added.role, Some(added.name));
                self.people.push(Addressee { address: added.address, ..new });
            }
            CaseEvent::PartyRoleChanged(changed) => {
                self.change(changed.party, |person| person.role = changed.role);
            }
            CaseEvent::RepresentativeRecorded(recorded) => {
                let representative = Some((recorded.name, recorded.contact));
                self.change(recorded.party, |person| person.representative = representative);
            }
            CaseEvent::RepresentativeEnded(ended) => {
                self.change(ended.party, |person| person.representative = None);
            }
            CaseEvent::AddressProtectionMarked(marked) => {
                self.change(marked.party, |person| person.protected = true);
            }
            CaseEvent::AddressProtectionLifted(lifted) => {
                self.change(lifted.party, |person| person.protected = false);
            }
            CaseEvent::DeadlineSet(set) => self.due = Some(set.due),
            CaseEvent::HearingOpened(opened) => self.hearing = Some((opened, day)),
            CaseEvent::DecisionDrafted(drafted) => self.draft = Some((drafted, day, revision)),
            // Nothing else is said in a letter.
            _ => {}
        }
    }

    fn change(&mut self, number: u32, change: impl FnOnce(&mut Addressee)) {
        if let Some(person) = self.people.iter_mut().find(|person| person.number == number) {
            change(person);
        }
    }

    /// Whom a letter of this kind is for, in order, by number and subject: a decision and a notice for every party, a
    /// hearing for those who are heard, a receipt for whoever the case was opened for.
    pub fn addressees(&self, kind: LetterKind) -> impl Iterator<Item = (u32, SubjectId)> {
        let heard = self.hearing.as_ref().map(|(hearing, _)| hearing.parties.as_slice()).unwrap_or_default();
        let addressed = move |person: &&Addressee| match kind {
            LetterKind::Decision | LetterKind::DelayNotice => person.role.is_party(),
            LetterKind::Hearing if !heard.is_empty() => heard.contains(&person.number),
            LetterKind::Hearing | LetterKind::Receipt => person.number == FIRST_PARTY,
        };
        self.people.iter().filter(addressed).map(|person| (person.number, person.subject))
    }

    /// The newest draft: its number in the stream, which no other draft has, and who wrote it.
    pub fn draft(&self) -> Option<(u64, UserId)> {
        self.draft.as_ref().map(|(draft, _, revision)| (*revision, draft.author))
    }

    /// The letter to a party, or to whoever speaks for them (FVL § 8). Its date is that of what it tells, not of its
    /// printing, so that it stays the same letter.
    ///
    /// A protected address stands in no letter: the letter is a paper of the case, and others may come to see it.
    pub fn letter(
        &self,
        kind: LetterKind,
        party: u32,
        lang: Lang,
        about: Sender,
        seals: &dyn Opener,
    ) -> Result<Letter, NoLetter> {
        let opened = self.opened.as_ref().ok_or(NoLetter::NothingToSay)?;
        let person = self.people.iter().find(|person| person.number == party);
        let person = person.ok_or(NoLetter::NothingToSay)?;
        let text = |sealed: &Sealed<String>| open(sealed, seals);
        let maybe = |sealed: Option<&Sealed<String>>| sealed.map_or_else(|| Ok(String::new()), text);
        let name = maybe(person.name.as_ref())?;
        let (recipient, address, represented) = if let Some((speaker, contact)) = &person.representative {
            (text(speaker)?, maybe(contact.as_ref())?, name)
        } else {
            let address = person.address.as_ref().filter(|_| !person.protected);
            (name, maybe(address)?, String::new())
        };
        let mut letter = Letter {
            kind,
            lang,
            municipality: about.municipality,
            number: opened.number.clone(),
            date: about.today,
            recipient,
            address,
            represented,
            sender: about.name,
            title: text(&opened.title)?,
            received: opened.received,
            due: self.due,
            outcome: None,
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
                // The text tells the outcome where it is one; where each party has their own, each letter tells its own.
                if !draft.others.is_empty() {
                    let other = draft.others.iter().find(|other| other.party == party);
                    let first = draft.outcome.filter(|_| party == FIRST_PARTY);
                    letter.outcome = first.or(other.map(|other| other.outcome));
                }
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

impl Addressee {
    const fn new(number: u32, subject: SubjectId, role: PartyRole, name: Option<Sealed<String>>) -> Self {
        Self { number, subject, role, name, address: None, protected: false, representative: None }
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
