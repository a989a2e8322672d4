//! What can be wished of an exemption.

use std::fmt;

use jiff::civil::Date;

use crate::authority::AuthoritySlug;
use crate::id::{InquiryId, SubjectId};
use crate::inquiry::Channel;

use super::event::{Applicant, Area, Grounds};

/// A wish about an exemption.
#[derive(Clone, Debug)]
pub enum ExemptionCommand {
    /// Somebody asks for it.
    Request(Box<Request>),
    /// Give it.
    Grant(Box<Grant>),
    /// Do not give it.
    Refuse {
        /// Why not: the person has a right to know (FVL § 22).
        reason: String,
    },
    /// Its last day is over.
    Expire {
        /// Today in Copenhagen.
        today: Date,
    },
    /// The person wants it no more. Acting online stays open to exempt people, so this is rarely needed.
    Withdraw {
        /// From which day.
        on: Date,
        /// Why, if that was said; may be empty.
        reason: String,
    },
}

/// What is asked for.
#[derive(Clone)]
pub struct Request {
    /// The authority whose self-service it is about; `None` when the register has none of that name.
    pub authority: Option<AuthoritySlug>,
    /// What of that authority; `None` when nothing of that name is known.
    pub area: Option<Area>,
    /// How it was asked for.
    pub channel: Channel,
    /// When it came in.
    pub received: Date,
    /// Today in Copenhagen.
    pub today: Date,
    /// The inquiry that it was asked in.
    pub inquiry: Option<InquiryId>,
    /// Whom its sealed fields are about: the inquiry's subject, that of an earlier exemption of the same person, or
    /// a new one.
    pub subject: SubjectId,
    /// Who it is for.
    pub applicant: Applicant,
    /// The grounds that were given, if any; `None` when one of them is on no list.
    pub grounds: Option<Grounds>,
}

/// What is given.
#[derive(Clone)]
pub struct Grant {
    /// Today in Copenhagen.
    pub today: Date,
    /// Its first day.
    pub from: Date,
    /// Its last day; `None` for one without end.
    pub until: Option<Date>,
    /// The grounds it rests on; `None` when one of them is on no list. None need be named.
    pub grounds: Option<Grounds>,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("Request");
        text.field("authority", &self.authority).field("area", &self.area).finish_non_exhaustive()
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant").field("from", &self.from).field("until", &self.until).finish_non_exhaustive()
    }
}
