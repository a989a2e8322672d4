//! What has happened to a case. The names and fields written here are in the log for good.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::conversation::TopicSlug;
use crate::id::{ComplaintId, DocumentId, InquiryId, SubjectId, TeamId, UserId};
use crate::inquiry::Channel;
use crate::kle::{Facet, KleNumber};
use crate::sealed::{SealError, SealVisitor, Sealable};
use crate::upcast::{Evolving, Step};
use crate::{Sealed, codec};

use super::appeal::ComplaintStanding;
use super::course::{
    CaseForwarded, CaseWithdrawn, CasesLinked, ConfidentialityMarked, Effectuated, EffectuationOrdered,
    FactNoted,
};
use super::deadline::{
    DEADLINE_SET_1, DeadlineExtended, DeadlineMet, DeadlineMissed, DeadlineResumed, DeadlineSet,
    DeadlineSuspended, DeadlineWarned, DelayNoticeSent, InformationReceived, InformationRequested,
};
use super::decision::{
    DecisionApproved, DecisionCorrected, DecisionDrafted, DecisionMade, DecisionReturned, DecisionRevoked,
    DecisionSent, DecisionSubmitted, Grounds,
};
use super::document::{
    DocumentJournalised, DocumentMoved, DocumentSuperseded, DocumentTakenOver, DocumentUploaded,
    DocumentWithdrawn,
};
use super::party::{
    AddressProtectionLifted, AddressProtectionMarked, HearingReplyReceived, PartyAdded, PartyRoleChanged,
    RepresentativeEnded, RepresentativeRecorded,
};

/// An event of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant holds the struct of its name, which is documented")]
pub enum CaseEvent {
    CaseOpened(CaseOpened),
    DeadlineSet(DeadlineSet),
    DeadlineSuspended(DeadlineSuspended),
    DeadlineResumed(DeadlineResumed),
    DeadlineExtended(DeadlineExtended),
    DelayNoticeSent(DelayNoticeSent),
    DeadlineWarned(DeadlineWarned),
    DeadlineMet(DeadlineMet),
    DeadlineMissed(DeadlineMissed),
    InformationRequested(InformationRequested),
    InformationReceived(InformationReceived),
    CaseClassified(CaseClassified),
    CaseReclassified(CaseReclassified),
    CaseworkerAssigned(CaseworkerAssigned),
    CaseworkerReleased(CaseworkerReleased),
    TeamAssigned(TeamAssigned),
    SubstituteActing(SubstituteActing),
    CallNoted(CallNoted),
    StepNoted(StepNoted),
    FactNoted(FactNoted),
    PartyAdded(PartyAdded),
    PartyRoleChanged(PartyRoleChanged),
    RepresentativeRecorded(RepresentativeRecorded),
    RepresentativeEnded(RepresentativeEnded),
    AddressProtectionMarked(AddressProtectionMarked),
    AddressProtectionLifted(AddressProtectionLifted),
    ConfidentialityMarked(ConfidentialityMarked),
    HearingOpened(HearingOpened),
    HearingReplyReceived(HearingReplyReceived),
    HearingClosed(HearingClosed),
    HearingWaived(HearingWaived),
    CaseInformed(CaseInformed),
    DecisionDrafted(DecisionDrafted),
    DecisionSubmitted(DecisionSubmitted),
    DecisionApproved(DecisionApproved),
    DecisionReturned(DecisionReturned),
    DecisionMade(DecisionMade),
    DecisionSent(DecisionSent),
    DecisionCorrected(DecisionCorrected),
    DecisionRevoked(DecisionRevoked),
    DocumentUploaded(DocumentUploaded),
    DocumentJournalised(DocumentJournalised),
    DocumentSuperseded(DocumentSuperseded),
    DocumentMoved(DocumentMoved),
    DocumentTakenOver(DocumentTakenOver),
    DocumentWithdrawn(DocumentWithdrawn),
    EffectuationOrdered(EffectuationOrdered),
    Effectuated(Effectuated),
    CaseWithdrawn(CaseWithdrawn),
    CaseForwarded(CaseForwarded),
    CasesLinked(CasesLinked),
    CaseClosed(CaseClosed),
    CaseReopened(CaseReopened),
    ComplaintNoted(ComplaintNoted),
    ComplaintSettled(ComplaintSettled),
}

