//! The guards: what stands in the way of each act, before the act's own fields are looked at.
//!
//! One source of truth for three questions: may this command go through, which buttons does the screen show, and
//! what is missing before a decision.

use serde::{Deserialize, Serialize};

use crate::act::{Actor, Role};
use crate::rules::GuardId;

use super::command::{CaseAct, Circumstances};
use super::deadline::DeadlineRefusal;
use super::party::{FIRST_PARTY, PartyState};
use super::refusal::{CaseRefusal, GroundsPart};
use super::{Case, CaseEvent, CaseFile, Hearing, Phase, SubstituteActing};

/// The kinds of act, without their fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each kind is the act of the same name, which is documented")]
pub enum CaseActKind {
    Open,
    Classify,
    Assign,
    Release,
    AssignTeam,
    NoteCall,
    NoteStep,
    NoteFact,
    AddParty,
    ChangePartyRole,
    RecordRepresentative,
    EndRepresentative,
    ProtectAddress,
    UnprotectAddress,
    MarkConfidentiality,
    RequestInformation,
    ReceiveInformation,
    SuspendDeadline,
    ResumeDeadline,
    SendDelayNotice,
    ExtendDeadline,
    OpenHearing,
    ReceiveHearingReply,
    CloseHearing,
    WaiveHearing,
    Inform,
    DraftDecision,
    SubmitDecision,
    ApproveDecision,
    ReturnDecision,
    MakeDecision,
    SendDecision,
    CorrectDecision,
    RevokeDecision,
    UploadDocument,
    JournaliseDocument,
    SupersedeDocument,
    MoveDocument,
    TakeOverDocument,
    WithdrawDocument,
    OrderEffectuation,
    Effectuate,
    Withdraw,
    Forward,
    Link,
    Close,
    Reopen,
    WatchDeadlines,
    FollowComplaint,
    FollowLink,
}

impl CaseActKind {
    /// Every kind, in the order a case usually runs through them.
    pub const ALL: [Self; 50] = [
        Self::Open,
        Self::Classify,
        Self::Assign,
        Self::Release,
        Self::AssignTeam,
        Self::NoteCall,
        Self::NoteStep,
        Self::NoteFact,
        Self::AddParty,
        Self::ChangePartyRole,
        Self::RecordRepresentative,
        Self::EndRepresentative,
        Self::ProtectAddress,
        Self::UnprotectAddress,
        Self::MarkConfidentiality,
        Self::RequestInformation,
        Self::ReceiveInformation,
        Self::SuspendDeadline,
        Self::ResumeDeadline,
        Self::SendDelayNotice,
        Self::ExtendDeadline,
        Self::OpenHearing,
        Self::ReceiveHearingReply,
        Self::CloseHearing,
        Self::WaiveHearing,
        Self::Inform,
        Self::DraftDecision,
        Self::SubmitDecision,
        Self::ApproveDecision,
        Self::ReturnDecision,
        Self::MakeDecision,
        Self::SendDecision,
        Self::CorrectDecision,
        Self::RevokeDecision,
        Self::UploadDocument,
        Self::JournaliseDocument,
        Self::SupersedeDocument,
        Self::MoveDocument,
        Self::TakeOverDocument,
        Self::WithdrawDocument,
        Self::OrderEffectuation,
        Self::Effectuate,
        Self::Withdraw,
        Self::Forward,
        Self::Link,
        Self::Close,
        Self::Reopen,
        Self::WatchDeadlines,
        Self::FollowComplaint,
        Self::FollowLink,
    ];

    /// Whether it is about a deadline, or about what is waited for.
    pub(super) const fn is_about_deadlines(self) -> bool {
        matches!(
            self,
            Self::RequestInformation
                | Self::ReceiveInformation
                | Self::SuspendDeadline
                | Self::ResumeDeadline
                | Self::SendDelayNotice
                | Self::ExtendDeadline
        )
    }

    /// Whether it may set right what a closed case says: with a reason, and by a team lead only.
    const fn corrects(self) -> bool {
        matches!(
            self,
            Self::CorrectDecision
                | Self::MoveDocument
                | Self::WithdrawDocument
                | Self::ProtectAddress
                | Self::UnprotectAddress
                | Self::MarkConfidentiality
        )
    }
}

