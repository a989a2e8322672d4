//! What the case page shows about the way of a case beside the domain's own state: what was ordered and done, how it was
//! withdrawn, where it went.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use skranke_domain::authority::AuthoritySlug;
use skranke_domain::case::{CaseEvent, SenderNotice};
use skranke_domain::{Actor, Sealed, Tenant};

use crate::event::EventInfo;

/// What happened on the way of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CourseSheet {
    /// What was ordered after the decision, and what came of it; the newest.
    pub effectuation: Option<EffectuationSheet>,
    /// How the citizen withdrew it.
    pub withdrawn: Option<Said>,
    /// Where it was forwarded to.
    pub forwarded: Option<ForwardedSheet>,
    /// Why it is treated as it is.
    pub confidential: Option<Said>,
}

/// Carrying out what was decided (bestilling og udførelse).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectuationSheet {
    /// What is to be done.
    pub ordered: Said,
    /// By when.
    pub due: Option<Date>,
    /// The day on which it was done.
    pub done: Option<Date>,
    /// What was done, where there is more to say.
    pub note: Option<Sealed<String>>,
}

/// Something that somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// What.
    pub text: Sealed<String>,
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// Forwarding to another authority (videresendelse).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForwardedSheet {
    /// The authority's slug in the register.
    pub authority: AuthoritySlug,
    /// What the register called it on that day.
    pub name: String,
    /// The municipality, where every municipality has such an authority.
    pub municipality: Option<Tenant>,
    /// What the sender was told, or why nothing.
    pub notice: SenderNotice,
    /// Who forwarded it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

impl CourseSheet {
    /// Takes in what an event tells about the way; most tell nothing.
    pub(crate) fn apply(&mut self, event: &CaseEvent, info: &EventInfo) {
        let (by, at) = (info.actor, info.at);
        let said = |text: &Sealed<String>| Said { text: text.clone(), by, at };
        match event {
            CaseEvent::EffectuationOrdered(ordered) => {
                let (due, ordered) = (ordered.due, said(&ordered.what));
                self.effectuation = Some(EffectuationSheet { ordered, due, done: None, note: None });
            }
            CaseEvent::Effectuated(effectuated) => {
                if let Some(known) = &mut self.effectuation {
                    (known.done, known.note) = (Some(effectuated.on), effectuated.note.clone());
                }
            }
            CaseEvent::CaseWithdrawn(withdrawn) => self.withdrawn = Some(said(&withdrawn.reason)),
            CaseEvent::CaseForwarded(forwarded) => {
                self.forwarded = Some(ForwardedSheet {
                    authority: forwarded.authority.clone(),
                    name: forwarded.name.clone(),
                    municipality: forwarded.municipality,
                    notice: forwarded.notice.clone(),
                    by,
                    at,
                });
            }
            CaseEvent::ConfidentialityMarked(marked) => self.confidential = Some(said(&marked.reason)),
            _ => {}
        }
    }

    /// Every sealed field.
    pub(crate) fn seals(&mut self) -> impl Iterator<Item = &mut Sealed<String>> {
        let effectuation = self.effectuation.iter_mut();
        let effectuation =
            effectuation.flat_map(|one| std::iter::once(&mut one.ordered.text).chain(&mut one.note));
        let said = self.withdrawn.iter_mut().chain(&mut self.confidential).map(|said| &mut said.text);
        let told = self.forwarded.iter_mut().map(|forwarded| match &mut forwarded.notice {
            SenderNotice::Informed(text) | SenderNotice::Waived(text) => text,
        });
        effectuation.chain(said).chain(told)
    }
}
