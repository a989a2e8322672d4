//! An exemption (fritagelse) from mandatory self-service: per authority and area, never a mark on the person.
//!
//! Whoever cannot be expected to act online asks for one, in person or through somebody else, without having to
//! say which ground it is. It ends on its last day, or when the person wants it no more. Everything personal in
//! it, the grounds above all, is sealed under the person's subject.

mod command;
mod event;
mod refusal;
#[cfg(test)]
mod tests;

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use command::{ExemptionCommand, Grant, Request};
pub use event::{
    Applicant, Area, ExemptionEvent, ExemptionExpired, ExemptionGranted, ExemptionRefused,
    ExemptionRequested, ExemptionWithdrawn, Grounds, Representative,
};
pub use refusal::ExemptionRefusal;

use crate::authority::AuthoritySlug;
use crate::id::{ExemptionId, StreamId, SubjectId, Tenant};
use crate::sealed::Sealed;

/// One of the special circumstances that the law names as examples. The list is data, and open-ended: what is on
/// none is written as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ground {
    /// Its short name.
    pub slug: String,
    /// What it says in Danish.
    pub text_da: String,
    /// What it says in English.
    pub text_en: String,
}

/// Where an exemption stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Asked for.
    Requested,
    /// In force, from its first day to its last.
    Granted,
    /// Not given.
    Refused,
    /// Over, because its last day is.
    Expired,
    /// Not wanted any more.
    Withdrawn,
}

/// An exemption.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Exemption {
    /// Nothing was asked for under this id.
    #[default]
    Unknown,
    /// Somebody asked for it.
    Known {
        /// Where it stands.
        standing: Standing,
        /// Whom its sealed fields are about.
        subject: SubjectId,
        /// The authority whose self-service it is about.
        authority: AuthoritySlug,
        /// What of that authority.
        area: Area,
        /// Its last day; `None` when it has none.
        until: Option<Date>,
    },
}

impl Exemption {
    /// The stream of an exemption.
    pub fn stream(tenant: Tenant, id: ExemptionId) -> StreamId {
        StreamId::new(Self::TYPE, tenant, id)
    }

    /// Tells what follows from `command`, or why nothing does.
    pub fn decide(&self, command: ExemptionCommand) -> Result<Vec<ExemptionEvent>, ExemptionRefusal> {
        use ExemptionCommand::{Expire, Grant, Refuse, Request, Withdraw};
        let Self::Known { standing, subject, authority, area, until } = self else {
            return match command {
                Request(wish) => requested(*wish),
                Grant(_) | Refuse { .. } | Expire { .. } | Withdraw { .. } => Err(ExemptionRefusal::NotFound),
            };
        };
        match (standing, command) {
            // The form was sent twice, or what is wished has happened: the wish is true.
            (_, Request(_)) | (Standing::Expired, Expire { .. }) | (Standing::Withdrawn, Withdraw { .. }) => {
                Ok(Vec::new())
            }
            (Standing::Requested, Grant(grant)) => granted(*subject, authority.clone(), area.clone(), *grant),
            (Standing::Requested, Refuse { reason }) => {
                let reason = text(&reason).ok_or(ExemptionRefusal::NoReason)?;
                let reason = Sealed::new(*subject, reason);
                Ok(vec![ExemptionEvent::ExemptionRefused(ExemptionRefused { reason })])
            }
            (
                Standing::Granted | Standing::Refused | Standing::Expired | Standing::Withdrawn,
                Grant(_) | Refuse { .. },
            ) => Err(ExemptionRefusal::AlreadyDecided),
            (Standing::Granted, Expire { today }) => match until {
                Some(last) if *last < today => {
                    Ok(vec![ExemptionEvent::ExemptionExpired(ExemptionExpired { last: *last })])
                }
                _ => Err(ExemptionRefusal::NotOver),
            },
            (Standing::Requested | Standing::Refused | Standing::Withdrawn, Expire { .. })
            | (Standing::Refused | Standing::Expired, Withdraw { .. }) => Err(ExemptionRefusal::NotInForce),
            (Standing::Requested | Standing::Granted, Withdraw { on, reason }) => {
                let reason = text(&reason).map(|reason| Sealed::new(*subject, reason));
                Ok(vec![ExemptionEvent::ExemptionWithdrawn(ExemptionWithdrawn { on, reason })])
            }
        }
    }
}