impl CaseAct {
    /// The kind of this act.
    pub const fn kind(&self) -> CaseActKind {
        match self {
            Self::Open(_) => CaseActKind::Open,
            Self::Classify { .. } => CaseActKind::Classify,
            Self::Assign { .. } => CaseActKind::Assign,
            Self::Release => CaseActKind::Release,
            Self::AssignTeam { .. } => CaseActKind::AssignTeam,
            Self::NoteCall { .. } => CaseActKind::NoteCall,
            Self::NoteStep { .. } => CaseActKind::NoteStep,
            Self::Deadline(act) => act.kind(),
            Self::OpenHearing { .. } => CaseActKind::OpenHearing,
            Self::CloseHearing { .. } => CaseActKind::CloseHearing,
            Self::WaiveHearing { .. } => CaseActKind::WaiveHearing,
            Self::Inform => CaseActKind::Inform,
            Self::DraftDecision(_) => CaseActKind::DraftDecision,
            Self::SubmitDecision { .. } => CaseActKind::SubmitDecision,
            Self::ApproveDecision { .. } => CaseActKind::ApproveDecision,
            Self::ReturnDecision { .. } => CaseActKind::ReturnDecision,
            Self::MakeDecision => CaseActKind::MakeDecision,
            Self::SendDecision { .. } => CaseActKind::SendDecision,
            Self::Party(act) => act.kind(),
            Self::Course(act) => act.kind(),
            Self::Document(act) => act.kind(),
            Self::Close => CaseActKind::Close,
            Self::Reopen { .. } => CaseActKind::Reopen,
            Self::FollowComplaint { .. } => CaseActKind::FollowComplaint,
        }
    }
}

impl Case {
    /// Everything that stands in the way of an act, the weightiest first; empty when it may be tried.
    pub fn blocked(&self, kind: CaseActKind, under: &Circumstances) -> Vec<CaseRefusal> {
        if kind == CaseActKind::WatchDeadlines {
            return match self {
                _ if under.actor != Actor::System => {
                    vec![CaseRefusal::Deadline(DeadlineRefusal::SystemOnly)]
                }
                Self::Unopened => vec![CaseRefusal::NotOpened],
                Self::File(_) => Vec::new(),
            };
        }
        // Another case let the document go, or tells the link, already: it must land, also in a case that was closed
        // meanwhile.
        let from_another_case = matches!(kind, CaseActKind::TakeOverDocument | CaseActKind::FollowLink);
        if from_another_case && under.actor == Actor::System {
            return if *self == Self::Unopened { vec![CaseRefusal::NotOpened] } else { Vec::new() };
        }
        let follows = kind == CaseActKind::FollowComplaint && under.actor == Actor::System;
        if let Some(refusal) = stranger(under).filter(|_| !follows) {
            return vec![refusal];
        }
        let lead = under.roles.has(Role::TeamLead);
        match self {
            Self::Unopened if kind == CaseActKind::Open => Vec::new(),
            Self::Unopened => vec![CaseRefusal::NotOpened],
            Self::File(_) if kind == CaseActKind::Open => vec![CaseRefusal::AlreadyOpened],
            // What happened elsewhere is noted whatever the phase: people complain of closed cases too.
            Self::File(_) if kind == CaseActKind::FollowComplaint => Vec::new(),
            Self::File(_) if from_another_case => vec![CaseRefusal::NotAllowed],
            Self::File(file) if !file.is_reached(under) => vec![CaseRefusal::OtherTeam],
            Self::File(file) if file.phase == Phase::Closed => match kind {
                // Reopening is the team lead's to approve.
                CaseActKind::Reopen if lead => Vec::new(),
                CaseActKind::Reopen => vec![CaseRefusal::NotAllowed],
                kind if lead && kind.corrects() => file.not_now(kind, under),
                _ => vec![CaseRefusal::Closed],
            },
            Self::File(file) => file.blocked(kind, under, lead),
        }
    }

