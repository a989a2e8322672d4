//! The parties of a case, and hearing them: who is a party in the sense of the act on public administration, who speaks
//! for them, whose address is protected, and who has had their say.
//!
//! Invariants:
//! - The first party is whom the case was opened for, also where no name was given; others follow with 2, 3, ….
//! - What is known of somebody is sealed for them alone, so that one can be erased and the others stay.
//! - Events that name no party were written when a case had one: they are about the first.

mod event;
mod refusal;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use event::{
    AddressProtectionLifted, AddressProtectionMarked, HearingReplyReceived, PartyAdded, PartyOutcome,
    PartyRole, PartyRoleChanged, RepresentativeEnded, RepresentativeRecorded,
};
pub use refusal::PartyRefusal;

use super::command::{Circumstances, Draft, HearingAnswer};
use super::decision::Outcome;
use super::event::{HearingClosed, HearingOpened};
use super::guard::CaseActKind;
use super::{CaseEvent, CaseFile, CaseRefusal, DraftState, Hearing, Phase, text};
use crate::id::SubjectId;
use crate::sealed::Sealed;

/// The number of the party that a case was opened for.
pub const FIRST_PARTY: u32 = 1;

/// A wish about somebody in the case.
#[derive(Clone)]
pub enum PartyAct {
    /// Add somebody (tilføj part).
    Add {
        /// Whom the fields about them are sealed for: a new subject, made for them.
        subject: SubjectId,
        /// What they are to the case.
        role: PartyRole,
        /// Their name.
        name: String,
        /// Their address; may be empty.
        address: String,
    },
    /// Say what else they are (ret rolle).
    ChangeRole {
        /// Who.
        party: u32,
        /// What they are.
        role: PartyRole,
        /// Why.
        reason: String,
    },
    /// Record who speaks for them (partsrepræsentant).
    Represent {
        /// For whom.
        party: u32,
        /// Whom the fields about the representative are sealed for.
        subject: SubjectId,
        /// The representative's name.
        name: String,
        /// How to reach them; may be empty.
        contact: String,
    },
    /// Record that nobody speaks for them any more.
    EndRepresentation {
        /// For whom.
        party: u32,
        /// Why.
        reason: String,
    },
    /// Protect their address (adressebeskyttelse).
    ProtectAddress {
        /// Whose.
        party: u32,
    },
    /// Protect it no more.
    UnprotectAddress {
        /// Whose.
        party: u32,
        /// Why.
        reason: String,
    },
    /// Take in their answer in the hearing (høringssvar).
    Reply {
        /// Who.
        party: u32,
        /// The day it came; today if it is not said.
        received: Option<Date>,
        /// What it says.
        text: String,
    },
}

impl PartyAct {
    /// The kind of this act.
    pub const fn kind(&self) -> CaseActKind {
        match self {
            Self::Add { .. } => CaseActKind::AddParty,
            Self::ChangeRole { .. } => CaseActKind::ChangePartyRole,
            Self::Represent { .. } => CaseActKind::RecordRepresentative,
            Self::EndRepresentation { .. } => CaseActKind::EndRepresentative,
            Self::ProtectAddress { .. } => CaseActKind::ProtectAddress,
            Self::UnprotectAddress { .. } => CaseActKind::UnprotectAddress,
            Self::Reply { .. } => CaseActKind::ReceiveHearingReply,
        }
    }
}

/// How far the hearing of one party has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartyHearing {
    /// Neither held nor waived.
    #[default]
    None,
    /// Asked, and not answered yet.
    Asked,
    /// Answered; the hearing is still open.
    Answered,
    /// Heard.
    Heard,
    /// Not heard, with a statute and a reason.
    Waived,
}

impl PartyHearing {
    /// Whether it is under way.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Asked | Self::Answered)
    }

    /// Whether a decision may go against them.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Heard | Self::Waived)
    }
}

