//! The way of a case beside its decision: carrying out what was decided, withdrawing, forwarding, cases that belong
//! together, facts that are noted, and how carefully it is treated.

mod event;
mod refusal;

use jiff::civil::Date;

pub use event::{
    CaseForwarded, CaseLink, CaseWithdrawn, CasesLinked, Confidentiality, ConfidentialityMarked, Effectuated,
    EffectuationOrdered, FactNoted, SenderNotice,
};
pub use refusal::CourseRefusal;

use super::command::Circumstances;
use super::guard::CaseActKind;
use super::party::maybe;
use super::{CaseEvent, CaseFile, CaseRefusal, Hearing, Phase, text};
use crate::id::CaseId;
use crate::inquiry::{Addressee, Notice, passed_on};
use crate::sealed::Sealed;

/// A wish about the way of a case.
#[derive(Clone)]
pub enum CourseAct {
    /// Treat it more, or less, carefully (markér fortrolighed).
    MarkConfidentiality {
        /// How.
        level: Confidentiality,
        /// Why.
        reason: String,
    },
    /// Note facts that came by word of mouth or were seen (notatpligt).
    NoteFact {
        /// What is known now.
        text: String,
        /// Where it is from; may be empty.
        source: String,
    },
    /// Have what was decided carried out (bestil).
    OrderEffectuation {
        /// What is to be done.
        what: String,
        /// By when.
        due: Option<Date>,
    },
    /// Note that it is carried out (udført).
    Effectuate {
        /// The day on which it was done; today if it is not said.
        on: Option<Date>,
        /// What was done; may be empty.
        note: String,
    },
    /// Note that the citizen does not want a decision any more (frafald).
    Withdraw {
        /// How the citizen said so.
        reason: String,
    },
    /// Pass it on to the authority whose business it is (videresend, FVL § 7, stk. 2).
    Forward {
        /// To whom, as the register has it; `None` when it has nobody of that name.
        to: Option<Addressee>,
        /// How the sender was told, or why not; `None` when neither was said.
        notice: Option<Notice>,
    },
    /// Link another case (knyt sager sammen).
    Link {
        /// Which.
        other: CaseId,
        /// How it belongs to this one.
        link: CaseLink,
        /// Whether it is another case of this municipality: from its own stream.
        other_is_there: bool,
    },
    /// Show a link that the other case tells: the system's own act.
    FollowLink {
        /// Which other case.
        other: CaseId,
        /// How it belongs to this one.
        link: CaseLink,
    },
}

impl CourseAct {
    /// The kind of this act.
    pub const fn kind(&self) -> CaseActKind {
        match self {
            Self::MarkConfidentiality { .. } => CaseActKind::MarkConfidentiality,
            Self::NoteFact { .. } => CaseActKind::NoteFact,
            Self::OrderEffectuation { .. } => CaseActKind::OrderEffectuation,
            Self::Effectuate { .. } => CaseActKind::Effectuate,
            Self::Withdraw { .. } => CaseActKind::Withdraw,
            Self::Forward { .. } => CaseActKind::Forward,
            Self::Link { .. } => CaseActKind::Link,
            Self::FollowLink { .. } => CaseActKind::FollowLink,
        }
    }
}

impl CaseFile {
    /// The cases that are parts of this one.
    pub fn sub_cases(&self) -> impl Iterator<Item = CaseId> {
        self.links.iter().filter(|linked| linked.link == CaseLink::SubCase).map(|linked| linked.other)
    }

    /// Why a case that ended without a decision takes no more steps towards one.
    pub(super) fn ended(&self, kind: CaseActKind) -> Option<CaseRefusal> {
        let refusal = match self.phase {
            Phase::Withdrawn => CourseRefusal::Withdrawn,
            Phase::ForwardedAway => CourseRefusal::ForwardedAway,
            _ => return None,
        };
        let towards_a_decision = kind.is_about_deadlines()
            || matches!(
                kind,
                CaseActKind::OpenHearing
                    | CaseActKind::ReceiveHearingReply
                    | CaseActKind::CloseHearing
                    | CaseActKind::WaiveHearing
                    | CaseActKind::Inform
                    | CaseActKind::DraftDecision
                    | CaseActKind::SubmitDecision
                    | CaseActKind::ApproveDecision
                    | CaseActKind::ReturnDecision
                    | CaseActKind::MakeDecision
                    | CaseActKind::SendDecision
                    | CaseActKind::RevokeDecision
                    | CaseActKind::OrderEffectuation
                    | CaseActKind::Effectuate
                    | CaseActKind::Withdraw
                    | CaseActKind::Forward
            );
        towards_a_decision.then(|| refusal.into())
    }

