//! What an update is answered with, by the counter that every channel has.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use skranke_content::{Messages, fill};
use skranke_domain::conversation::{ChatChannel, Choice, LinkTo, Reply};
use skranke_domain::inquiry::InquiryKind;
use skranke_domain::{ConversationId, Lang};
use teloxide::Bot;
use teloxide::requests::Requester;
use teloxide::types::{
    CallbackQuery, ChatId, InlineKeyboardButton, MaybeInaccessibleMessage, Message, Update, UpdateKind,
};
use tokio::sync::oneshot;

use super::TelegramOptions;
use super::handled::Handled;
use super::lanes::Lanes;
use super::sending::{Outbox, Outgoing, kind_of, plain};
use super::words::text_of;
use crate::card;
use crate::counter::{Counter, CounterFailure, Incoming, Standing, chain, conversation_of_chat};
use crate::handover::HandOver;
use crate::pace::Haste;
use crate::web::absolute;

/// The longest callback data Telegram takes, in bytes.
const DATA_LIMIT: usize = 64;
/// How often a chat can have ended its conversation.
const MOST_CONVERSATIONS: u32 = 10_000;
/// How many groups are remembered that were told why they are left.
const MOST_REFUSED: usize = 10_000;
/// How long an update whose message is in the log stays unconfirmed because its answer cannot be sent yet. The answer
/// goes on waiting, but not the citizens whose updates Telegram holds back meanwhile.
const PATIENCE: Duration = Duration::from_secs(10);

/// A chat, and what it is told.
type Answer = (ChatId, Outgoing);

/// Why an update is not handled now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// It was.
    Handled,
    /// It is about to be.
    InHand,
}

/// What a citizen says of an answer, as a button of Telegram brings it back: `rate:17:yes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rating {
    /// The answer's number in the conversation's stream.
    answer: u64,
    helpful: bool,
}

impl Rating {
    fn parse(data: &str) -> Option<Self> {
        let (answer, said) = data.strip_prefix("rate:")?.split_once(':')?;
        let helpful = match said {
            "yes" => true,
            "no" => false,
            _ => return None,
        };
        Some(Self { answer: answer.parse().ok()?, helpful })
    }

    fn code(self) -> String {
        format!("rate:{}:{}", self.answer, if self.helpful { "yes" } else { "no" })
    }
}

/// Where updates are handled, however they came.
pub(super) struct BotDesk {
    bot: Bot,
    counter: Arc<Counter>,
    secret: SecretString,
    /// Signs what carries a conversation over to the web form.
    pub(super) hand_over: HandOver,
    public_url: Option<String>,
    /// How many conversations each chat has ended, where it has ended any.
    ended: Mutex<HashMap<i64, u32>>,
    /// The groups that were told why they are left.
    refused: Mutex<HashSet<ChatId>>,
    hearing: Lanes,
    outbox: Outbox,
    handled: Handled,
    in_hand: Mutex<BTreeSet<u32>>,
}

impl BotDesk {
    pub(super) fn new(bot: Bot, counter: Arc<Counter>, options: &TelegramOptions) -> Self {
        Self {
            outbox: Outbox::new(bot.clone()),
            bot,
            counter,
            secret: options.token.clone(),
            hand_over: HandOver::new(&options.token),
            public_url: options.public_url.clone(),
            ended: Mutex::default(),
            refused: Mutex::default(),
            hearing: Lanes::default(),
            handled: Handled::open(options.updates_file.clone()),
            in_hand: Mutex::default(),
        }
    }