    /// Why this person may not work on what belongs to the case (complaints, requests for access), whatever its phase.
    pub fn not_workable(&self, under: &Circumstances) -> Option<CaseRefusal> {
        stranger(under).or_else(|| match self {
            Self::Unopened => Some(CaseRefusal::NotOpened),
            Self::File(file) if !file.is_reached(under) => Some(CaseRefusal::OtherTeam),
            Self::File(file) => {
                let lead = under.roles.has(Role::TeamLead);
                file.not_theirs(CaseActKind::NoteStep, under, lead).into_iter().next()
            }
        })
    }

    /// What is missing before a decision can be made (manglende skridt), statute by statute.
    pub fn missing_before_decision(&self, under: &Circumstances) -> Vec<CaseRefusal> {
        match self {
            Self::Unopened => Vec::new(),
            Self::File(file) if file.decided.is_some() || file.is_over() => Vec::new(),
            Self::File(file) => file.missing(under).into_iter().chain(file.unapproved(under)).collect(),
        }
    }
}

/// Why somebody has no part in any case. The system may only set up and follow: imports and demo data go through
/// people's accounts like everything else.
pub(crate) fn stranger(under: &Circumstances) -> Option<CaseRefusal> {
    if under.actor.staff().is_none() && under.actor != Actor::System {
        return Some(CaseRefusal::StaffOnly);
    }
    (!under.roles.any(&[Role::Caseworker, Role::TeamLead])).then_some(CaseRefusal::NotAllowed)
}

impl CaseFile {
    fn blocked(&self, kind: CaseActKind, under: &Circumstances, lead: bool) -> Vec<CaseRefusal> {
        let mut reasons = self.not_theirs(kind, under, lead);
        if let Some(ended) = self.ended(kind) {
            reasons.push(ended);
            return reasons;
        }
        reasons.extend(match kind {
            CaseActKind::SubmitDecision | CaseActKind::MakeDecision => self.not_ripe(kind, under),
            CaseActKind::ApproveDecision | CaseActKind::ReturnDecision => self.not_approvable(kind, under),
            kind if kind.is_about_deadlines() => self.not_for_the_deadline(kind, under),
            _ => self.not_now(kind, under),
        });
        reasons
    }

    /// Whose case it is: own work is the caseworker's, or the team lead's.
    fn not_theirs(&self, kind: CaseActKind, under: &Circumstances, lead: bool) -> Vec<CaseRefusal> {
        let own = |user| under.actor.staff() == Some(user) || under.stand_in_for(user);
        let others = !lead && self.caseworker.is_some_and(|user| !own(user));
        match kind {
            CaseActKind::Open
            | CaseActKind::Reopen
            | CaseActKind::TakeOverDocument
            | CaseActKind::Classify
            | CaseActKind::ApproveDecision
            | CaseActKind::ReturnDecision
            | CaseActKind::FollowComplaint
            | CaseActKind::FollowLink
            | CaseActKind::WatchDeadlines => Vec::new(),
            // A free case may be taken or given; another's is passed on by them or by the team lead. What comes in
            // for a free case is journalised before somebody has it.
            CaseActKind::Assign
            | CaseActKind::AssignTeam
            | CaseActKind::UploadDocument
            | CaseActKind::JournaliseDocument => Vec::from_iter(others.then_some(CaseRefusal::NotYours)),
            CaseActKind::Release
            | CaseActKind::NoteCall
            | CaseActKind::NoteStep
            | CaseActKind::NoteFact
            | CaseActKind::AddParty
            | CaseActKind::ChangePartyRole
            | CaseActKind::RecordRepresentative
            | CaseActKind::EndRepresentative
            | CaseActKind::ProtectAddress
            | CaseActKind::UnprotectAddress
            | CaseActKind::MarkConfidentiality
            | CaseActKind::RequestInformation
            | CaseActKind::ReceiveInformation
            | CaseActKind::SuspendDeadline
            | CaseActKind::ResumeDeadline
            | CaseActKind::SendDelayNotice
            | CaseActKind::ExtendDeadline
            | CaseActKind::OpenHearing
            | CaseActKind::ReceiveHearingReply
            | CaseActKind::CloseHearing
            | CaseActKind::WaiveHearing
            | CaseActKind::Inform
            | CaseActKind::DraftDecision
            | CaseActKind::SubmitDecision
            | CaseActKind::MakeDecision
            | CaseActKind::SendDecision
            | CaseActKind::CorrectDecision
            | CaseActKind::RevokeDecision
            | CaseActKind::SupersedeDocument
            | CaseActKind::MoveDocument
            | CaseActKind::WithdrawDocument
            | CaseActKind::OrderEffectuation
            | CaseActKind::Effectuate
            | CaseActKind::Withdraw
            | CaseActKind::Forward
            | CaseActKind::Link
            | CaseActKind::Close => match self.caseworker {
                None => vec![CaseRefusal::NotAssigned],
                Some(_) => Vec::from_iter(others.then_some(CaseRefusal::NotYours)),
            },
        }
    }

