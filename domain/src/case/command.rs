//! What can be wished of a case, and the circumstances every wish brings along.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::act::{Act, Actor, Roles};
use crate::conversation::TopicSlug;
use crate::id::{ComplaintId, DocumentId, InquiryId, SubjectId, TeamId, Tenant, UserId};
use crate::inquiry::Channel;
use crate::rules::RuleSet;
use crate::time::local_date;

use super::appeal::ComplaintStep;
use super::course::CourseAct;
use super::deadline::DeadlineAct;
use super::decision::{ComplaintGuidance, Outcome};
use super::document::{AddressedFile, ContentHash, DocumentAct};
use super::event::Direction;
use super::party::{PartyAct, PartyOutcome};
use super::reach::Reach;

/// Who acts, when, and under which rules: what the case must know and cannot ask.
#[derive(Clone, Debug)]
pub struct Circumstances {
    /// The municipality it happens in.
    pub tenant: Tenant,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// The roles they hold.
    pub roles: Roles,
    /// The rule set in force.
    pub rules: Arc<RuleSet>,
    /// Which cases they reach beside their own and those of no team.
    pub reach: Reach,
}

impl Circumstances {
    /// The circumstances of an act by somebody in no team, who stands in for nobody.
    pub const fn of(act: &Act, rules: Arc<RuleSet>) -> Self {
        Self { tenant: act.tenant, at: act.at, actor: act.actor, roles: act.roles, rules, reach: Reach::NONE }
    }

    /// The same with the teams somebody is in, and those they stand in for.
    #[must_use]
    pub fn reaching(self, reach: Reach) -> Self {
        Self { reach, ..self }
    }

    /// The date in Copenhagen.
    pub fn today(&self) -> Date {
        local_date(self.at)
    }
}

/// A wish about a case.
#[derive(Clone, Debug)]
pub struct CaseCommand {
    /// What is wished.
    pub act: CaseAct,
    /// By whom, when, under which rules.
    pub under: Circumstances,
}

/// What can be done with a case.
#[derive(Clone)]
pub enum CaseAct {
    /// Open it (opret sag).
    Open(Box<OpenCase>),
    /// Classify or reclassify it (journalisér).
    Classify {
        /// The KLE subject number as typed.
        kle: String,
        /// The facet as typed.
        facet: String,
    },
    /// Give it to a caseworker (tildel).
    Assign {
        /// Whom.
        to: UserId,
        /// The roles that person holds; none for somebody unknown.
        roles: Roles,
    },
    /// Put it back for others to take (frigiv).
    Release,
    /// Give it to a team (tildel hold).
    AssignTeam {
        /// Which.
        team: TeamId,
        /// Whether that team is at work.
        takes_cases: bool,
    },
    /// Note a phone call (telefonnotat, OFL § 13).
    NoteCall {
        /// Who called whom.
        direction: Direction,
        /// What was said.
        text: String,
    },
    /// Note a step in the case (notat).
    NoteStep {
        /// What was done.
        text: String,
    },
    /// Something about its deadlines, or what is asked for meanwhile.
    Deadline(DeadlineAct),
    /// Hear the parties (partshøring).
    OpenHearing {
        /// The reply deadline.
        reply_by: Date,
        /// The facts that are put before them.
        facts: String,
        /// Who is heard, by number; every party where nobody is named.
        parties: Vec<u32>,
    },
    /// End the hearing.
    CloseHearing {
        /// What the last party that is waited for answered.
        answer: HearingAnswer,
    },
    /// Do without a hearing.
    WaiveHearing {
        /// On which legal basis.
        statute: String,
        /// Why.
        reason: String,
    },
    /// Declare the facts complete (oplyst).
    Inform,
    /// Write a draft, or a new version of it.
    DraftDecision(Box<Draft>),
    /// Ask a colleague to approve it.
    SubmitDecision {
        /// The version that was read.
        version: u32,
    },
    /// Approve a colleague's draft.
    ApproveDecision {
        /// The version that was read.
        version: u32,
        /// The letters as that version was rendered, one for each party: these bytes are approved, and no others.
        letters: Vec<AddressedFile>,
    },
    /// Send a colleague's draft back.
    ReturnDecision {
        /// What must change.
        reason: String,
    },
    /// Make the decision (træf afgørelse).
    MakeDecision,
    /// Send it to the parties.
    SendDecision {
        /// The letters that go out, by id and hash, in the order of the parties.
        letters: Vec<(DocumentId, ContentHash)>,
    },
    /// Something about somebody in the case.
    Party(Box<PartyAct>),
    /// Something about the way of the case.
    Course(Box<CourseAct>),
    /// Something about a document, or about the letter of a decision.
    Document(Box<DocumentAct>),
    /// Close the case (afslut).
    Close,
    /// Take it up again (genoptag).
    Reopen {
        /// Why.
        reason: String,
    },
    /// Follow a complaint over one of its decisions: what the complaint's own stream tells, step by step.
    FollowComplaint {
        /// Which.
        complaint: ComplaintId,
        /// The number of the complaint's event: steps are followed once and in order.
        revision: u64,
        /// What it came to.
        step: ComplaintStep,
    },
}

impl fmt::Debug for CaseAct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The kind only: the rest is what people wrote.
        fmt::Debug::fmt(&self.kind(), f)
    }
}

/// What is said, as a hearing is ended, of the last party whose answer was not noted by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HearingAnswer {
    /// Nothing.
    None,
    /// That there is an answer, and not which.
    Unnamed,
    /// It is this journalised document.
    Document(DocumentId),
    /// It was given by word of mouth, and is noted with this.
    Said(String),
}

/// What a new case begins with.
#[derive(Clone)]
pub struct OpenCase {
    /// The case number, already taken from the municipality's numbering.
    pub number: String,
    /// The day it was received.
    pub received: Option<Date>,
    /// How.
    pub channel: Option<Channel>,
    /// The KLE subject number and the facet as typed, if it is classified as it is opened.
    pub kle: Option<(String, String)>,
    /// The inquiry it comes from.
    pub inquiry: Option<InquiryId>,
    /// The matter, if it is known.
    pub topic: Option<TopicSlug>,
    /// Whom its sealed fields are about.
    pub subject: SubjectId,
    /// What it is about, in a few words.
    pub title: String,
    /// The party's name; may be empty.
    pub party: String,
}

/// A draft of a decision.
#[derive(Clone, Default)]
pub struct Draft {
    /// The outcome for the first party, if it is settled.
    pub outcome: Option<Outcome>,
    /// The outcome for each of the other parties, as far as they are settled.
    pub others: Vec<PartyOutcome>,
    /// The letter's text.
    pub text: String,
    /// The legal basis of the decision.
    pub legal_basis: String,
    /// Grounds: the rules applied.
    pub grounds_rules: String,
    /// Grounds: the considerations in a discretion.
    pub grounds_discretion: String,
    /// Grounds: the decisive facts.
    pub grounds_facts: String,
    /// Where, how and by when to complain.
    pub complaint: Option<ComplaintGuidance>,
}
