//! What has happened in a conversation. The names and fields written here are in the log for good.

use serde::{Deserialize, Serialize};

use crate::id::{InquiryId, SubjectId, Tenant};
use crate::sealed::{SealError, SealVisitor, Sealable};
use crate::upcast::{Evolving, Step};
use crate::{Lang, Sealed, codec};

use super::aside::Situation;
use super::command::Words;
use super::heard::{Heard, Removed, Scored, TopicSlug};
use super::reply::Reply;
use super::{Move, Slot};

/// How many topics an event names with their scores.
const SCORES: usize = 3;

/// An event of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant holds the struct of its name, which is documented")]
pub enum ConversationEvent {
    ConversationStarted(ConversationStarted),
    MessageReceived(MessageReceived),
    MunicipalityNamed(MunicipalityNamed),
    MatterNamed(MatterNamed),
    MattersNoted(MattersNoted),
    SituationTold(SituationTold),
    DetailAsked(DetailAsked),
    AnswerGiven(AnswerGiven),
    AnswerWithheld(AnswerWithheld),
    RoutedToAuthority(RoutedToAuthority),
    SafetyAdviceGiven(SafetyAdviceGiven),
    HandedOver(HandedOver),
    FeedbackGiven(FeedbackGiven),
    ConversationEnded(ConversationEnded),
}

/// Where a conversation takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChatChannel {
    /// The web page.
    Web,
    /// Telegram.
    Telegram,
}

/// The first message came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationStarted {
    /// Where.
    pub channel: ChatChannel,
    /// The language of the first message.
    pub lang: Lang,
}

/// The citizen wrote something, or pressed a button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageReceived {
    /// What, with personal numbers already removed.
    pub text: Sealed<String>,
    /// The language it is answered in.
    pub lang: Lang,
    /// What was removed.
    #[serde(default)]
    pub removed: Removed,
}

/// The citizen named a municipality.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MunicipalityNamed {
    /// Which.
    pub municipality: Tenant,
}

/// The citizen named a matter, or asked for a way without an eID.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatterNamed {
    /// The matter, if it was named.
    pub topic: Option<TopicSlug>,
    /// Whether a way without an eID is wanted.
    pub without_eid: bool,
}

/// The citizen named further matters in the same message; they are kept until they are taken up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MattersNoted {
    /// Which, in the order in which they were named.
    pub topics: Vec<TopicSlug>,
}

/// The citizen told, unasked, what other advice follows from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SituationTold {
    /// All that is known of it from then on.
    pub situation: Situation,
}

/// The counter asked for a detail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetailAsked {
    /// Which.
    pub slot: Slot,
    /// The municipalities that a name was ambiguous between.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub among: Vec<Tenant>,
    /// In these words.
    pub said: Sealed<Reply>,
}

/// The counter answered from an article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerGiven {
    /// Which article.
    pub topic: TopicSlug,
    /// Which version of it.
    pub version: u32,
    /// How sure, 0 to 1000.
    pub score: u16,
    /// The next best topic.
    #[serde(default)]
    pub runner_up: Option<TopicSlug>,
    /// The likeliest topics with their scores, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<Scored>,
    /// In these words.
    pub said: Sealed<Reply>,
}

/// Why the counter gave no direct answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Withheld {
    /// No article is near enough.
    Unknown,
    /// Several are, and none enough.
    Unsure,
    /// The message is about one concrete case, which the counter cannot see.
    ConcreteCase,
    /// The citizen wants a person.
    PersonWanted,
    /// A greeting, a thank-you: nothing to answer.
    SmallTalk,
    /// The message is in a language that is not spoken here.
    OtherLanguage,
    /// Nothing was left once personal numbers were removed.
    OnlyRemoved,
}

/// The counter gave no direct answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerWithheld {
    /// Why.
    pub reason: Withheld,
    /// The topics that were offered.
    #[serde(default)]
    pub offered: Vec<TopicSlug>,
    /// The likeliest topics with their scores, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<Scored>,
    /// In these words.
    pub said: Sealed<Reply>,
}

/// The citizen got a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutedToAuthority {
    /// The matter.
    pub topic: TopicSlug,
    /// The municipality; `None` when the citizen named none and the card holds for all.
    #[serde(default)]
    pub municipality: Option<Tenant>,
    /// Who decides.
    pub authority: String,
    /// Where to go first.
    pub front_desk: String,
    /// The likeliest topics with their scores, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<Scored>,
    /// In these words.
    pub said: Sealed<Reply>,
}

/// The citizen was told what to do in acute danger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SafetyAdviceGiven {
    /// The likeliest topics with their scores, best first: what else the message was about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<Scored>,
    /// In these words.
    pub said: Sealed<Reply>,
}