/// Somebody in the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyState {
    /// Their number in the case, from 1.
    pub number: u32,
    /// Whom the fields about them are sealed for.
    pub subject: SubjectId,
    /// What they are to the case.
    pub role: PartyRole,
    /// Whom the fields about their representative are sealed for, while they have one.
    pub representative: Option<SubjectId>,
    /// Whether their address is protected.
    pub protected: bool,
    /// How far hearing them has come.
    pub hearing: PartyHearing,
}

impl PartyState {
    /// Whom a case was opened for.
    pub(super) const fn first(subject: SubjectId) -> Self {
        Self::new(FIRST_PARTY, subject, PartyRole::Party)
    }

    const fn new(number: u32, subject: SubjectId, role: PartyRole) -> Self {
        Self { number, subject, role, representative: None, protected: false, hearing: PartyHearing::None }
    }
}

impl DraftState {
    /// The outcome for a party, once it is settled.
    pub fn outcome_for(&self, party: u32) -> Option<Outcome> {
        if party == FIRST_PARTY {
            return self.outcome;
        }
        self.others.iter().find(|other| other.party == party).map(|other| other.outcome)
    }
}

impl CaseFile {
    /// Somebody in the case, by number.
    pub fn party(&self, number: u32) -> Option<&PartyState> {
        self.parties.iter().find(|party| party.number == number)
    }

    /// Those who are heard and get a decision.
    pub fn real_parties(&self) -> impl Iterator<Item = &PartyState> {
        self.parties.iter().filter(|party| party.role.is_party())
    }

    /// Whether everybody who was asked has answered.
    pub fn all_have_answered(&self) -> bool {
        self.parties.iter().all(|party| party.hearing != PartyHearing::Asked)
    }

    fn known(&self, number: u32) -> Result<&PartyState, CaseRefusal> {
        self.party(number).ok_or_else(|| PartyRefusal::NotFound.into())
    }

    /// Somebody who is heard and gets a decision.
    fn real_party(&self, number: u32) -> Result<&PartyState, CaseRefusal> {
        let party = self.known(number)?;
        if party.role.is_party() { Ok(party) } else { Err(PartyRefusal::NotAParty.into()) }
    }

    pub(super) fn decide_party(
        &self,
        act: PartyAct,
        under: &Circumstances,
    ) -> Result<Vec<CaseEvent>, CaseRefusal> {
        // Whoever a text is about can have it erased.
        let about = |party: &PartyState, value: &str, path| -> Result<Sealed<String>, CaseRefusal> {
            Ok(Sealed::new(party.subject, text(value, path)?))
        };
        let event = match act {
            PartyAct::Add { subject, role, name, address } => CaseEvent::PartyAdded(PartyAdded {
                party: self.parties.last().map_or(FIRST_PARTY, |last| last.number) + 1,
                subject,
                role,
                name: Sealed::new(subject, text(&name, "name")?),
                address: maybe(subject, &address, "address")?,
            }),
            PartyAct::ChangeRole { party, role, reason } => {
                let known = self.known(party)?;
                if known.role == role {
                    return Ok(Vec::new());
                }
                if party == FIRST_PARTY && !role.is_party() {
                    return Err(PartyRefusal::FirstParty.into());
                }
                let reason = about(known, &reason, "reason")?;
                CaseEvent::PartyRoleChanged(PartyRoleChanged { party, role, reason })
            }
            PartyAct::Represent { party, subject, name, contact } => {
                self.real_party(party)?;
                let name = Sealed::new(subject, text(&name, "name")?);
                let contact = maybe(subject, &contact, "contact")?;
                CaseEvent::RepresentativeRecorded(RepresentativeRecorded { party, subject, name, contact })
            }
            PartyAct::EndRepresentation { party, reason } => {
                let known = self.known(party)?;
                known.representative.ok_or(PartyRefusal::NotRepresented)?;
                let reason = about(known, &reason, "reason")?;
                CaseEvent::RepresentativeEnded(RepresentativeEnded { party, reason })
            }
            PartyAct::ProtectAddress { party } => {
                if self.known(party)?.protected {
                    return Ok(Vec::new());
                }
                CaseEvent::AddressProtectionMarked(AddressProtectionMarked { party })
            }
            PartyAct::UnprotectAddress { party, reason } => {
                let known = self.known(party)?;
                if !known.protected {
                    return Ok(Vec::new());
                }
                let reason = about(known, &reason, "reason")?;
                CaseEvent::AddressProtectionLifted(AddressProtectionLifted { party, reason })
            }
            PartyAct::Reply { party, received, text: said } => {
                let known = self.real_party(party)?;
                if !known.hearing.is_open() {
                    return Err(PartyRefusal::NotHeardNow.into());
                }
                let received = received.unwrap_or_else(|| under.today());
                if received > under.today() {
                    return Err(PartyRefusal::InTheFuture.into());
                }
                let text = about(known, &said, "text")?;
                CaseEvent::HearingReplyReceived(HearingReplyReceived { party, received, text })
            }
        };
        Ok(vec![event])
    }