fn requested(wish: Request) -> Result<Vec<ExemptionEvent>, ExemptionRefusal> {
    let name = text(&wish.applicant.name).ok_or(ExemptionRefusal::NoName { path: "name" })?;
    let through = match wish.applicant.through {
        None => None,
        Some(other) => Some(Representative {
            name: text(&other.name).ok_or(ExemptionRefusal::NoName { path: "throughName" })?,
            relation: other.relation.trim().to_owned(),
        }),
    };
    if wish.received > wish.today {
        return Err(ExemptionRefusal::InTheFuture);
    }
    let subject = wish.subject;
    let grounds = wish.grounds.ok_or(ExemptionRefusal::UnknownGround)?.trimmed();
    Ok(vec![ExemptionEvent::ExemptionRequested(ExemptionRequested {
        authority: wish.authority.ok_or(ExemptionRefusal::UnknownAuthority)?,
        area: wish.area.ok_or(ExemptionRefusal::UnknownArea)?,
        channel: wish.channel,
        received: wish.received,
        inquiry: wish.inquiry,
        subject,
        applicant: Sealed::new(subject, Applicant { name, through }),
        grounds: Sealed::new(subject, grounds),
    })])
}

fn granted(
    subject: SubjectId,
    authority: AuthoritySlug,
    area: Area,
    wish: Grant,
) -> Result<Vec<ExemptionEvent>, ExemptionRefusal> {
    let grounds = wish.grounds.ok_or(ExemptionRefusal::UnknownGround)?.trimmed();
    if wish.until.is_some_and(|until| until < wish.from) {
        return Err(ExemptionRefusal::EndsBeforeItBegins);
    }
    if wish.until.is_some_and(|until| until < wish.today) {
        return Err(ExemptionRefusal::IsOverAlready);
    }
    Ok(vec![ExemptionEvent::ExemptionGranted(ExemptionGranted {
        authority,
        area,
        from: wish.from,
        until: wish.until,
        grounds: Sealed::new(subject, grounds),
    })])
}

/// The text without blanks around it, if there is one.
fn text(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

impl Aggregate for Exemption {
    const TYPE: &'static str = "exemption";
    type Command = ExemptionCommand;
    type Event = ExemptionEvent;
    type Error = ExemptionRefusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: ExemptionCommand,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), ExemptionRefusal> {
        for event in self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: ExemptionEvent) {
        match (&mut *self, event) {
            (_, ExemptionEvent::ExemptionRequested(requested)) => {
                *self = Self::Known {
                    standing: Standing::Requested,
                    subject: requested.subject,
                    authority: requested.authority,
                    area: requested.area,
                    until: None,
                };
            }
            (Self::Known { standing, until, .. }, ExemptionEvent::ExemptionGranted(granted)) => {
                (*standing, *until) = (Standing::Granted, granted.until);
            }
            (Self::Known { standing, .. }, ExemptionEvent::ExemptionRefused(_)) => {
                *standing = Standing::Refused;
            }
            (Self::Known { standing, .. }, ExemptionEvent::ExemptionExpired(_)) => {
                *standing = Standing::Expired;
            }
            (Self::Known { standing, .. }, ExemptionEvent::ExemptionWithdrawn(_)) => {
                *standing = Standing::Withdrawn;
            }
            (
                Self::Unknown,
                ExemptionEvent::ExemptionGranted(_)
                | ExemptionEvent::ExemptionRefused(_)
                | ExemptionEvent::ExemptionExpired(_)
                | ExemptionEvent::ExemptionWithdrawn(_),
            ) => {}
        }
    }
}