/// Opened (sag oprettet).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseOpened {
    /// The case number that people use, for example `S2026-00042`.
    pub number: String,
    /// The day it was received.
    pub received: Date,
    /// How.
    pub channel: Channel,
    /// The inquiry it comes from.
    #[serde(default)]
    pub inquiry: Option<InquiryId>,
    /// The matter, if it is known.
    #[serde(default)]
    pub topic: Option<TopicSlug>,
    /// Whom the sealed fields of this case are about.
    pub subject: SubjectId,
    /// What it is about, in a few words.
    pub title: Sealed<String>,
    /// The party's name.
    #[serde(default)]
    pub party: Option<Sealed<String>>,
}

/// Classified by KLE for the first time (journaliseret).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseClassified {
    /// The subject.
    pub kle: KleNumber,
    /// The facet.
    pub facet: Facet,
}

/// Classified anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseReclassified {
    /// The subject.
    pub kle: KleNumber,
    /// The facet.
    pub facet: Facet,
}

/// Somebody handles it now (tildelt).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseworkerAssigned {
    /// Who.
    pub caseworker: UserId,
}

/// Nobody handles it now (frigivet).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseworkerReleased {}

/// It belongs to a team now: its members open it (tildelt hold).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamAssigned {
    /// Which.
    pub team: TeamId,
}

/// A substitute begins to act for the caseworker, who is away (stedfortræder handler).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubstituteActing {
    /// Who acts.
    pub substitute: UserId,
    /// For whom.
    pub acting_for: UserId,
}

/// Who called whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// The citizen called.
    Incoming,
    /// The caseworker called.
    Outgoing,
}

/// A phone call (telefonnotat).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallNoted {
    /// Who called whom.
    pub direction: Direction,
    /// What was said.
    pub text: Sealed<String>,
}

/// A step (notat).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepNoted {
    /// What was done.
    pub text: Sealed<String>,
}

/// Parties are asked to comment on facts against them (partshøring, FVL § 19).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HearingOpened {
    /// The reply deadline.
    pub reply_by: Date,
    /// The facts.
    pub facts: Sealed<String>,
    /// Who is asked; none where it is the first party alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<u32>,
}

/// The hearing is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HearingClosed {
    /// Whether everybody answered.
    pub answered: bool,
    /// The journalised document that is the last answer, where that was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentId>,
}

/// No hearing is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HearingWaived {
    /// On which legal basis.
    pub statute: String,
    /// Why.
    pub reason: Sealed<String>,
}

/// The facts are complete (oplyst).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseInformed {}

/// Closed (afsluttet).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseClosed {}

/// Taken up again (genoptaget).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseReopened {
    /// Why.
    pub reason: Sealed<String>,
}

/// A complaint over one of its decisions runs (klage), and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplaintNoted {
    /// Which.
    pub complaint: ComplaintId,
    /// The number of the complaint's event that this one follows.
    pub revision: u64,
    /// How far it has come.
    pub standing: ComplaintStanding,
}

/// A complaint over one of its decisions is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplaintSettled {
    /// Which.
    pub complaint: ComplaintId,
    /// The number of the complaint's event that this one follows.
    pub revision: u64,
}