    /// What stands in the way of such an act, from how far the case has come.
    pub(super) fn course_not_now(&self, kind: CaseActKind, under: &Circumstances) -> Vec<CaseRefusal> {
        let decided = self.decided.is_some();
        let hearing_open = matches!(self.hearing, Hearing::Open { .. });
        let checks = match kind {
            CaseActKind::OrderEffectuation => vec![
                (!decided, CaseRefusal::NotDecided),
                (decided && !self.sent, CaseRefusal::DecisionNotSent),
                (self.phase == Phase::Ordered, CourseRefusal::AlreadyOrdered.into()),
                (self.phase == Phase::Effectuated, CourseRefusal::AlreadyEffectuated.into()),
            ],
            CaseActKind::Effectuate => {
                vec![(self.phase != Phase::Ordered, CourseRefusal::NothingOrdered.into())]
            }
            CaseActKind::Withdraw => vec![(decided, CaseRefusal::AlreadyDecided)],
            CaseActKind::Forward => {
                vec![(decided, CaseRefusal::AlreadyDecided), (hearing_open, CaseRefusal::HearingOpen)]
            }
            CaseActKind::Close => vec![
                (self.phase == Phase::Ordered, CourseRefusal::EffectuationPending.into()),
                (under.reach.open_sub_case, CourseRefusal::SubCaseOpen.into()),
            ],
            _ => Vec::new(),
        };
        checks.into_iter().filter(|(holds, _)| *holds).map(|(_, refusal)| refusal).collect()
    }

    pub(super) fn decide_course(
        &self,
        act: CourseAct,
        under: &Circumstances,
    ) -> Result<Vec<CaseEvent>, CaseRefusal> {
        let seal = |value: &str, path| -> Result<Sealed<String>, CaseRefusal> {
            Ok(Sealed::new(self.subject, text(value, path)?))
        };
        let event = match act {
            CourseAct::MarkConfidentiality { level, .. } if self.confidentiality == level => {
                return Ok(Vec::new());
            }
            CourseAct::MarkConfidentiality { level, reason } => {
                let reason = seal(&reason, "reason")?;
                CaseEvent::ConfidentialityMarked(ConfidentialityMarked { level, reason })
            }
            CourseAct::NoteFact { text, source } => CaseEvent::FactNoted(FactNoted {
                text: seal(&text, "text")?,
                source: maybe(self.subject, &source, "source")?,
            }),
            CourseAct::OrderEffectuation { what, due } => {
                CaseEvent::EffectuationOrdered(EffectuationOrdered { what: seal(&what, "what")?, due })
            }
            CourseAct::Effectuate { on, note } => {
                let on = on.unwrap_or_else(|| under.today());
                if on > under.today() {
                    return Err(CourseRefusal::DoneInTheFuture.into());
                }
                let note = maybe(self.subject, &note, "note")?;
                CaseEvent::Effectuated(Effectuated { on, note })
            }
            CourseAct::Withdraw { reason } => {
                CaseEvent::CaseWithdrawn(CaseWithdrawn { reason: seal(&reason, "reason")? })
            }
            CourseAct::Forward { to, notice } => {
                let passed = passed_on(under.tenant, to, notice).map_err(CourseRefusal::Forwarding)?;
                let (Addressee { authority, name, municipality, received_as }, notice) = passed;
                let notice = match notice {
                    Notice::Given { how } => SenderNotice::Informed(seal(&how, "senderInformed")?),
                    Notice::Waived { reason } => SenderNotice::Waived(seal(&reason, "notInformedBecause")?),
                };
                CaseEvent::CaseForwarded(CaseForwarded { authority, name, municipality, received_as, notice })
            }
            CourseAct::Link { other, link, .. } | CourseAct::FollowLink { other, link }
                if self.links.iter().any(|known| known.other == other && known.link == link) =>
            {
                return Ok(Vec::new());
            }
            CourseAct::Link { other_is_there: false, .. } => return Err(CourseRefusal::NoOtherCase.into()),
            CourseAct::Link { other, .. } if self.links.iter().any(|known| known.other == other) => {
                return Err(CourseRefusal::LinkedOtherwise.into());
            }
            CourseAct::Link { other, link, .. } | CourseAct::FollowLink { other, link } => {
                CaseEvent::CasesLinked(CasesLinked { other, link })
            }
        };
        Ok(vec![event])
    }

    /// The state after one event about the way of the case. Never fails and holds no rule.
    pub(super) fn evolve_course(&mut self, event: CaseEvent) {
        match event {
            CaseEvent::ConfidentialityMarked(marked) => self.confidentiality = marked.level,
            CaseEvent::EffectuationOrdered(_) => self.phase = Phase::Ordered,
            CaseEvent::Effectuated(_) => self.phase = Phase::Effectuated,
            CaseEvent::CaseWithdrawn(_) => self.end_without_a_decision(Phase::Withdrawn),
            CaseEvent::CaseForwarded(_) => self.end_without_a_decision(Phase::ForwardedAway),
            CaseEvent::CasesLinked(linked) => self.links.push(linked),
            // The others tell nothing about the way.
            _ => {}
        }
    }

    fn end_without_a_decision(&mut self, phase: Phase) {
        self.phase = phase;
        self.draft = None;
        self.forget_hearings();
    }
}