    /// Takes an update in hand, after those of its chat that came before. What is answered is ready once the message
    /// is in the log and its answer was sent, or has waited for a while; it tells whether the update may be confirmed.
    pub(super) fn take(
        self: &Arc<Self>,
        update: Update,
    ) -> Result<impl Future<Output = bool> + Send + 'static, Before> {
        let id = update.id.0;
        if self.handled.has(id) {
            return Err(Before::Handled);
        }
        if !self.in_hand().insert(id) {
            return Err(Before::InHand);
        }
        let (tell, told) = oneshot::channel();
        let desk = Arc::clone(self);
        // What belongs to no chat needs no answer and no order.
        self.hearing.put(chat_of(&update.kind).unwrap_or(ChatId(0)), async move {
            let answer = desk.answer(update.kind).await;
            let answer = answer.filter(|(_, outgoing)| outgoing.leave || !outgoing.text.is_empty());
            let _ = tell.send(answer.map(|(chat, outgoing)| desk.outbox.put(chat, outgoing)));
        });
        let desk = Arc::clone(self);
        Ok(async move {
            let done = match told.await {
                Ok(None) => true,
                Ok(Some(sent)) => !matches!(tokio::time::timeout(PATIENCE, sent).await, Ok(Err(_))),
                Err(_) => false,
            };
            // What was broken off would be broken off again; what the program's end broke off is to come again.
            let confirmed = done || !desk.hearing.closed();
            if confirmed {
                desk.handled.add(id);
            }
            desk.in_hand().remove(&id);
            confirmed
        })
    }

    /// The oldest update that is still in hand.
    pub(super) fn oldest(&self) -> Option<u32> {
        self.in_hand().first().copied()
    }

    /// Breaks off everything.
    pub(super) fn close(&self) {
        self.hearing.close();
        self.outbox.close();
    }

    async fn answer(&self, kind: UpdateKind) -> Option<Answer> {
        match kind {
            UpdateKind::Message(message) => self.message(&message).await,
            UpdateKind::EditedMessage(message) if message.chat.is_private() => self.edited(&message).await,
            UpdateKind::CallbackQuery(query) => self.pressed(query).await,
            UpdateKind::MyChatMember(change) if !change.chat.is_private() => {
                let lang = change.from.language_code.as_deref().map_or(Lang::Da, Lang::from_tag);
                if change.new_chat_member.is_present() {
                    return Some(self.refuse(change.chat.id, lang));
                }
                self.refused().remove(&change.chat.id);
                None
            }
            _ => None,
        }
    }

    async fn message(&self, message: &Message) -> Option<Answer> {
        let chat = message.chat.id;
        if !message.chat.is_private() {
            return Some(self.refuse(chat, own_lang(message)));
        }
        let lang = self.lang(message).await;
        let texts = &self.texts(lang).telegram;
        let Some(text) = message.text().or(message.caption()) else {
            return Some((chat, plain(&texts.only_text)));
        };
        let key = format!("telegram/{}", message.id.0);
        if let Some(command) = text.strip_prefix('/') {
            let word = command.split_whitespace().next().unwrap_or_default();
            let word = word.split('@').next().unwrap_or_default().to_ascii_lowercase();
            return Some((chat, self.command(chat, &word, lang, &key).await));
        }
        Some((chat, self.heard(chat, Incoming::Text(text.to_owned()), Some(lang), &key).await))
    }

    /// In a group everybody would read along: it is told so once, and left.
    fn refuse(&self, group: ChatId, lang: Lang) -> Answer {
        let mut refused = self.refused();
        if refused.len() >= MOST_REFUSED {
            refused.clear();
        }
        let text = if refused.insert(group) { self.texts(lang).telegram.groups.as_str() } else { "" };
        (group, Outgoing { leave: true, ..plain(text) })
    }

    /// What was corrected is heard as said anew: there may be danger in it.
    async fn edited(&self, message: &Message) -> Option<Answer> {
        let text = message.text().or(message.caption()).filter(|text| !text.starts_with('/'))?;
        let lang = self.lang(message).await;
        let edit = message.edit_date().map_or(0, chrono::DateTime::timestamp);
        let key = format!("telegram/{}/edit/{edit}", message.id.0);
        let heard = self.heard(message.chat.id, Incoming::Text(text.to_owned()), Some(lang), &key).await;
        if heard.text.is_empty() {
            return None;
        }
        let read = &self.texts(lang).telegram.edited;
        Some((message.chat.id, Outgoing { text: format!("{read}\n\n{}", heard.text), ..heard }))
    }

    async fn command(&self, chat: ChatId, word: &str, lang: Lang, key: &str) -> Outgoing {
        let language = |lang| Incoming::Choice(Choice::Language(lang).code());
        match word {
            "start" => {
                let greeting = self.heard(chat, language(lang), None, key).await;
                Outgoing { buttons: greeting.buttons, ..plain(&self.texts(lang).telegram.start) }
            }
            "en" | "english" => self.heard(chat, language(Lang::En), None, key).await,
            "dansk" | "da" => self.heard(chat, language(Lang::Da), None, key).await,
            "slut" | "stop" => self.end(chat, lang).await,
            _ => plain(&self.texts(lang).telegram.help),
        }
    }

    async fn pressed(&self, query: CallbackQuery) -> Option<Answer> {
        let chat = query.message.as_ref().map(MaybeInaccessibleMessage::chat).map(|chat| chat.id);
        let private = query.message.as_ref().is_some_and(|message| message.chat().is_private());
        let rating = query.data.as_deref().and_then(Rating::parse);
        let thanks = match (chat.filter(|_| private), rating) {
            (Some(chat), Some(rating)) => Some(self.rated(chat, rating).await),
            (_, _) => None,
        };
        // Answered at once: until then the citizen's button shows a clock.
        let mut acknowledged = self.bot.answer_callback_query(query.id.clone());
        acknowledged.text.clone_from(&thanks);
        if let Err(error) = acknowledged.await {
            tracing::debug!(kind = kind_of(&error), "a pressed button could not be acknowledged");
        }
        let chat = chat.filter(|_| private && thanks.is_none())?;
        let key = format!("telegram-button/{}", query.id.0);
        Some((chat, self.heard(chat, Incoming::Choice(query.data.unwrap_or_default()), None, &key).await))
    }

    /// Notes whether an answer helped, and says what the citizen then reads for a moment.
    async fn rated(&self, chat: ChatId, rating: Rating) -> String {
        let noted = match self.conversation(chat).await {
            Ok((conversation, standing)) => {
                let lang = match standing {
                    Standing::Going(dialogue) => dialogue.lang,
                    Standing::New | Standing::Ended => Lang::Da,
                };
                let noted = self.counter.rate(conversation, rating.answer, rating.helpful).await;
                noted.map(|()| self.texts(lang).page.helpful_thanks.clone())
            }
            Err(error) => Err(error),
        };
        noted.unwrap_or_else(|error| {
            // The answer may stand in a conversation that was deleted since.
            tracing::info!(cause = %chain(&error), "a rating on Telegram was not noted");
            String::new()
        })
    }

    /// Lets the counter hear a message, in the chat's conversation of the moment.
    async fn heard(&self, chat: ChatId, incoming: Incoming, lang: Option<Lang>, key: &str) -> Outgoing {
        let failed = |error: &CounterFailure| {
            tracing::error!(cause = %chain(error), "the counter could not answer on Telegram");
            plain(&fill(&self.texts(lang.unwrap_or_default()).telegram.failed, &[("phone", self.hotline())]))
        };
        let conversation = match self.conversation(chat).await {
            Ok((conversation, _)) => conversation,
            Err(error) => return failed(&error),
        };
        match self.counter.hear(conversation, ChatChannel::Telegram, incoming, lang, key).await {
            // Said once, or the answers would pile up that may not be sent faster either.
            Ok(turn) if turn.haste == Haste::Again => plain(""),
            Ok(turn) => self.outgoing(conversation, &turn.reply, turn.revision),
            Err(error) => failed(&error),
        }
    }

    async fn end(&self, chat: ChatId, lang: Lang) -> Outgoing {
        let ended = match self.conversation(chat).await {
            Ok((conversation, _)) => self.counter.end(conversation).await,
            Err(error) => Err(error),
        };
        match ended {
            Ok(()) => plain(&self.texts(lang).telegram.ended),
            Err(error) => {
                tracing::error!(cause = %chain(&error), "a conversation could not be erased");
                plain(&fill(&self.texts(lang).telegram.failed, &[("phone", self.hotline())]))
            }
        }
    }

    /// The chat's conversation that has not ended, and where it stands.
    async fn conversation(&self, chat: ChatId) -> Result<(ConversationId, Standing), CounterFailure> {
        let secret = self.secret.expose_secret().as_bytes();
        let first = self.ended().get(&chat.0).copied().unwrap_or(0);
        for number in first..MOST_CONVERSATIONS {
            let conversation = conversation_of_chat(secret, chat.0, number);
            match self.counter.standing(conversation).await? {
                Standing::Ended => {
                    self.ended().insert(chat.0, number + 1);
                }
                standing => return Ok((conversation, standing)),
            }
        }
        Err(CounterFailure::Ended)
    }

    fn ended(&self) -> MutexGuard<'_, HashMap<i64, u32>> {
        // Only a memory aid: what a panic elsewhere left in it is still right.
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The conversation's language; for a new one, what the citizen's own program is set to.
    async fn lang(&self, message: &Message) -> Lang {
        match self.conversation(message.chat.id).await {
            Ok((_, Standing::Going(dialogue))) => dialogue.lang,
            _ => own_lang(message),
        }
    }

    fn hotline(&self) -> &str {
        self.counter.library().authority(card::HOTLINE).map_or("", |hotline| &hotline.phone)
    }

    fn texts(&self, lang: Lang) -> &Messages {
        self.counter.library().messages(lang)
    }

    fn outgoing(&self, conversation: ConversationId, reply: &Reply, answer: Option<u64>) -> Outgoing {
        let texts = self.texts(reply.lang);
        let mut buttons: Vec<Vec<InlineKeyboardButton>> = Vec::new();
        for button in &reply.buttons {
            if button.choice.len() <= DATA_LIMIT {
                buttons.push(vec![InlineKeyboardButton::callback(&button.label, &button.choice)]);
            }
        }
        let mut text = text_of(reply, texts);
        // Telegram refuses the whole message when a button leads to a place that is not on the internet.
        match self.public_url.as_deref().filter(|url| url.starts_with("https://")) {
            Some(url) => buttons.extend(reply.links.iter().filter_map(|link| {
                let (kind, label) = match link {
                    LinkTo::CallBack => (InquiryKind::CallBack, &texts.counter.link_call_back),
                    LinkTo::WrittenInquiry => (InquiryKind::Written, &texts.counter.link_written),
                };
                let mut url: Url = absolute(url, kind, reply.lang).parse().ok()?;
                // Another program opens it, which knows nothing of this chat.
                let pass = self.hand_over.pass(conversation, self.counter.now());
                url.query_pairs_mut().append_pair("samtale", &pass);
                Some(vec![InlineKeyboardButton::url(label, url)])
            })),
            None if !reply.links.is_empty() => {
                text.push_str("\n\n");
                text.push_str(&fill(&texts.telegram.no_forms, &[("phone", self.hotline())]));
            }
            None => {}
        }
        // Questions back and greetings help nobody yet.
        let answered = reply.reviewed.is_some() || reply.card.is_some();
        buttons.extend(answer.filter(|_| answered).map(|answer| {
            [(true, &texts.page.helpful_yes), (false, &texts.page.helpful_no)]
                .map(|(helpful, label)| {
                    let label = format!("{} {label}", texts.page.helpful);
                    InlineKeyboardButton::callback(label, Rating { answer, helpful }.code())
                })
                .into()
        }));
        Outgoing { text, buttons, leave: false }
    }

    fn refused(&self) -> MutexGuard<'_, HashSet<ChatId>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn in_hand(&self) -> MutexGuard<'_, BTreeSet<u32>> {
        self.in_hand.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn chat_of(kind: &UpdateKind) -> Option<ChatId> {
    match kind {
        UpdateKind::Message(message) | UpdateKind::EditedMessage(message) => Some(message.chat.id),
        UpdateKind::CallbackQuery(query) => query.message.as_ref().map(|message| message.chat().id),
        UpdateKind::MyChatMember(change) => Some(change.chat.id),
        _ => None,
    }
}

/// The language that the sender's own program is set to.
fn own_lang(message: &Message) -> Lang {
    let own = message.from.as_ref().and_then(|user| user.language_code.as_deref());
    own.map_or(Lang::Da, Lang::from_tag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use skranke_domain::conversation::TopicSlug;

    #[test]
    fn a_rating_is_read_back_from_its_button() {
        for rating in [Rating { answer: 2, helpful: true }, Rating { answer: u64::MAX, helpful: false }] {
            assert_eq!(Rating::parse(&rating.code()), Some(rating));
            assert!(rating.code().len() <= DATA_LIMIT);
        }
        for other in ["rate:2", "rate:x:yes", "rate:2:maybe", "person", ""] {
            assert_eq!(Rating::parse(other), None, "{other}");
        }
    }

    #[test]
    fn every_topic_fits_into_a_button() {
        let library = skranke_content::Library::builtin().unwrap();
        for service in library.services() {
            assert!(Choice::WithoutEid(TopicSlug::new(service.slug())).code().len() <= DATA_LIMIT);
        }
    }
}