    /// What stands in the way of an act on the parties as such, whomever it is about.
    pub(super) fn parties_not_now(&self, kind: CaseActKind) -> Option<CaseRefusal> {
        match kind {
            // Who comes to it later has no part in what was decided.
            CaseActKind::AddParty | CaseActKind::ChangePartyRole => {
                self.decided.is_some().then_some(CaseRefusal::AlreadyDecided)
            }
            CaseActKind::EndRepresentative => {
                let anybody = self.parties.iter().any(|party| party.representative.is_some());
                (!anybody).then(|| PartyRefusal::NotRepresented.into())
            }
            CaseActKind::ReceiveHearingReply => {
                (!matches!(self.hearing, Hearing::Open { .. })).then_some(CaseRefusal::NoHearing)
            }
            _ => None,
        }
    }

    /// Opens a hearing of these parties, or of every one that was not heard yet.
    pub(super) fn hear(
        &self,
        reply_by: Date,
        facts: &str,
        parties: Vec<u32>,
        under: &Circumstances,
    ) -> Result<Vec<CaseEvent>, CaseRefusal> {
        if reply_by <= under.today() {
            return Err(CaseRefusal::ReplyDateNotAhead);
        }
        let mut asked = if parties.is_empty() {
            self.real_parties().map(|party| party.number).collect()
        } else {
            parties
        };
        asked.sort_unstable();
        asked.dedup();
        for party in &asked {
            self.real_party(*party)?;
        }
        // The first party alone is what an event without parties has always meant.
        let parties = if asked == [FIRST_PARTY] { Vec::new() } else { asked };
        let facts = Sealed::new(self.subject, text(facts, "facts")?);
        Ok(vec![CaseEvent::HearingOpened(HearingOpened { reply_by, facts, parties })])
    }

    /// Ends the hearing. Whoever says that the last party has answered names the answer: a document that was journalised
    /// since the hearing began, or what was said, which is noted first.
    pub(super) fn end_hearing(
        &self,
        answer: HearingAnswer,
        under: &Circumstances,
    ) -> Result<Vec<CaseEvent>, CaseRefusal> {
        let Hearing::Open { reply_by } = self.hearing else { return Err(CaseRefusal::NoHearing) };
        let mut asked = self.parties.iter().filter(|party| party.hearing == PartyHearing::Asked);
        let closed = |answered, document| CaseEvent::HearingClosed(HearingClosed { answered, document });
        let (Some(last), more) = (asked.next(), asked.next()) else { return Ok(vec![closed(true, None)]) };
        match answer {
            HearingAnswer::Unnamed if more.is_none() => Err(PartyRefusal::AnswerNotNamed.into()),
            HearingAnswer::None | HearingAnswer::Unnamed if under.today() <= reply_by => {
                Err(CaseRefusal::ReplyStillAwaited { reply_by })
            }
            HearingAnswer::None | HearingAnswer::Unnamed => Ok(vec![closed(false, None)]),
            // Whose answer it is must be said.
            _ if more.is_some() => Err(PartyRefusal::SeveralAwaited.into()),
            HearingAnswer::Document(document) if self.came_in.contains(&document) => {
                Ok(vec![closed(true, Some(document))])
            }
            HearingAnswer::Document(_) => Err(PartyRefusal::NoSuchAnswer.into()),
            HearingAnswer::Said(said) => {
                let reply = PartyAct::Reply { party: last.number, received: None, text: said };
                let mut events = self.decide_party(reply, under)?;
                events.push(closed(true, None));
                Ok(events)
            }
        }
    }

