//! The life of one case: who handles it, how far it comes, and on which days what is done.

use jiff::ToSpan;
use jiff::civil::Date;
use skranke_domain::case::document::{AddressedFile, ContentHash, NewFile};
use skranke_domain::case::{
    CaseAct, ComplaintGuidance, DeadlineAct, Direction, Draft, FIRST_PARTY, HearingAnswer, OpenCase, Outcome,
    Phase,
};
use skranke_domain::deadline::{DeadlineKind, WaitingFor};
use skranke_domain::inquiry::Channel;
use skranke_domain::kle::KleNumber;
use skranke_domain::rules::RuleSet;
use skranke_domain::{CaseId, DocumentId, Role, Roles, SubjectId, TeamId, Tenant, UserId};

use super::dice::Dice;
use super::words;

/// For so many days cases have come in: as long as there are published rules to decide them by.
const DAYS: u64 = 1_050;
const CHANNELS: [Channel; 5] =
    [Channel::Web, Channel::Counter, Channel::Phone, Channel::Digital, Channel::Letter];

/// Who does something to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Its caseworker.
    Worker,
    /// Somebody else of the team.
    Colleague,
    /// The process that watches deadlines.
    Clock,
}

/// What is done on one day.
pub(super) struct Visit {
    /// Which.
    pub(super) on: Date,
    /// In order.
    pub(super) acts: Vec<(Who, CaseAct)>,
}

/// One case.
pub(super) struct Life {
    pub(super) id: CaseId,
    pub(super) subject: SubjectId,
    number: String,
    pub(super) received: Date,
    /// How far it comes.
    pub(super) far: Phase,
    /// The number of its team.
    pub(super) team: usize,
    /// The number of its caseworker in that team, and of who approves.
    pub(super) worker: usize,
    pub(super) colleague: usize,
    kle: &'static str,
    pub(super) title: String,
    party: String,
    channel: Channel,
    outcome: Outcome,
    /// What somebody was asked for: whom, and whether the deadline waits too where it may.
    asked: Option<(WaitingFor, bool)>,
    /// Whether an adverse decision is heard about, or the hearing is waived.
    hears: bool,
    /// Whether nobody has given it to a team.
    teamless: bool,
    letter: NewFile,
    note: &'static str,
    /// On which days after its receipt it is worked on.
    days: [i64; 7],
    today: Date,
}

impl Life {
    /// The case of that number among so many: they came in evenly, the oldest first.
    pub(super) fn of(
        dice: &mut Dice,
        (number, cases): (u64, u64),
        today: Date,
        teams: usize,
        members: usize,
    ) -> Self {
        let age = i64::try_from((cases - 1 - number) * DAYS / cases.max(1)).unwrap_or(0);
        let received = today.saturating_sub(age.days());
        let at = received.at(9, 0, 0, 0).to_zoned(skranke_domain::time::copenhagen());
        let at = at.map_or(jiff::Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp());
        let (kle, title) = words::matter(dice);
        let worker = dice.below(members);
        let far = far(dice, age);
        let mut hash = [0; 32];
        hash.chunks_exact_mut(8).for_each(|part| part.copy_from_slice(&dice.roll().to_be_bytes()));
        Self {
            id: CaseId::new(dice.uuid(at)),
            subject: SubjectId::new(dice.uuid(at)),
            number: format!("S{}-{number:07}", received.year()),
            received,
            far,
            team: dice.below(teams),
            worker,
            colleague: (worker + 1 + dice.below(members - 1)) % members,
            kle,
            title,
            party: words::name(dice),
            channel: dice.pick(&CHANNELS),
            outcome: dice.pick(&[
                Outcome::Granted,
                Outcome::Granted,
                Outcome::Granted,
                Outcome::PartlyGranted,
                Outcome::Refused,
            ]),
            asked: dice.percent(25).then(|| {
                let of =
                    [WaitingFor::Party, WaitingFor::Party, WaitingFor::Expert, WaitingFor::OtherAuthority];
                (dice.pick(&of), dice.percent(50))
            }),
            hears: dice.percent(50),
            teamless: far == Phase::Registered && dice.percent(40),
            letter: NewFile {
                id: DocumentId::new(dice.uuid(at)),
                hash: ContentHash::new(hash),
                size: 20_000,
                media_type: "application/pdf".to_owned(),
                name: "afgoerelse.pdf".to_owned(),
            },
            note: words::note(dice),
            days: days(dice),
            today,
        }
    }

    /// Everything that is done to it, day by day, by the rules of the day it came in.
    pub(super) fn visits(&self, team: TeamId, worker: UserId, rules: &RuleSet, tenant: Tenant) -> Vec<Visit> {
        let by_worker = |act| (Who::Worker, act);
        let [opened, taken, asked, heard, drafted, decided, sent] = self.days;
        let mut visits = vec![(opened, self.opening(team))];
        if self.far >= Phase::UnderInvestigation {
            let assign = CaseAct::Assign { to: worker, roles: Roles::default().with(Role::Caseworker) };
            let classify = CaseAct::Classify { kle: self.kle.to_owned(), facet: "G01".to_owned() };
            visits.push((taken, vec![by_worker(assign), by_worker(classify)]));
            let kle = KleNumber::try_new(self.kle);
            let rule = rules.deadline(DeadlineKind::CaseHandling, tenant, kle.as_ref());
            let pauses = rule.is_some_and(|rule| rule.terms.suspension);
            visits.push((asked, self.asking(asked, pauses).into_iter().map(by_worker).collect()));
        }
        if self.far >= Phase::Informed {
            visits.push((heard, self.informing().into_iter().map(by_worker).collect()));
        }
        if self.far >= Phase::DecisionProposed {
            let draft = CaseAct::DraftDecision(Box::new(self.draft()));
            visits.push((drafted, vec![by_worker(draft), by_worker(CaseAct::SubmitDecision { version: 1 })]));
        }
        if self.far >= Phase::Decided {
            let letters = vec![AddressedFile { party: FIRST_PARTY, file: self.letter.clone() }];
            let approve = CaseAct::ApproveDecision { version: 1, letters };
            visits.push((decided, vec![(Who::Colleague, approve), by_worker(CaseAct::MakeDecision)]));
        }
        if self.far == Phase::Closed {
            let sending = CaseAct::SendDecision { letters: vec![(self.letter.id, self.letter.hash)] };
            visits.push((sent, vec![by_worker(sending), by_worker(CaseAct::Close)]));
        } else {
            // What the clock had to say by today it has said.
            visits.push((i64::MAX, vec![(Who::Clock, CaseAct::Deadline(DeadlineAct::Watch))]));
        }
        visits.into_iter().map(|(day, acts)| Visit { on: self.day(day), acts }).collect()
    }

