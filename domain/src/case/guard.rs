//! The guards: what stands in the way of each act, before the act's own fields are looked at.
//!
//! One source of truth for three questions: may this command go through, which buttons does the screen show, and
//! what is missing before a decision.

use serde::{Deserialize, Serialize};

use crate::act::Role;
use crate::rules::GuardId;

use super::command::{CaseAct, Circumstances};
use super::refusal::{CaseRefusal, GroundsPart};
use super::{Case, CaseFile, Hearing, Phase};

/// The kinds of act, without their fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each kind is the act of the same name, which is documented")]
pub enum CaseActKind {
    Open,
    Classify,
    Assign,
    Release,
    NoteCall,
    NoteStep,
    OpenHearing,
    CloseHearing,
    WaiveHearing,
    Inform,
    DraftDecision,
    SubmitDecision,
    ApproveDecision,
    ReturnDecision,
    MakeDecision,
    SendDecision,
    Close,
    Reopen,
}

impl CaseActKind {
    /// Every kind, in the order a case usually runs through them.
    pub const ALL: [Self; 18] = [
        Self::Open,
        Self::Classify,
        Self::Assign,
        Self::Release,
        Self::NoteCall,
        Self::NoteStep,
        Self::OpenHearing,
        Self::CloseHearing,
        Self::WaiveHearing,
        Self::Inform,
        Self::DraftDecision,
        Self::SubmitDecision,
        Self::ApproveDecision,
        Self::ReturnDecision,
        Self::MakeDecision,
        Self::SendDecision,
        Self::Close,
        Self::Reopen,
    ];
}

impl CaseAct {
    /// The kind of this act.
    pub const fn kind(&self) -> CaseActKind {
        match self {
            Self::Open(_) => CaseActKind::Open,
            Self::Classify { .. } => CaseActKind::Classify,
            Self::Assign { .. } => CaseActKind::Assign,
            Self::Release => CaseActKind::Release,
            Self::NoteCall { .. } => CaseActKind::NoteCall,
            Self::NoteStep { .. } => CaseActKind::NoteStep,
            Self::OpenHearing { .. } => CaseActKind::OpenHearing,
            Self::CloseHearing { .. } => CaseActKind::CloseHearing,
            Self::WaiveHearing { .. } => CaseActKind::WaiveHearing,
            Self::Inform => CaseActKind::Inform,
            Self::DraftDecision(_) => CaseActKind::DraftDecision,
            Self::SubmitDecision { .. } => CaseActKind::SubmitDecision,
            Self::ApproveDecision { .. } => CaseActKind::ApproveDecision,
            Self::ReturnDecision { .. } => CaseActKind::ReturnDecision,
            Self::MakeDecision => CaseActKind::MakeDecision,
            Self::SendDecision => CaseActKind::SendDecision,
            Self::Close => CaseActKind::Close,
            Self::Reopen { .. } => CaseActKind::Reopen,
        }
    }
}

impl Case {
    /// Everything that stands in the way of an act, the weightiest first; empty when it may be tried.
    pub fn blocked(&self, kind: CaseActKind, under: &Circumstances) -> Vec<CaseRefusal> {
        if under.actor.staff().is_none() && under.actor != crate::Actor::System {
            return vec![CaseRefusal::StaffOnly];
        }
        let lead = under.roles.has(Role::TeamLead);
        // The system may only set up: imports and demo data go through people's accounts like everything else.
        if !under.roles.any(&[Role::Caseworker, Role::TeamLead]) {
            return vec![CaseRefusal::NotAllowed];
        }
        match self {
            Self::Unopened if kind == CaseActKind::Open => Vec::new(),
            Self::Unopened => vec![CaseRefusal::NotOpened],
            Self::File(_) if kind == CaseActKind::Open => vec![CaseRefusal::AlreadyOpened],
            Self::File(file) if file.phase == Phase::Closed => match kind {
                // Reopening is the team lead's to approve.
                CaseActKind::Reopen if lead => Vec::new(),
                CaseActKind::Reopen => vec![CaseRefusal::NotAllowed],
                _ => vec![CaseRefusal::Closed],
            },
            Self::File(file) => file.blocked(kind, under, lead),
        }
    }

    /// What is missing before a decision can be made (manglende skridt), statute by statute.
    pub fn missing_before_decision(&self, under: &Circumstances) -> Vec<CaseRefusal> {
        match self {
            Self::Unopened => Vec::new(),
            Self::File(file) if file.decided.is_some() || file.phase == Phase::Closed => Vec::new(),
            Self::File(file) => file.missing(under),
        }
    }
}