    /// The outcomes of a draft: the first party's, and those of the others in the order of their numbers.
    pub(super) fn outcomes(
        &self,
        draft: &Draft,
    ) -> Result<(Option<Outcome>, Vec<PartyOutcome>), CaseRefusal> {
        let (mut first, mut others) = (draft.outcome, Vec::new());
        for said in &draft.others {
            self.real_party(said.party)?;
            if said.party == FIRST_PARTY {
                first = first.or(Some(said.outcome));
            } else {
                others.retain(|known: &PartyOutcome| known.party != said.party);
                others.push(*said);
            }
        }
        others.sort_unstable_by_key(|other| other.party);
        Ok((first, others))
    }

    /// The state after one event about parties. Never fails and holds no rule.
    pub(super) fn evolve_party(&mut self, event: CaseEvent) {
        let mut change = |number: u32, change: &dyn Fn(&mut PartyState)| {
            if let Some(party) = self.parties.iter_mut().find(|party| party.number == number) {
                change(party);
            }
        };
        match event {
            CaseEvent::PartyAdded(PartyAdded { party, subject, role, .. }) => {
                self.parties.push(PartyState::new(party, subject, role));
            }
            CaseEvent::PartyRoleChanged(PartyRoleChanged { party, role, .. }) => {
                change(party, &|party| party.role = role);
            }
            CaseEvent::RepresentativeRecorded(RepresentativeRecorded { party, subject, .. }) => {
                change(party, &|party| party.representative = Some(subject));
            }
            CaseEvent::RepresentativeEnded(RepresentativeEnded { party, .. }) => {
                change(party, &|party| party.representative = None);
            }
            CaseEvent::AddressProtectionMarked(AddressProtectionMarked { party }) => {
                change(party, &|party| party.protected = true);
            }
            CaseEvent::AddressProtectionLifted(AddressProtectionLifted { party, .. }) => {
                change(party, &|party| party.protected = false);
            }
            CaseEvent::HearingReplyReceived(HearingReplyReceived { party, .. }) => {
                change(party, &|party| party.hearing = PartyHearing::Answered);
            }
            CaseEvent::HearingOpened(HearingOpened { reply_by, parties, .. }) => {
                self.hearing = Hearing::Open { reply_by };
                self.came_in.clear();
                self.phase = Phase::InHearing;
                let asked = if parties.is_empty() { vec![FIRST_PARTY] } else { parties };
                for party in self.parties.iter_mut().filter(|party| asked.contains(&party.number)) {
                    party.hearing = PartyHearing::Asked;
                }
            }
            CaseEvent::HearingClosed(_) => {
                self.hearing = Hearing::Held;
                self.came_in.clear();
                self.phase = Phase::UnderInvestigation;
                self.move_on(PartyHearing::Heard, PartyHearing::is_open);
            }
            CaseEvent::HearingWaived(_) => {
                self.hearing = Hearing::Waived;
                self.move_on(PartyHearing::Waived, |hearing| hearing == PartyHearing::None);
            }
            // The others tell nothing about parties.
            _ => {}
        }
    }

    fn move_on(&mut self, to: PartyHearing, from: impl Fn(PartyHearing) -> bool) {
        for party in self.parties.iter_mut().filter(|party| from(party.hearing)) {
            party.hearing = to;
        }
    }

    /// Nobody has been heard about what is decided next.
    pub(super) fn forget_hearings(&mut self) {
        self.hearing = Hearing::None;
        self.move_on(PartyHearing::None, |_| true);
    }
}

/// A text that need not be there.
pub(super) fn maybe(
    subject: SubjectId,
    value: &str,
    path: &'static str,
) -> Result<Option<Sealed<String>>, CaseRefusal> {
    if value.trim().is_empty() { Ok(None) } else { Ok(Some(Sealed::new(subject, text(value, path)?))) }
}