    /// The day that many days after receipt, or today.
    fn day(&self, after: i64) -> Date {
        let after = after.min(DAYS.cast_signed() * 2);
        self.received.saturating_add(after.days()).min(self.today)
    }

    fn opening(&self, team: TeamId) -> Vec<(Who, CaseAct)> {
        let open = CaseAct::Open(Box::new(OpenCase {
            number: self.number.clone(),
            received: Some(self.received),
            channel: Some(self.channel),
            inquiry: None,
            topic: None,
            subject: self.subject,
            title: self.title.clone(),
            party: self.party.clone(),
            kle: None,
        }));
        let give = (!self.teamless).then_some(CaseAct::AssignTeam { team, takes_cases: true });
        [open].into_iter().chain(give).map(|act| (Who::Worker, act)).collect()
    }

    /// Whether the party is heard, or was.
    fn hearing(&self) -> bool {
        self.far == Phase::InHearing || (!self.outcome.fully_in_favour() && self.hears)
    }

    fn asking(&self, day: i64, pauses: bool) -> Vec<CaseAct> {
        let mut acts = Vec::new();
        if self.far == Phase::InHearing || (self.hearing() && self.far > Phase::InHearing) {
            let reply_by = self.day(day).saturating_add(14.days());
            acts.push(CaseAct::OpenHearing {
                reply_by,
                facts: "Indkomst og husleje.".to_owned(),
                parties: Vec::new(),
            });
        }
        acts.push(match self.asked {
            Some((of, suspend)) => CaseAct::Deadline(DeadlineAct::RequestInformation {
                of: Some(of),
                what: "Lønsedler for tre måneder".to_owned(),
                reply_by: None,
                suspend: suspend && pauses,
            }),
            None => CaseAct::NoteCall { direction: Direction::Outgoing, text: self.note.to_owned() },
        });
        acts
    }

    fn informing(&self) -> Vec<CaseAct> {
        let received = self
            .asked
            .map(|_| CaseAct::Deadline(DeadlineAct::ReceiveInformation { number: 1, what: String::new() }));
        let heard = if self.hearing() {
            Some(CaseAct::CloseHearing { answer: HearingAnswer::Said(self.note.to_owned()) })
        } else if self.outcome.fully_in_favour() {
            None
        } else {
            let statute = "FVL § 19, stk. 2".to_owned();
            Some(CaseAct::WaiveHearing { statute, reason: "Parten har selv oplyst det hele.".to_owned() })
        };
        received.into_iter().chain(heard).chain([CaseAct::Inform]).collect()
    }

    fn draft(&self) -> Draft {
        let adverse = !self.outcome.fully_in_favour();
        let part = |text: &str| if adverse { text.to_owned() } else { String::new() };
        Draft {
            outcome: Some(self.outcome),
            text: format!("Kære {}. Her er vores afgørelse.", self.party),
            legal_basis: "Retssikkerhedsloven".to_owned(),
            grounds_rules: part("Lovens § 1."),
            grounds_discretion: part("Dine forhold."),
            grounds_facts: part("Det oplyste."),
            complaint: adverse.then(|| ComplaintGuidance {
                body: "Ankestyrelsen".to_owned(),
                how: "Klag til kommunen.".to_owned(),
                limit: "4 uger".to_owned(),
            }),
            others: Vec::new(),
        }
    }
}

/// How far a case has come that came in so many days ago. Of the new ones most are open, of the old ones few.
fn far(dice: &mut Dice, age: i64) -> Phase {
    let open = match age {
        ..28 => 85,
        28..90 => 55,
        90..365 => 15,
        _ => 4,
    };
    if !dice.percent(open) {
        return Phase::Closed;
    }
    match dice.below(100) {
        0..22 => Phase::Registered,
        22..56 => Phase::UnderInvestigation,
        56..68 => Phase::InHearing,
        68..80 => Phase::Informed,
        80..92 => Phase::DecisionProposed,
        _ => Phase::Decided,
    }
}

/// The days after receipt on which a case is opened, taken, asked about, informed, drafted, decided, and sent. One in
/// eight takes longer than it may.
fn days(dice: &mut Dice) -> [i64; 7] {
    let late = dice.below(8) == 0;
    let mut day = 0;
    [(0, 1), (1, 3), (1, 5), (1, 6), (0, 8), (0, 4), (0, 3)].map(|(least, spread)| {
        let step = least + dice.below(spread);
        day += i64::try_from(if late && least == 0 { step * 4 } else { step }).unwrap_or(0);
        day
    })
}
