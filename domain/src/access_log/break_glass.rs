//! Break-glass: somebody opens a case of another team because it cannot wait, says why, and only for a while. It is
//! noted before anything is shown, auditors see it, and it ends by itself.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::act::{By, Role};
use crate::case::{Case, Circumstances};
use crate::id::CaseId;
use crate::{Lang, Refusal, Sealed};

/// The longest reason, in characters.
const REASON_LIMIT: usize = 1_000;

/// A case of another team was opened (nødadgang).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakGlassUsed {
    /// Which.
    pub case: CaseId,
    /// Why.
    pub reason: Sealed<String>,
    /// Until when it stays open.
    pub until: Timestamp,
}

/// The wish to open a case of another team.
#[derive(Clone)]
pub struct BreakGlass {
    /// Which.
    pub case: CaseId,
    /// Why.
    pub reason: String,
    /// Until when.
    pub until: Timestamp,
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BreakGlassRefusal {
    /// Nothing was opened under this id.
    #[error("no such case has been opened")]
    NotFound,
    /// The role is missing.
    #[error("your roles do not allow this")]
    NotAllowed,
    /// The case is open to them anyhow.
    #[error("the case is open to you already")]
    OpenAlready,
    /// The reason is missing.
    #[error("say why you must open a case of another team")]
    NoReason,
    /// The reason is too long.
    #[error("the reason is too long: at most {REASON_LIMIT} characters")]
    ReasonTooLong,
    /// The rule set in force does not allow it.
    #[error("the rules in force do not allow break-glass")]
    NotInRules,
    /// The end is past, or too far ahead.
    #[error("the access must end within {hours} hours from now")]
    End {
        /// From the rule set.
        hours: u32,
    },
}

impl Refusal for BreakGlassRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "CASE_NOT_FOUND",
            Self::NotAllowed => "NOT_ALLOWED",
            Self::OpenAlready => "OPEN_ALREADY",
            Self::NoReason => "FIELD_EMPTY",
            Self::ReasonTooLong => "FIELD_TOO_LONG",
            Self::NotInRules => "NOT_IN_RULES",
            Self::End { .. } => "BREAK_GLASS_END",
        }
    }

    fn message(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        match self {
            Self::NotFound => "Sagen findes ikke.".to_owned(),
            Self::NotAllowed => "Dine roller giver ikke adgang til dette.".to_owned(),
            Self::OpenAlready => "Du har allerede adgang til sagen.".to_owned(),
            Self::NoReason => "Skriv, hvorfor du må åbne en sag, der hører til et andet hold.".to_owned(),
            Self::ReasonTooLong => {
                format!("Begrundelsen er for lang. Den må højst være på {REASON_LIMIT} tegn.")
            }
            Self::NotInRules => "Det gældende regelsæt giver ikke mulighed for nødadgang.".to_owned(),
            Self::End { hours } => format!("Adgangen skal slutte inden for {hours} timer fra nu."),
        }
    }

    fn path(&self) -> &'static str {
        match self {
            Self::NoReason | Self::ReasonTooLong => "reason",
            Self::End { .. } => "until",
            Self::NotFound | Self::NotAllowed | Self::OpenAlready | Self::NotInRules => "",
        }
    }
}

