//! Whom letters go to, and what they say of those they go to.

use super::*;
use crate::Lang;
use crate::case::letter::{LetterFacts, NoLetter, Sender};
use crate::case::party::*;
use crate::letter::{Letter, LetterKind};
use crate::sealed::{Opener, SealError};

/// Nothing here was ever locked.
struct Unneeded;

impl Opener for Unneeded {
    fn open(&self, _: SubjectId, _: &str, _: &[u8]) -> Result<Option<Vec<u8>>, SealError> {
        Ok(None)
    }
}

fn facts(more: impl IntoIterator<Item = CaseEvent>) -> LetterFacts {
    let mut facts = LetterFacts::default();
    let events = [opened(), parties::added(PartyRole::Opponent)].into_iter().chain(more);
    for (event, revision) in events.zip(0..) {
        facts.take(event, TODAY, revision);
    }
    facts
}

fn letter_to(party: u32, kind: LetterKind, facts: &LetterFacts) -> Result<Letter, NoLetter> {
    let sender = Sender { municipality: "Furesø Kommune".into(), name: "Kari".into(), today: TODAY };
    facts.letter(kind, party, Lang::Da, sender, &Unneeded)
}

fn hearing_of(parties: Vec<u32>) -> CaseEvent {
    let facts = sealed("Oplysninger");
    CaseEvent::HearingOpened(HearingOpened { reply_by: date(2026, 12, 1), facts, parties })
}

#[test]
fn every_party_is_written_to_and_nobody_else() {
    let to = |kind, more: Vec<CaseEvent>| -> Vec<u32> {
        facts(more).addressees(kind).map(|(party, _)| party).collect()
    };
    let witness = || {
        let (role, reason) = (PartyRole::Witness, sealed("Har kun set det"));
        vec![CaseEvent::PartyRoleChanged(PartyRoleChanged { party: 2, role, reason })]
    };
    assert_eq!(to(LetterKind::Decision, Vec::new()), [1, 2]);
    assert_eq!(to(LetterKind::DelayNotice, Vec::new()), [1, 2]);
    assert_eq!(to(LetterKind::Decision, witness()), [1]);
    assert_eq!(to(LetterKind::Receipt, Vec::new()), [1]);
    assert_eq!(to(LetterKind::Hearing, vec![hearing_of(vec![2])]), [2]);
    assert_eq!(to(LetterKind::Hearing, vec![hearing_of(Vec::new())]), [1]);
    let subjects: Vec<_> = facts([]).addressees(LetterKind::Decision).map(|(_, subject)| subject).collect();
    assert_eq!(subjects, [SUBJECT, parties::IB]);
}

#[test]
fn a_letter_goes_to_the_party_at_their_address_unless_that_is_protected() {
    let plain = letter_to(2, LetterKind::Receipt, &facts([])).unwrap();
    assert_eq!((plain.recipient.as_str(), plain.address.as_str()), ("Ib Opdigtet", "Prøvevej 7"));
    assert_eq!(plain.represented, "");
    let marked = CaseEvent::AddressProtectionMarked(AddressProtectionMarked { party: 2 });
    let hidden = letter_to(2, LetterKind::Receipt, &facts([marked.clone()])).unwrap();
    assert_eq!((hidden.recipient.as_str(), hidden.address.as_str()), ("Ib Opdigtet", ""));
    let reason = sealed("Udløbet");
    let lifted = CaseEvent::AddressProtectionLifted(AddressProtectionLifted { party: 2, reason });
    let again = letter_to(2, LetterKind::Receipt, &facts([marked, lifted])).unwrap();
    assert_eq!(again.address, "Prøvevej 7");
}

#[test]
fn a_represented_party_is_written_to_through_whoever_speaks_for_them() {
    let recorded = CaseEvent::RepresentativeRecorded(RepresentativeRecorded {
        party: 2,
        subject: SUBJECT,
        name: sealed("Advokat Prøvesen"),
        contact: Some(sealed("kontor@example.dk")),
    });
    let to = letter_to(2, LetterKind::Receipt, &facts([recorded.clone()])).unwrap();
    let told = (to.recipient.as_str(), to.address.as_str(), to.represented.as_str());
    assert_eq!(told, ("Advokat Prøvesen", "kontor@example.dk", "Ib Opdigtet"));
    let ended = RepresentativeEnded { party: 2, reason: sealed("Fuldmagten er tilbagekaldt") };
    let ended = CaseEvent::RepresentativeEnded(ended);
    let after = letter_to(2, LetterKind::Receipt, &facts([recorded, ended])).unwrap();
    assert_eq!((after.recipient.as_str(), after.represented.as_str()), ("Ib Opdigtet", ""));
}

#[test]
fn where_each_party_has_an_outcome_each_letter_tells_its_own() {
    let CaseEvent::DecisionDrafted(alone) = drafted(1, Outcome::Granted, true) else { unreachable!() };
    let mut both = alone.clone();
    both.others = vec![PartyOutcome { party: 2, outcome: Outcome::Refused }];
    let facts_of = |draft| facts([CaseEvent::DecisionDrafted(draft)]);
    let outcome = |party, facts: &LetterFacts| letter_to(party, LetterKind::Decision, facts).unwrap().outcome;
    let two = facts_of(both);
    assert_eq!((outcome(1, &two), outcome(2, &two)), (Some(Outcome::Granted), Some(Outcome::Refused)));
    assert_eq!(outcome(1, &facts_of(alone)), None, "the text tells it");
    assert_eq!(letter_to(9, LetterKind::Decision, &two).map(|_| ()), Err(NoLetter::NothingToSay));
}