/// The citizen left an inquiry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedOver {
    /// The inquiry.
    pub inquiry: InquiryId,
    /// The reference the citizen was given.
    pub reference: String,
    /// The municipality it went to.
    pub municipality: Tenant,
    /// The receipt.
    pub said: Sealed<Reply>,
}

/// The citizen said whether an answer helped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedbackGiven {
    /// Yes or no.
    pub helpful: bool,
    /// The answer, by its number in the stream; `None` where the last one before this was meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<u64>,
}

/// The citizen ended the conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationEnded {}

impl ConversationEvent {
    /// The event that records a move and its words.
    pub(super) fn said(subject: SubjectId, step: Move, words: Words, heard: &Heard) -> Self {
        let Words { reply, version, authority, front_desk } = words;
        let said = Sealed::new(subject, reply);
        let scores: Vec<Scored> = heard.topics.iter().take(SCORES).cloned().collect();
        let withheld = |reason, offered, said| {
            Self::AnswerWithheld(AnswerWithheld { reason, offered, scores: scores.clone(), said })
        };
        match step {
            Move::Safety => Self::SafetyAdviceGiven(SafetyAdviceGiven { scores, said }),
            // An article that has expired or was withdrawn answered nothing: the words say so and offer people.
            Move::Answer { topic, .. } if version == 0 => withheld(Withheld::Unknown, vec![topic], said),
            Move::Answer { topic, score, runner_up } => {
                Self::AnswerGiven(AnswerGiven { topic, version, score, runner_up, scores, said })
            }
            Move::Ask { slot, among, .. } => Self::DetailAsked(DetailAsked { slot, among, said }),
            Move::Route { topic, municipality } => Self::RoutedToAuthority(RoutedToAuthority {
                topic,
                municipality,
                authority,
                front_desk,
                scores,
                said,
            }),
            Move::Offer { topics } => withheld(Withheld::Unsure, topics, said),
            Move::Abstain { nearest } => withheld(Withheld::Unknown, nearest, said),
            Move::ConcreteCase { topic } => {
                withheld(Withheld::ConcreteCase, topic.into_iter().collect(), said)
            }
            Move::Person => withheld(Withheld::PersonWanted, Vec::new(), said),
            Move::Greet | Move::Welcome => withheld(Withheld::SmallTalk, Vec::new(), said),
            Move::Foreign { topics, .. } => withheld(Withheld::OtherLanguage, topics, said),
            Move::OnlyRemoved => withheld(Withheld::OnlyRemoved, Vec::new(), said),
        }
    }

    /// The reply that the event gave, if it gave one.
    pub const fn reply(&self) -> Option<&Sealed<Reply>> {
        match self {
            Self::DetailAsked(DetailAsked { said, .. })
            | Self::AnswerGiven(AnswerGiven { said, .. })
            | Self::AnswerWithheld(AnswerWithheld { said, .. })
            | Self::RoutedToAuthority(RoutedToAuthority { said, .. })
            | Self::SafetyAdviceGiven(SafetyAdviceGiven { said, .. })
            | Self::HandedOver(HandedOver { said, .. }) => Some(said),
            Self::ConversationStarted(_)
            | Self::MessageReceived(_)
            | Self::MunicipalityNamed(_)
            | Self::MatterNamed(_)
            | Self::MattersNoted(_)
            | Self::SituationTold(_)
            | Self::FeedbackGiven(_)
            | Self::ConversationEnded(_) => None,
        }
    }
}

impl Sealable for ConversationEvent {
    fn seals(&mut self, visit: &mut SealVisitor<'_>) -> Result<(), SealError> {
        match self {
            Self::MessageReceived(event) => visit("MessageReceived.text", &mut event.text),
            Self::DetailAsked(event) => visit("DetailAsked.said", &mut event.said),
            Self::AnswerGiven(event) => visit("AnswerGiven.said", &mut event.said),
            Self::AnswerWithheld(event) => visit("AnswerWithheld.said", &mut event.said),
            Self::RoutedToAuthority(event) => visit("RoutedToAuthority.said", &mut event.said),
            Self::SafetyAdviceGiven(event) => visit("SafetyAdviceGiven.said", &mut event.said),
            Self::HandedOver(event) => visit("HandedOver.said", &mut event.said),
            Self::ConversationStarted(_)
            | Self::MunicipalityNamed(_)
            | Self::MatterNamed(_)
            | Self::MattersNoted(_)
            | Self::SituationTold(_)
            | Self::FeedbackGiven(_)
            | Self::ConversationEnded(_) => Ok(()),
        }
    }
}

impl Evolving for ConversationEvent {
    const STEPS: &'static [Step] = &[];
}

impl cqrs_es::DomainEvent for ConversationEvent {
    fn event_type(&self) -> String {
        codec::type_of(self).to_owned()
    }
    fn event_version(&self) -> String {
        self.version().to_string()
    }
}
