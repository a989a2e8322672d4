//! The register of authorities (myndighedsregister): what a municipality's administrators add to the authorities
//! that the content files bring, or change about them. One stream per municipality and slug, so that "who could
//! this be forwarded to on that day" has an answer.

use std::fmt;

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use serde::{Deserialize, Serialize};

use crate::conversation::TopicSlug;
use crate::id::{StreamId, Tenant};
use crate::sealed::{SealError, SealVisitor, Sealable};
use crate::upcast::{Evolving, Step};
use crate::{Lang, Refusal, codec, inquiry};

/// The short name of an authority: lower-case letters, digits and hyphens.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AuthoritySlug(Box<str>);

impl AuthoritySlug {
    /// Reads a slug; the rules are those of a topic's.
    pub fn try_new(slug: &str) -> Option<Self> {
        TopicSlug::try_new(slug).map(|_| Self(slug.into()))
    }

    /// The slug.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AuthoritySlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AuthoritySlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuthoritySlug({})", self.0)
    }
}

/// What kind of body an authority is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Part of each municipality.
    Municipal,
    /// Run by several municipalities together.
    JointMunicipal,
    /// Part of the state.
    State,
    /// A complaints board.
    Tribunal,
    /// A region.
    Region,
    /// A parish.
    Church,
    /// Not public.
    PrivateBody,
}

/// What the register says of an authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Its name in Danish.
    pub name_da: String,
    /// Its name in English.
    pub name_en: String,
    /// What kind of body it is. One of a municipal kind is named together with its municipality.
    pub kind: Kind,
    /// Whether it decides anything.
    pub decides: bool,
    /// Its number; empty when none is known.
    #[serde(default)]
    pub phone: String,
    /// How to write to it; empty when not known.
    #[serde(default)]
    pub email: String,
    /// Where it is; empty when not known.
    #[serde(default)]
    pub address: String,
}

impl Card {
    /// Its name.
    pub fn name(&self, lang: Lang) -> &str {
        lang.pick(&self.name_da, &self.name_en)
    }
}

/// What a municipality's administrators have said of an authority.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Authority {
    /// Nothing: what the content files say holds.
    #[default]
    Unsaid,
    /// This holds instead.
    Published(Card),
    /// It is in the register no more, whatever the content files say.
    Withdrawn,
}

/// A wish about an authority.
#[derive(Clone, Debug)]
pub enum AuthorityCommand {
    /// Put it into the register, or change what is said there.
    Publish(Box<Card>),
    /// Take it out.
    Withdraw {
        /// Whether the content files have one of that name.
        shipped: bool,
    },
}

/// What has happened to an authority. The names and fields written here are in the log for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant holds the struct of its name, which is documented")]
pub enum AuthorityEvent {
    AuthorityPublished(AuthorityPublished),
    AuthorityWithdrawn(AuthorityWithdrawn),
}

/// It was put into the register, or changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorityPublished {
    /// What the register says from now on.
    pub card: Card,
}

/// It was taken out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorityWithdrawn {}

/// Why a wish about an authority is not granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityRefusal {
    /// It is not in the register.
    #[error("the register has no such authority")]
    NotFound,
    /// The short name is none.
    #[error("a short name has 1 to 64 lower-case letters, digits and hyphens")]
    NotASlug,
    /// A name is missing.
    #[error("an authority needs its name in Danish and in English")]
    NoName,
    /// The address looks wrong.
    #[error("the e-mail address does not look right: write it as name@example.dk")]
    NotAnEmail,
}

impl Refusal for AuthorityRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "AUTHORITY_NOT_FOUND",
            Self::NotASlug => "NOT_A_SLUG",
            Self::NoName => "AUTHORITY_WITHOUT_NAME",
            Self::NotAnEmail => "NOT_AN_EMAIL",
        }
    }

    fn message(&self, lang: Lang) -> String {
        match (self, lang) {
            (_, Lang::En) => self.to_string(),
            (Self::NotFound, Lang::Da) => "Myndigheden står ikke i registret.".to_owned(),
            (Self::NotASlug, Lang::Da) => {
                "Et kort navn har 1 til 64 små bogstaver, tal og bindestreger.".to_owned()
            }
            (Self::NoName, Lang::Da) => "En myndighed skal have et navn på dansk og på engelsk.".to_owned(),
            (Self::NotAnEmail, Lang::Da) => {
                "E-mailadressen ser forkert ud. Skriv den som navn@eksempel.dk.".to_owned()
            }
        }
    }

    fn path(&self) -> &'static str {
        match self {
            Self::NotFound => "",
            Self::NotASlug => "slug",
            Self::NoName => "nameDa",
            Self::NotAnEmail => "email",
        }
    }
}

impl Authority {
    /// The stream of what one municipality says of an authority.
    pub fn stream(tenant: Tenant, slug: &AuthoritySlug) -> StreamId {
        StreamId::new(Self::TYPE, tenant, slug)
    }