    /// What stands before the events of a substitute, the first time they act for this caseworker. A team lead, and
    /// who approves, acts by their own right.
    pub(super) fn substitution(&self, kind: CaseActKind, under: &Circumstances) -> Option<CaseEvent> {
        let by_own_right = matches!(
            kind,
            CaseActKind::Open
                | CaseActKind::Reopen
                | CaseActKind::Classify
                | CaseActKind::ApproveDecision
                | CaseActKind::ReturnDecision
        ) || under.roles.has(Role::TeamLead);
        let substitute =
            under.actor.staff().filter(|user| !by_own_right && self.substitute != Some(*user))?;
        let acting_for = self.caseworker.filter(|user| *user != substitute && under.stand_in_for(*user))?;
        Some(CaseEvent::SubstituteActing(SubstituteActing { substitute, acting_for }))
    }

    /// Acts that only depend on how far the case has come.
    fn not_now(&self, kind: CaseActKind, under: &Circumstances) -> Vec<CaseRefusal> {
        let hearing_open = matches!(self.hearing, Hearing::Open { .. });
        let decided = self.decided.is_some();
        // A case that was withdrawn or forwarded ended without a decision.
        let no_result = !decided && !self.is_over();
        let informed = matches!(self.phase, Phase::Informed | Phase::DecisionProposed);
        let checks = match kind {
            CaseActKind::Classify | CaseActKind::DraftDecision => {
                vec![(decided, CaseRefusal::AlreadyDecided)]
            }
            CaseActKind::OpenHearing | CaseActKind::WaiveHearing => {
                vec![(hearing_open, CaseRefusal::HearingOpen), (decided, CaseRefusal::AlreadyDecided)]
            }
            CaseActKind::CloseHearing => vec![(!hearing_open, CaseRefusal::NoHearing)],
            CaseActKind::Inform => vec![
                (self.kle.is_none(), CaseRefusal::NotClassified),
                (hearing_open, CaseRefusal::HearingOpen),
                (decided, CaseRefusal::AlreadyDecided),
                (informed, CaseRefusal::AlreadyInformed),
            ],
            CaseActKind::SendDecision => {
                vec![(!decided, CaseRefusal::NotDecided), (self.sent, CaseRefusal::AlreadySent)]
            }
            CaseActKind::Close => vec![
                (hearing_open, CaseRefusal::HearingOpen),
                (no_result, CaseRefusal::NotDecided),
                (decided && !self.sent, CaseRefusal::DecisionNotSent),
                (self.complained_of().is_some(), CaseRefusal::ComplaintRunning),
            ],
            CaseActKind::Reopen => vec![(true, CaseRefusal::NotClosed)],
            // What its documents, its parties and its way say about the others stands with them.
            _ => Vec::new(),
        };
        let checks = checks.into_iter().filter(|(holds, _)| *holds).map(|(_, refusal)| refusal);
        let checks = checks.chain(self.documents_not_now(kind)).chain(self.parties_not_now(kind));
        checks.chain(self.course_not_now(kind, under)).collect()
    }

    /// Submitting and deciding: a colleague is not asked to approve what may not be decided.
    fn not_ripe(&self, kind: CaseActKind, under: &Circumstances) -> Vec<CaseRefusal> {
        if self.decided.is_some() {
            return vec![CaseRefusal::AlreadyDecided];
        }
        let submitted = self.draft.as_ref().is_some_and(|draft| draft.submitted);
        let mut reasons = Vec::new();
        if kind == CaseActKind::SubmitDecision && submitted {
            reasons.push(CaseRefusal::AlreadySubmitted);
        }
        reasons.extend(self.missing(under));
        if kind == CaseActKind::MakeDecision {
            reasons.extend(self.unapproved(under));
        }
        reasons
    }

