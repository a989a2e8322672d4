//! What the case page shows about the people in a case beside the domain's own state: their names, their addresses, who
//! speaks for them, and what they answered in hearings.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use skranke_domain::case::{CaseEvent, CaseOpened, FIRST_PARTY};
use skranke_domain::{Actor, Sealed};

use crate::event::EventInfo;

/// Somebody in a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartySheet {
    /// Their number in the case; what they are to it stands in the file.
    pub number: u32,
    /// Their name, if it is known.
    pub name: Option<Sealed<String>>,
    /// Their address, if it is known.
    pub address: Option<Sealed<String>>,
    /// Who speaks for them.
    pub representative: Option<RepresentativeSheet>,
    /// What they answered in hearings, oldest first.
    pub replies: Vec<ReplySheet>,
    /// Who added them.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// Who speaks for a party (partsrepræsentant).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepresentativeSheet {
    /// The name.
    pub name: Sealed<String>,
    /// How to reach them.
    pub contact: Option<Sealed<String>>,
    /// Who recorded it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// An answer in a hearing (høringssvar).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplySheet {
    /// The day it came.
    pub received: Date,
    /// What it says.
    pub text: Sealed<String>,
    /// Who noted it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

impl PartySheet {
    /// Whom the case was opened for.
    pub(crate) fn first(opened: &CaseOpened, info: &EventInfo) -> Self {
        Self::new(FIRST_PARTY, opened.party.clone(), None, info)
    }

    const fn new(
        number: u32,
        name: Option<Sealed<String>>,
        address: Option<Sealed<String>>,
        info: &EventInfo,
    ) -> Self {
        let (by, at) = (info.actor, info.at);
        Self { number, name, address, representative: None, replies: Vec::new(), by, at }
    }

    /// Every sealed field.
    pub(crate) fn seals(&mut self) -> impl Iterator<Item = &mut Sealed<String>> {
        let own = self.name.iter_mut().chain(&mut self.address);
        let speaker = self.representative.iter_mut();
        let speaker = speaker.flat_map(|one| std::iter::once(&mut one.name).chain(&mut one.contact));
        own.chain(speaker).chain(self.replies.iter_mut().map(|reply| &mut reply.text))
    }
}

/// Takes in what an event tells about the people; most tell nothing.
pub(crate) fn apply(parties: &mut Vec<PartySheet>, event: &CaseEvent, info: &EventInfo) {
    let (by, at) = (info.actor, info.at);
    let mut change = |number: u32, change: &mut dyn FnMut(&mut PartySheet)| {
        if let Some(party) = parties.iter_mut().find(|party| party.number == number) {
            change(party);
        }
    };
    match event {
        CaseEvent::PartyAdded(added) => {
            let (name, address) = (Some(added.name.clone()), added.address.clone());
            parties.push(PartySheet::new(added.party, name, address, info));
        }
        CaseEvent::RepresentativeRecorded(recorded) => change(recorded.party, &mut |party| {
            let (name, contact) = (recorded.name.clone(), recorded.contact.clone());
            party.representative = Some(RepresentativeSheet { name, contact, by, at });
        }),
        CaseEvent::RepresentativeEnded(ended) => {
            change(ended.party, &mut |party| party.representative = None);
        }
        CaseEvent::HearingReplyReceived(reply) => change(reply.party, &mut |party| {
            let (received, text) = (reply.received, reply.text.clone());
            party.replies.push(ReplySheet { received, text, by, at });
        }),
        _ => {}
    }
}
