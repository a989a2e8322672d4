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
        // Answered first: until then the citizen's button shows a clock.
        if let Err(error) = self.bot.answer_callback_query(query.id.clone()).await {
            tracing::debug!(kind = kind_of(&error), "a pressed button could not be acknowledged");
        }
        let chat =
            query.message.as_ref().map(MaybeInaccessibleMessage::chat).filter(|chat| chat.is_private())?.id;
        let key = format!("telegram-button/{}", query.id.0);
        Some((chat, self.heard(chat, Incoming::Choice(query.data.unwrap_or_default()), None, &key).await))
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
            Ok(turn) => self.outgoing(conversation, &turn.reply),
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

    fn outgoing(&self, conversation: ConversationId, reply: &Reply) -> Outgoing {
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
    fn every_topic_fits_into_a_button() {
        let library = skranke_content::Library::builtin().unwrap();
        for service in library.services() {
            assert!(Choice::WithoutEid(TopicSlug::new(service.slug())).code().len() <= DATA_LIMIT);
        }
    }
}
