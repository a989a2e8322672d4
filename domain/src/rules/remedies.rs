//! Complaints (klage) and access to files (aktindsigt): the limits, who decides, and what each rests on.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Tenant;
use crate::kle::KleNumber;

use super::{Counting, DeadlineRule, RuleSet};

/// What a rule set says of complaints and of access to files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remedies {
    /// Complaints, by KLE main group; the empty one is for everything else.
    #[serde(default)]
    pub complaints: Vec<ComplaintRule>,
    /// Who decides something that nobody reassesses before the appeal.
    #[serde(default)]
    pub straight_to_appeal: Vec<StraightToAppeal>,
    /// Access to files, by its basis.
    #[serde(default)]
    pub access: BTreeMap<AccessBasis, AccessRule>,
}

/// How decisions of one area are complained of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComplaintRule {
    /// The KLE main group.
    pub kle: String,
    /// The complaint body, by its slug in the register of authorities; none where the law names none.
    #[serde(default)]
    pub body: Option<String>,
    /// Until when one may complain, counted from receipt of the decision; none where no rule sets a limit.
    #[serde(default)]
    pub limit: Option<DeadlineRule>,
    /// Until when the authority looks again, counted from receipt of the complaint.
    #[serde(default)]
    pub reassessment: Option<DeadlineRule>,
    /// The legal basis as lawyers cite it.
    #[serde(default)]
    pub statute: String,
}

/// A deciding body whose decisions are not reassessed: a complaint goes on as it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StraightToAppeal {
    /// The deciding body's slug.
    pub decided_by: String,
    /// Its name.
    pub name: String,
    /// The complaint body, by its slug in the register of authorities.
    pub body: String,
    /// The legal basis as lawyers cite it.
    #[serde(default)]
    pub statute: String,
}

/// On which basis access to a file is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccessBasis {
    /// Partsaktindsigt (FVL § 9).
    Party,
    /// Aktindsigt for anyone (OFL § 7).
    Openness,
    /// Indsigtsret of the data subject (GDPR art. 15).
    DataSubject,
}

/// How a request on one basis is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessRule {
    /// The legal basis as lawyers cite it.
    pub statute: String,
    /// Until when an answer or a notice of delay is due, counted from receipt.
    pub answer: DeadlineRule,
    /// After which time without an answer the delay itself can be complained of.
    #[serde(default)]
    pub complaint_after: Option<DeadlineRule>,
}

/// A date that a rule gave, with what it takes to explain it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// The day it was counted from, which does not count itself.
    pub from: Date,
    /// The last day.
    pub due: Date,
    /// The rule.
    pub rule: String,
    /// The version of the rule set.
    pub rule_set: String,
    /// How many days the rule gives.
    pub days: u32,
    /// How they are counted.
    pub counting: Counting,
}

impl Term {
    /// What `rule` gives from a day on, by the working days of a municipality.
    pub fn counted(rule: &DeadlineRule, from: Date, rules: &RuleSet, municipality: Tenant) -> Self {
        Self {
            from,
            due: rule.due(from, &rules.calendar(municipality)),
            rule: rule.name.clone(),
            rule_set: rules.version.clone(),
            days: rule.days,
            counting: rule.counting,
        }
    }
}

impl Remedies {
    /// The rule for complaints over a case of this subject.
    pub fn complaint(&self, kle: Option<&KleNumber>) -> Option<&ComplaintRule> {
        let of = |group: &str| self.complaints.iter().find(|rule| rule.kle == group);
        kle.and_then(|kle| of(kle.main_group())).or_else(|| of(""))
    }

    /// The body by this slug whose decisions are not reassessed.
    pub fn straight_to_appeal(&self, decided_by: &str) -> Option<&StraightToAppeal> {
        self.straight_to_appeal.iter().find(|rule| rule.decided_by == decided_by)
    }
}