impl BreakGlass {
    /// What follows from the wish on this case, or why nothing does. The reason is sealed under the case's subject: it
    /// may well be about them.
    pub fn decide(self, case: &Case, under: &Circumstances) -> Result<BreakGlassUsed, BreakGlassRefusal> {
        let by = By { at: under.at, actor: under.actor, roles: under.roles };
        if !by.staff_with(Role::Caseworker) && !by.staff_with(Role::TeamLead) {
            return Err(BreakGlassRefusal::NotAllowed);
        }
        let Case::File(file) = case else { return Err(BreakGlassRefusal::NotFound) };
        if file.is_reached(under) {
            return Err(BreakGlassRefusal::OpenAlready);
        }
        let reason = self.reason.trim();
        match reason.chars().count() {
            0 => return Err(BreakGlassRefusal::NoReason),
            1..=REASON_LIMIT => {}
            _ => return Err(BreakGlassRefusal::ReasonTooLong),
        }
        let hours = under.rules.break_glass_hours.ok_or(BreakGlassRefusal::NotInRules)?;
        let latest = under.at.saturating_add(SignedDuration::from_hours(i64::from(hours)));
        if self.until <= under.at || latest.is_ok_and(|latest| latest < self.until) {
            return Err(BreakGlassRefusal::End { hours });
        }
        let reason = Sealed::new(file.subject, reason.to_owned());
        Ok(BreakGlassUsed { case: self.case, reason, until: self.until })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use cqrs_es::Aggregate;
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;
    use crate::act::Actor;
    use crate::case::{CaseEvent, CaseOpened, Reach, TeamAssigned};
    use crate::id::{SubjectId, TeamId, UserId};
    use crate::inquiry::Channel;
    use crate::rules::RuleSet;

    const SUBJECT: SubjectId = SubjectId::new(Uuid::from_u128(1));
    const TEAM: TeamId = TeamId::new(Uuid::from_u128(2));
    const CASE: CaseId = CaseId::new(Uuid::from_u128(3));

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn case_of(team: Option<TeamId>) -> Case {
        let mut case = Case::default();
        case.apply(CaseEvent::CaseOpened(CaseOpened {
            number: "S2026-00001".into(),
            received: date(2026, 11, 20),
            channel: Channel::Counter,
            inquiry: None,
            topic: None,
            subject: SUBJECT,
            title: Sealed::new(SUBJECT, "Boligstøtte".into()),
            party: None,
        }));
        if let Some(team) = team {
            case.apply(CaseEvent::TeamAssigned(TeamAssigned { team }));
        }
        case
    }

    fn under(role: Role, teams: &[TeamId]) -> Circumstances {
        Circumstances {
            tenant: crate::Tenant::COUNTER,
            at: at("2026-11-23T09:00:00Z"),
            actor: Actor::Staff(UserId::new(Uuid::from_u128(4))),
            roles: [role].into_iter().collect(),
            rules: Arc::new(RuleSet { break_glass_hours: Some(4), ..RuleSet::default() }),
            reach: Reach { teams: teams.to_vec(), ..Reach::NONE },
        }
    }

    fn wish(reason: &str, until: &str) -> BreakGlass {
        BreakGlass { case: CASE, reason: reason.into(), until: at(until) }
    }

    fn soon() -> BreakGlass {
        wish("Borgeren står ved skranken", "2026-11-23T13:00:00Z")
    }

    #[test]
    fn a_case_of_another_team_is_opened_for_a_reason_and_for_a_while() {
        let used = soon().decide(&case_of(Some(TEAM)), &under(Role::Caseworker, &[])).unwrap();
        assert_eq!((used.case, used.until), (CASE, at("2026-11-23T13:00:00Z")));
        assert_eq!(used.reason.subject(), SUBJECT);
    }

    #[test]
    fn it_is_refused_without_a_role_a_reason_or_an_end_that_the_rules_allow() {
        let theirs = case_of(Some(TEAM));
        let kari = under(Role::Caseworker, &[]);
        for role in [Role::Administrator, Role::Auditor] {
            assert_eq!(soon().decide(&theirs, &under(role, &[])), Err(BreakGlassRefusal::NotAllowed));
        }
        let no_reason = wish("  ", "2026-11-23T13:00:00Z").decide(&theirs, &kari);
        assert_eq!(no_reason, Err(BreakGlassRefusal::NoReason));
        for end in ["2026-11-23T09:00:00Z", "2026-11-23T13:00:01Z"] {
            let refused = wish("Haster", end).decide(&theirs, &kari);
            assert_eq!(refused, Err(BreakGlassRefusal::End { hours: 4 }), "{end}");
        }
        let silent = Circumstances { rules: Arc::default(), ..kari };
        assert_eq!(soon().decide(&theirs, &silent), Err(BreakGlassRefusal::NotInRules));
        assert_eq!(soon().decide(&Case::Unopened, &silent), Err(BreakGlassRefusal::NotFound));
    }

    #[test]
    fn what_is_open_needs_no_glass_broken() {
        let own = soon().decide(&case_of(Some(TEAM)), &under(Role::Caseworker, &[TEAM]));
        assert_eq!(own, Err(BreakGlassRefusal::OpenAlready));
        let nobodys = soon().decide(&case_of(None), &under(Role::Caseworker, &[]));
        assert_eq!(nobodys, Err(BreakGlassRefusal::OpenAlready));
    }
}