impl CaseFile {
    fn blocked(&self, kind: CaseActKind, under: &Circumstances, lead: bool) -> Vec<CaseRefusal> {
        let mut reasons = Vec::new();
        let me = under.actor.staff();
        let mut needs = |holds: bool, refusal: CaseRefusal| {
            if !holds {
                reasons.push(refusal);
            }
        };
        // Whose case it is: own work is the caseworker's, or the team lead's.
        match kind {
            CaseActKind::Open
            | CaseActKind::Reopen
            | CaseActKind::Classify
            | CaseActKind::ApproveDecision
            | CaseActKind::ReturnDecision => {}
            // A free case may be taken or given; another's is passed on by them or by the team lead.
            CaseActKind::Assign => {
                needs(self.caseworker.is_none() || lead || self.caseworker == me, CaseRefusal::NotYours);
            }
            CaseActKind::Release
            | CaseActKind::NoteCall
            | CaseActKind::NoteStep
            | CaseActKind::OpenHearing
            | CaseActKind::CloseHearing
            | CaseActKind::WaiveHearing
            | CaseActKind::Inform
            | CaseActKind::DraftDecision
            | CaseActKind::SubmitDecision
            | CaseActKind::MakeDecision
            | CaseActKind::SendDecision
            | CaseActKind::Close => {
                needs(self.caseworker.is_some(), CaseRefusal::NotAssigned);
                needs(self.caseworker.is_none() || lead || self.caseworker == me, CaseRefusal::NotYours);
            }
        }
        let draft = self.draft.as_ref();
        let submitted = draft.is_some_and(|draft| draft.submitted);
        let approved = draft.is_some_and(|draft| draft.approved);
        let hearing_open = matches!(self.hearing, Hearing::Open { .. });
        match kind {
            CaseActKind::Open
            | CaseActKind::Assign
            | CaseActKind::Release
            | CaseActKind::NoteCall
            | CaseActKind::NoteStep => {}
            CaseActKind::Classify => needs(self.decided.is_none(), CaseRefusal::AlreadyDecided),
            CaseActKind::OpenHearing | CaseActKind::WaiveHearing => {
                needs(!hearing_open, CaseRefusal::HearingOpen);
                needs(self.decided.is_none(), CaseRefusal::AlreadyDecided);
            }
            CaseActKind::CloseHearing => needs(hearing_open, CaseRefusal::NoHearing),
            CaseActKind::Inform => {
                needs(self.kle.is_some(), CaseRefusal::NotClassified);
                needs(!hearing_open, CaseRefusal::HearingOpen);
                needs(self.decided.is_none(), CaseRefusal::AlreadyDecided);
                needs(
                    !matches!(self.phase, Phase::Informed | Phase::DecisionProposed),
                    CaseRefusal::AlreadyInformed,
                );
            }
            CaseActKind::DraftDecision => needs(self.decided.is_none(), CaseRefusal::AlreadyDecided),
            CaseActKind::SubmitDecision => {
                needs(draft.is_some(), CaseRefusal::NoDraft);
                needs(!submitted, CaseRefusal::AlreadySubmitted);
                needs(self.decided.is_none(), CaseRefusal::AlreadyDecided);
                // A colleague is not asked to approve what may not be decided.
                if draft.is_some() && self.decided.is_none() {
                    for missing in self.missing(under) {
                        needs(false, missing);
                    }
                }
            }
            CaseActKind::ApproveDecision | CaseActKind::ReturnDecision => {
                needs(draft.is_some(), CaseRefusal::NoDraft);
                needs(draft.is_none() || submitted, CaseRefusal::NotSubmitted);
                needs(self.decided.is_none(), CaseRefusal::AlreadyDecided);
                if kind == CaseActKind::ApproveDecision {
                    needs(!approved, CaseRefusal::AlreadyApproved);
                    if let (Some(guard), Some(draft)) = (under.rules.guard(GuardId::D6), draft) {
                        let statute = guard.statute.clone();
                        needs(me != Some(draft.author), CaseRefusal::ApproverIsAuthor { statute });
                    }
                }
            }
            CaseActKind::MakeDecision => {
                needs(self.decided.is_none(), CaseRefusal::AlreadyDecided);
                if self.decided.is_none() {
                    needs(draft.is_some(), CaseRefusal::NoDraft);
                    for missing in self.missing(under) {
                        needs(false, missing);
                    }
                    if under.rules.guard(GuardId::D6).is_some() {
                        needs(draft.is_none() || approved, CaseRefusal::NotApproved);
                    }
                }
            }
            CaseActKind::SendDecision => {
                needs(self.decided.is_some(), CaseRefusal::NotDecided);
                needs(!self.sent, CaseRefusal::AlreadySent);
            }
            CaseActKind::Close => {
                needs(!hearing_open, CaseRefusal::HearingOpen);
                needs(self.decided.is_some(), CaseRefusal::NotDecided);
                needs(self.decided.is_none() || self.sent, CaseRefusal::DecisionNotSent);
            }
            CaseActKind::Reopen => needs(false, CaseRefusal::NotClosed),
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
        let Some(draft) = &self.draft else { return missing };
        // Until the outcome is settled, it may still turn out fully in favour.
        let adverse = draft.outcome.is_some_and(|outcome| !outcome.fully_in_favour());
        let heard = matches!(self.hearing, Hearing::Held | Hearing::Waived);
        if let Some(statute) = statute(GuardId::D2).filter(|_| adverse && !heard) {
            missing.push(CaseRefusal::NotHeard { statute });
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
        if rules.guard(GuardId::D7).is_some() && draft.outcome.is_none() {
            missing.push(CaseRefusal::NoOutcome);
        }
        missing
    }
}