impl Sealable for CaseEvent {
    fn seals(&mut self, visit: &mut SealVisitor<'_>) -> Result<(), SealError> {
        match self {
            Self::CaseOpened(event) => {
                visit("CaseOpened.title", &mut event.title)?;
                event.party.as_mut().map_or(Ok(()), |party| visit("CaseOpened.party", party))
            }
            Self::DeadlineSuspended(event) => visit("DeadlineSuspended.reason", &mut event.reason),
            Self::DeadlineExtended(event) => visit("DeadlineExtended.reason", &mut event.reason),
            Self::DelayNoticeSent(event) => visit("DelayNoticeSent.reason", &mut event.reason),
            Self::InformationRequested(event) => visit("InformationRequested.what", &mut event.what),
            Self::InformationReceived(event) => {
                event.what.as_mut().map_or(Ok(()), |what| visit("InformationReceived.what", what))
            }
            Self::CallNoted(event) => visit("CallNoted.text", &mut event.text),
            Self::StepNoted(event) => visit("StepNoted.text", &mut event.text),
            Self::FactNoted(event) => event.seals(visit),
            Self::PartyAdded(event) => event.seals(visit),
            Self::PartyRoleChanged(event) => visit("PartyRoleChanged.reason", &mut event.reason),
            Self::RepresentativeRecorded(event) => event.seals(visit),
            Self::RepresentativeEnded(event) => visit("RepresentativeEnded.reason", &mut event.reason),
            Self::AddressProtectionLifted(event) => {
                visit("AddressProtectionLifted.reason", &mut event.reason)
            }
            Self::ConfidentialityMarked(event) => visit("ConfidentialityMarked.reason", &mut event.reason),
            Self::HearingReplyReceived(event) => visit("HearingReplyReceived.text", &mut event.text),
            Self::EffectuationOrdered(event) => visit("EffectuationOrdered.what", &mut event.what),
            Self::Effectuated(event) => {
                event.note.as_mut().map_or(Ok(()), |note| visit("Effectuated.note", note))
            }
            Self::CaseWithdrawn(event) => visit("CaseWithdrawn.reason", &mut event.reason),
            Self::CaseForwarded(event) => event.notice.seals(visit),
            Self::HearingOpened(event) => visit("HearingOpened.facts", &mut event.facts),
            Self::HearingWaived(event) => visit("HearingWaived.reason", &mut event.reason),
            Self::DecisionDrafted(event) => {
                visit("DecisionDrafted.text", &mut event.text)?;
                let Grounds { rules, discretion, facts } = &mut event.grounds;
                for (name, part) in [
                    ("DecisionDrafted.grounds.rules", rules),
                    ("DecisionDrafted.grounds.discretion", discretion),
                    ("DecisionDrafted.grounds.facts", facts),
                ] {
                    if let Some(part) = part {
                        visit(name, part)?;
                    }
                }
                Ok(())
            }
            Self::DecisionReturned(event) => visit("DecisionReturned.reason", &mut event.reason),
            Self::DecisionApproved(event) => {
                let others = event.others.iter_mut().map(|other| &mut other.letter);
                event.letter.iter_mut().chain(others).try_for_each(|file| file.seals(visit))
            }
            Self::DecisionCorrected(event) => {
                visit("DecisionCorrected.text", &mut event.text)?;
                visit("DecisionCorrected.reason", &mut event.reason)
            }
            Self::DecisionRevoked(event) => visit("DecisionRevoked.reason", &mut event.reason),
            Self::DocumentUploaded(event) => event.file.seals(visit),
            Self::DocumentJournalised(event) => {
                visit("DocumentJournalised.theme", &mut event.theme)?;
                event.file.seals(visit)
            }
            Self::DocumentSuperseded(event) => {
                visit("DocumentSuperseded.reason", &mut event.reason)?;
                event.file.seals(visit)
            }
            Self::DocumentMoved(event) => visit("DocumentMoved.reason", &mut event.reason),
            Self::DocumentTakenOver(event) => {
                visit("DocumentTakenOver.theme", &mut event.theme)?;
                event.versions.iter_mut().try_for_each(|file| file.seals(visit))
            }
            Self::DocumentWithdrawn(event) => visit("DocumentWithdrawn.reason", &mut event.reason),
            Self::CaseReopened(event) => visit("CaseReopened.reason", &mut event.reason),
            Self::DeadlineSet(_)
            | Self::DeadlineResumed(_)
            | Self::DeadlineWarned(_)
            | Self::DeadlineMet(_)
            | Self::DeadlineMissed(_)
            | Self::CaseClassified(_)
            | Self::CaseReclassified(_)
            | Self::CaseworkerAssigned(_)
            | Self::CaseworkerReleased(_)
            | Self::TeamAssigned(_)
            | Self::SubstituteActing(_)
            | Self::AddressProtectionMarked(_)
            | Self::HearingClosed(_)
            | Self::CaseInformed(_)
            | Self::CasesLinked(_)
            | Self::DecisionSubmitted(_)
            | Self::DecisionMade(_)
            | Self::DecisionSent(_)
            | Self::CaseClosed(_)
            | Self::ComplaintNoted(_)
            | Self::ComplaintSettled(_) => Ok(()),
        }
    }
}

impl Evolving for CaseEvent {
    const STEPS: &'static [Step] = &[DEADLINE_SET_1];
}

impl cqrs_es::DomainEvent for CaseEvent {
    fn event_type(&self) -> String {
        codec::type_of(self).to_owned()
    }
    fn event_version(&self) -> String {
        self.version().to_string()
    }
}