    /// What the register says: the administrators' word where there is one, or that of the content files.
    pub fn card<'a>(&'a self, shipped: Option<&'a Card>) -> Option<&'a Card> {
        match self {
            Self::Unsaid => shipped,
            Self::Published(card) => Some(card),
            Self::Withdrawn => None,
        }
    }

    /// Tells what follows from `command`, or why nothing does.
    pub fn decide(&self, command: AuthorityCommand) -> Result<Vec<AuthorityEvent>, AuthorityRefusal> {
        use AuthorityCommand::{Publish, Withdraw};
        match (self, command) {
            (Self::Unsaid | Self::Published(_) | Self::Withdrawn, Publish(card)) => {
                let card = checked(*card)?;
                if *self == Self::Published(card.clone()) {
                    return Ok(Vec::new());
                }
                Ok(vec![AuthorityEvent::AuthorityPublished(AuthorityPublished { card })])
            }
            (Self::Unsaid, Withdraw { shipped: false }) => Err(AuthorityRefusal::NotFound),
            (Self::Unsaid | Self::Published(_), Withdraw { .. }) => {
                Ok(vec![AuthorityEvent::AuthorityWithdrawn(AuthorityWithdrawn {})])
            }
            (Self::Withdrawn, Withdraw { .. }) => Ok(Vec::new()),
        }
    }
}

fn checked(card: Card) -> Result<Card, AuthorityRefusal> {
    let trimmed = |text: String| text.trim().to_owned();
    let card = Card {
        name_da: trimmed(card.name_da),
        name_en: trimmed(card.name_en),
        kind: card.kind,
        decides: card.decides,
        phone: trimmed(card.phone),
        email: trimmed(card.email),
        address: trimmed(card.address),
    };
    if card.name_da.is_empty() || card.name_en.is_empty() {
        return Err(AuthorityRefusal::NoName);
    }
    if !card.email.is_empty() && !inquiry::looks_like_email(&card.email) {
        return Err(AuthorityRefusal::NotAnEmail);
    }
    Ok(card)
}

impl Aggregate for Authority {
    const TYPE: &'static str = "authority";
    type Command = AuthorityCommand;
    type Event = AuthorityEvent;
    type Error = AuthorityRefusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: AuthorityCommand,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), AuthorityRefusal> {
        for event in self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: AuthorityEvent) {
        *self = match event {
            AuthorityEvent::AuthorityPublished(published) => Self::Published(published.card),
            AuthorityEvent::AuthorityWithdrawn(_) => Self::Withdrawn,
        };
    }
}

impl Sealable for AuthorityEvent {
    fn seals(&mut self, _: &mut SealVisitor<'_>) -> Result<(), SealError> {
        Ok(())
    }
}

impl Evolving for AuthorityEvent {
    const STEPS: &'static [Step] = &[];
}

impl cqrs_es::DomainEvent for AuthorityEvent {
    fn event_type(&self) -> String {
        codec::type_of(self).to_owned()
    }
    fn event_version(&self) -> String {
        self.version().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{decisions, given};

    fn card(name: &str) -> Card {
        Card {
            name_da: name.into(),
            name_en: "Example Board".into(),
            kind: Kind::State,
            decides: true,
            phone: String::new(),
            email: "post@eksempel.dk".into(),
            address: String::new(),
        }
    }

    fn publish(card: Card) -> AuthorityCommand {
        AuthorityCommand::Publish(Box::new(card))
    }

    fn published() -> AuthorityEvent {
        AuthorityEvent::AuthorityPublished(AuthorityPublished { card: card("Eksempelnævnet") })
    }

    fn withdrawn() -> AuthorityEvent {
        AuthorityEvent::AuthorityWithdrawn(AuthorityWithdrawn {})
    }

    #[test]
    fn what_is_published_takes_the_place_of_what_was_shipped() {
        let shipped = card("Gammelt navn");
        assert_eq!(Authority::Unsaid.card(Some(&shipped)), Some(&shipped));
        assert_eq!(Authority::Withdrawn.card(Some(&shipped)), None);
        let mut authority = Authority::default();
        authority.apply(published());
        assert_eq!(authority.card(Some(&shipped)), Some(&card("Eksempelnævnet")));
    }

    #[test]
    fn a_name_is_needed_in_both_languages_and_an_address_must_look_like_one() {
        given::<Authority>([]).when(publish(card(" "))).refused(AuthorityRefusal::NoName);
        let wrong = Card { email: "post@".into(), ..card("Eksempelnævnet") };
        given::<Authority>([]).when(publish(wrong)).refused(AuthorityRefusal::NotAnEmail);
    }

    #[test]
    fn every_wish_in_every_state() {
        let states = [
            ("unsaid", vec![]),
            ("published", vec![published()]),
            ("withdrawn", vec![published(), withdrawn()]),
        ];
        let wishes = [
            ("publish", publish(card("Eksempelnævnet"))),
            ("publish another name", publish(card("Klagenævnet"))),
            ("withdraw one of our own", AuthorityCommand::Withdraw { shipped: false }),
            ("withdraw a shipped one", AuthorityCommand::Withdraw { shipped: true }),
        ];
        insta::assert_snapshot!(decisions::<Authority>(&states, &wishes));
    }
}