    /// D6: nobody has approved the draft.
    fn unapproved(&self, under: &Circumstances) -> Option<CaseRefusal> {
        let unapproved = self.draft.as_ref().is_some_and(|draft| !draft.approved);
        (unapproved && under.rules.guard(GuardId::D6).is_some()).then_some(CaseRefusal::NotApproved)
    }

    /// Approving and returning: somebody else's draft, submitted and not yet decided on.
    fn not_approvable(&self, kind: CaseActKind, under: &Circumstances) -> Vec<CaseRefusal> {
        let Some(draft) = &self.draft else { return vec![CaseRefusal::NoDraft] };
        let mut reasons = Vec::new();
        if !draft.submitted {
            reasons.push(CaseRefusal::NotSubmitted);
        }
        if self.decided.is_some() {
            reasons.push(CaseRefusal::AlreadyDecided);
        }
        if kind == CaseActKind::ApproveDecision {
            if draft.approved {
                reasons.push(CaseRefusal::AlreadyApproved);
            }
            if let Some(guard) = under.rules.guard(GuardId::D6)
                && under.actor.staff() == Some(draft.author)
            {
                reasons.push(CaseRefusal::ApproverIsAuthor { statute: guard.statute.clone() });
            } else if let Some(guard) = under.rules.guard(GuardId::D6)
                && under.stand_in_for(draft.author)
            {
                reasons.push(CaseRefusal::ApproverStandsIn { statute: guard.statute.clone() });
            }
        }
        reasons
    }

    /// D1 to D5 and D7, in the order of the rulebook.
    fn missing(&self, under: &Circumstances) -> Vec<CaseRefusal> {
        let mut missing = Vec::new();
        let rules = &under.rules;
        if !rules.valid_on(under.today()) {
            return vec![CaseRefusal::NoRules];
        }
        let statute = |id| rules.guard(id).map(|guard| guard.statute.clone());
        let informed = matches!(self.phase, Phase::Informed | Phase::DecisionProposed | Phase::Decided);
        if let Some(statute) = statute(GuardId::D1).filter(|_| !informed) {
            missing.push(CaseRefusal::FactsIncomplete { statute });
        }
        let Some(draft) = &self.draft else {
            missing.push(CaseRefusal::NoDraft);
            return missing;
        };
        // Until the outcome is settled, it may still turn out fully in favour.
        let against = |party: u32| draft.outcome_for(party).is_some_and(|outcome| !outcome.fully_in_favour());
        let adverse = self.real_parties().any(|party| against(party.number));
        if let Some(statute) = statute(GuardId::D2) {
            let unheard = |party: &&PartyState| against(party.number) && !party.hearing.is_settled();
            missing.extend(self.real_parties().filter(unheard).map(|party| match party.number {
                FIRST_PARTY => CaseRefusal::NotHeard { statute: statute.clone() },
                party => CaseRefusal::PartyNotHeard { party, statute: statute.clone() },
            }));
        }
        if let Some(statute) = statute(GuardId::D4).filter(|_| adverse) {
            let parts = [GroundsPart::Rules, GroundsPart::Discretion, GroundsPart::Facts];
            for (part, present) in parts.into_iter().zip(draft.has_grounds) {
                if !present {
                    missing.push(CaseRefusal::GroundsMissing { part, statute: statute.clone() });
                }
            }
        }
        if let Some(statute) = statute(GuardId::D5).filter(|_| adverse && !draft.has_guidance) {
            missing.push(CaseRefusal::NoComplaintGuidance { statute });
        }
        if rules.guard(GuardId::D7).is_some() {
            let open = |party: &&PartyState| draft.outcome_for(party.number).is_none();
            missing.extend(self.real_parties().filter(open).map(|party| match party.number {
                FIRST_PARTY => CaseRefusal::NoOutcome,
                party => CaseRefusal::NoOutcomeFor { party },
            }));
        }
        missing
    }
}
