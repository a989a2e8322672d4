//! The Telegram channel: the same counter through a bot, by long polling.
//!
//! Off without a token. teloxide carries the requests; its dispatcher is not used, because it panics when the bot
//! cannot be reached at the start, and because an update is to be confirmed only once it was answered.
//!
//! Invariants:
//! - An update is confirmed (by asking for the next one) after it was handled: a crash brings it back, and its
//!   key makes it one message in the log.
//! - Plain text only. No parse mode means that nothing a reply holds can become markup.
//! - The token is in no `Debug` output and no log line. Errors are logged by their kind: their texts can hold
//!   what citizens wrote.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use skranke_content::{Messages, fill};
use skranke_domain::conversation::{ChatChannel, Choice, LinkTo, Reply};
use skranke_domain::inquiry::InquiryKind;
use skranke_domain::{ConversationId, Lang};
use teloxide::payloads::{GetUpdatesSetters, SendMessageSetters, SetMyCommandsSetters};
use teloxide::requests::Requester;
use teloxide::types::{
    AllowedUpdate, BotCommand, CallbackQuery, ChatId, InlineKeyboardButton, InlineKeyboardMarkup,
    LinkPreviewOptions, MaybeInaccessibleMessage, Message, Update, UpdateKind,
};
use teloxide::{ApiError, Bot, RequestError};
use tokio::task::JoinSet;

use crate::card;
use crate::counter::{Counter, CounterFailure, Incoming, Standing, chain, conversation_of_chat};
use crate::hours;
use crate::web::absolute;

/// The longest message Telegram takes, in UTF-16 units.
const TEXT_LIMIT: usize = 4_096;
/// The longest callback data Telegram takes, in bytes.
const DATA_LIMIT: usize = 64;
/// How long a poll waits for news, in seconds.
const POLL_SECONDS: u32 = 50;
/// How often a reply is sent before it is given up.
const SEND_ATTEMPTS: u32 = 4;
/// How often a chat can have ended its conversation.
const MOST_CONVERSATIONS: u32 = 10_000;

/// How the bot is set up.
#[derive(Clone, Debug)]
pub struct TelegramOptions {
    /// The bot's token, from the environment.
    pub token: SecretString,
    /// Where the Bot API is, when it is not Telegram's own.
    pub api_url: Option<String>,
    /// The address of the counter's web pages: call-back and inquiry buttons lead there.
    pub public_url: Option<String>,
}

/// Why the bot stopped, or did not start. Says nothing of the token.
#[derive(Debug, thiserror::Error)]
pub enum TelegramError {
    /// The address of the Bot API is none.
    #[error("the Telegram API address is no URL: write it like https://api.telegram.org")]
    NotAUrl,
    /// Telegram does not know the token.
    #[error("Telegram refused the bot's token: copy it again from @BotFather")]
    BadToken,
    /// No HTTP client could be made.
    #[error("no HTTP client for Telegram could be made")]
    NoClient,
}

/// Runs the bot until `shutdown` is ready, or until Telegram refuses the token.
pub async fn run(
    counter: Arc<Counter>,
    options: TelegramOptions,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), TelegramError> {
    let desk = Arc::new(BotDesk::new(counter, &options)?);
    let mut shutdown = pin!(shutdown);
    tokio::select! {
        () = &mut shutdown => Ok(()),
        // What is being handled when the program stops was not confirmed: it comes again, and is one message.
        stopped = desk.poll() => stopped,
    }
}

/// What a handled update is answered with.
struct Outgoing {
    text: String,
    buttons: Vec<Vec<InlineKeyboardButton>>,
}

struct BotDesk {
    bot: Bot,
    counter: Arc<Counter>,
    secret: SecretString,
    public_url: Option<String>,
    /// How many conversations each chat has ended, where it has ended any.
    ended: Mutex<HashMap<i64, u32>>,
}

impl BotDesk {
    fn new(counter: Arc<Counter>, options: &TelegramOptions) -> Result<Self, TelegramError> {
        // Longer than a poll waits, or every quiet minute would look like a broken network.
        let timeout = Duration::from_secs(u64::from(POLL_SECONDS) + 15);
        let client = teloxide::net::default_reqwest_settings().timeout(timeout).build();
        let mut bot =
            Bot::with_client(options.token.expose_secret(), client.map_err(|_| TelegramError::NoClient)?);
        if let Some(url) = &options.api_url {
            let url: Url = url.parse().map_err(|_| TelegramError::NotAUrl)?;
            if url.cannot_be_a_base() {
                return Err(TelegramError::NotAUrl);
            }
            bot = bot.set_api_url(url);
        }
        Ok(Self {
            bot,
            counter,
            secret: options.token.clone(),
            public_url: options.public_url.clone(),
            ended: Mutex::default(),
        })
    }

    async fn poll(self: Arc<Self>) -> Result<(), TelegramError> {
        self.say_hello().await?;
        let mut offset: Option<i32> = None;
        let mut pause = Backoff::default();
        loop {
            let mut ask = self.bot.get_updates().timeout(POLL_SECONDS).allowed_updates([
                AllowedUpdate::Message,
                AllowedUpdate::EditedMessage,
                AllowedUpdate::CallbackQuery,
            ]);
            ask.offset = offset;
            match ask.await {
                Ok(updates) => {
                    pause = Backoff::default();
                    let last = updates.iter().map(|update| update.id.0).max();
                    self.handle_all(updates).await;
                    if let Some(last) = last {
                        offset = i32::try_from(last).ok().and_then(|last| last.checked_add(1));
                    }
                }
                Err(RequestError::Api(ApiError::InvalidToken)) => return Err(TelegramError::BadToken),
                Err(error) => {
                    tracing::warn!(kind = kind_of(&error), "Telegram did not answer a poll");
                    pause.wait(&error).await;
                }
            }
        }
    }

    /// Waits until the Bot API answers, and tells it what the bot is.
    async fn say_hello(&self) -> Result<(), TelegramError> {
        let mut pause = Backoff::default();
        loop {
            match self.bot.get_me().await {
                // An answer that lacks a field is an answer all the same.
                Ok(_) | Err(RequestError::InvalidJson { .. }) => break,
                Err(RequestError::Api(ApiError::InvalidToken)) => return Err(TelegramError::BadToken),
                Err(error) => {
                    tracing::warn!(kind = kind_of(&error), "Telegram cannot be reached yet");
                    pause.wait(&error).await;
                }
            }
        }
        // With a webhook set, polling is refused; and without a menu the commands still work.
        if let Err(error) = self.bot.delete_webhook().await {
            tracing::warn!(kind = kind_of(&error), "Telegram did not let go of the webhook");
        }
        for (lang, code) in [(Lang::En, None), (Lang::Da, Some("da"))] {
            let texts = &self.texts(lang).telegram;
            let mut set = self.bot.set_my_commands([
                BotCommand::new("help", &texts.command_help),
                BotCommand::new("en", &texts.command_english),
                BotCommand::new("dansk", &texts.command_danish),
                BotCommand::new("slut", &texts.command_end),
            ]);
            if let Some(code) = code {
                set = set.language_code(code);
            }
            if let Err(error) = set.await {
                tracing::warn!(kind = kind_of(&error), "Telegram did not take the command menu");
            }
        }
        tracing::info!("the Telegram bot is listening");
        Ok(())
    }

    /// Handles updates: one after the other within a chat, chats beside each other.
    async fn handle_all(self: &Arc<Self>, updates: Vec<Update>) {
        let mut chats: Vec<(Option<ChatId>, Vec<UpdateKind>)> = Vec::new();
        for update in updates {
            let chat = chat_of(&update.kind);
            match chats.iter_mut().find(|(known, _)| *known == chat) {
                Some((_, waiting)) => waiting.push(update.kind),
                None => chats.push((chat, vec![update.kind])),
            }
        }
        let mut tasks = JoinSet::new();
        for (_, waiting) in chats {
            let desk = Arc::clone(self);
            tasks.spawn(async move {
                for kind in waiting {
                    desk.handle(kind).await;
                }
            });
        }
        while let Some(done) = tasks.join_next().await {
            if done.is_err() {
                tracing::error!("handling a Telegram update was broken off");
            }
        }
    }

    async fn handle(&self, kind: UpdateKind) {
        match kind {
            UpdateKind::Message(message) => self.message(&message).await,
            UpdateKind::EditedMessage(message) if message.chat.is_private() => self.edited(&message).await,
            UpdateKind::CallbackQuery(query) => self.pressed(query).await,
            _ => {}
        }
    }

    async fn message(&self, message: &Message) {
        let chat = message.chat.id;
        let lang = self.lang(message).await;
        let texts = &self.texts(lang).telegram;
        if !message.chat.is_private() {
            // In a group, everybody would read along. Joining and leaving need no answer.
            if message.text().is_some() {
                self.send(chat, plain(&texts.groups)).await;
            }
            return;
        }
        let Some(text) = message.text() else {
            self.send(chat, plain(&texts.only_text)).await;
            return;
        };
        let key = format!("telegram/{}", message.id.0);
        if let Some(command) = text.strip_prefix('/') {
            let word = command.split_whitespace().next().unwrap_or_default();
            let word = word.split('@').next().unwrap_or_default().to_ascii_lowercase();
            self.command(chat, &word, lang, &key).await;
            return;
        }
        let outgoing = self.heard(chat, Incoming::Text(text.to_owned()), Some(lang), &key).await;
        self.send(chat, outgoing).await;
    }

    /// What was corrected is heard as said anew: there may be danger in it.
    async fn edited(&self, message: &Message) {
        let Some(text) = message.text().filter(|text| !text.starts_with('/')) else { return };
        let lang = self.lang(message).await;
        let edit = message.edit_date().map_or(0, chrono::DateTime::timestamp);
        let key = format!("telegram/{}/edit/{edit}", message.id.0);
        let heard = self.heard(message.chat.id, Incoming::Text(text.to_owned()), Some(lang), &key).await;
        let read = &self.texts(lang).telegram.edited;
        self.send(message.chat.id, Outgoing { text: format!("{read}\n\n{}", heard.text), ..heard }).await;
    }

    async fn command(&self, chat: ChatId, word: &str, lang: Lang, key: &str) {
        let language = |lang| Incoming::Choice(Choice::Language(lang).code());
        let outgoing = match word {
            "start" => {
                let greeting = self.heard(chat, language(lang), None, key).await;
                Outgoing { buttons: greeting.buttons, ..plain(&self.texts(lang).telegram.start) }
            }
            "en" | "english" => self.heard(chat, language(Lang::En), None, key).await,
            "dansk" | "da" => self.heard(chat, language(Lang::Da), None, key).await,
            "slut" | "stop" => self.end(chat, lang).await,
            _ => plain(&self.texts(lang).telegram.help),
        };
        self.send(chat, outgoing).await;
    }

    async fn pressed(&self, query: CallbackQuery) {
        // Answered first: until then the citizen's button shows a clock.
        if let Err(error) = self.bot.answer_callback_query(query.id.clone()).await {
            tracing::debug!(kind = kind_of(&error), "a pressed button could not be acknowledged");
        }
        let Some(chat) = query.message.as_ref().map(|message| match message {
            MaybeInaccessibleMessage::Regular(message) => &message.chat,
            MaybeInaccessibleMessage::Inaccessible(message) => &message.chat,
        }) else {
            return;
        };
        if !chat.is_private() {
            return;
        }
        let (chat, data) = (chat.id, query.data.unwrap_or_default());
        let key = format!("telegram-button/{}", query.id.0);
        let outgoing = self.heard(chat, Incoming::Choice(data), None, &key).await;
        self.send(chat, outgoing).await;
    }

    /// Lets the counter hear a message, in the chat's conversation of the moment.
    async fn heard(&self, chat: ChatId, incoming: Incoming, lang: Option<Lang>, key: &str) -> Outgoing {
        let failed = |error: &CounterFailure| {
            tracing::error!(cause = %chain(error), "the counter could not answer on Telegram");
            let phone = self.counter.library().authority(card::HOTLINE).map_or("", |hotline| &hotline.phone);
            plain(&fill(&self.texts(lang.unwrap_or_default()).telegram.failed, &[("phone", phone)]))
        };
        let conversation = match self.conversation(chat).await {
            Ok((conversation, _)) => conversation,
            Err(error) => return failed(&error),
        };
        match self.counter.hear(conversation, ChatChannel::Telegram, incoming, lang, key).await {
            Ok(turn) => self.outgoing(&turn.reply),
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
                let phone =
                    self.counter.library().authority(card::HOTLINE).map_or("", |hotline| &hotline.phone);
                plain(&fill(&self.texts(lang).telegram.failed, &[("phone", phone)]))
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

    fn ended(&self) -> std::sync::MutexGuard<'_, HashMap<i64, u32>> {
        // Only a memory aid: what a panic elsewhere left in it is still right.
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The conversation's language; for a new one, what the citizen's own program is set to.
    async fn lang(&self, message: &Message) -> Lang {
        let own = message.from.as_ref().and_then(|user| user.language_code.as_deref());
        match self.conversation(message.chat.id).await {
            Ok((_, Standing::Going(dialogue))) => dialogue.lang,
            _ => own.map_or(Lang::Da, Lang::from_tag),
        }
    }

    fn texts(&self, lang: Lang) -> &Messages {
        self.counter.library().messages(lang)
    }

    fn outgoing(&self, reply: &Reply) -> Outgoing {
        let texts = self.texts(reply.lang);
        let mut buttons: Vec<Vec<InlineKeyboardButton>> = Vec::new();
        for button in &reply.buttons {
            if button.choice.len() <= DATA_LIMIT {
                buttons.push(vec![InlineKeyboardButton::callback(&button.label, &button.choice)]);
            }
        }
        for link in &reply.links {
            let (kind, label) = match link {
                LinkTo::CallBack => (InquiryKind::CallBack, &texts.counter.link_call_back),
                LinkTo::WrittenInquiry => (InquiryKind::Written, &texts.counter.link_written),
            };
            // Telegram refuses the whole message when a button leads to a place that is not on the internet.
            let url = self.public_url.as_deref().filter(|url| url.starts_with("https://"));
            if let Some(url) = url.and_then(|url| absolute(url, kind, reply.lang).parse().ok()) {
                buttons.push(vec![InlineKeyboardButton::url(label, url)]);
            }
        }
        Outgoing { text: text_of(reply, texts), buttons }
    }

    /// Sends a reply, in pieces if it is long. A broken network is tried again; a closed door is not.
    async fn send(&self, chat: ChatId, outgoing: Outgoing) {
        let pieces = split(&outgoing.text);
        let last = pieces.len().saturating_sub(1);
        for (number, piece) in pieces.into_iter().enumerate() {
            let mut pause = Backoff::default();
            for attempt in 1..=SEND_ATTEMPTS {
                let preview = LinkPreviewOptions {
                    is_disabled: true,
                    url: None,
                    prefer_small_media: false,
                    prefer_large_media: false,
                    show_above_text: false,
                };
                let mut send = self.bot.send_message(chat, piece.clone()).link_preview_options(preview);
                if number == last && !outgoing.buttons.is_empty() {
                    send = send.reply_markup(InlineKeyboardMarkup::new(outgoing.buttons.clone()));
                }
                match send.await {
                    Ok(_) | Err(RequestError::InvalidJson { .. }) => break,
                    Err(error @ (RequestError::Network(_) | RequestError::RetryAfter(_)))
                        if attempt < SEND_ATTEMPTS =>
                    {
                        pause.wait(&error).await;
                    }
                    Err(error) => {
                        tracing::warn!(kind = kind_of(&error), "a reply could not be sent on Telegram");
                        return;
                    }
                }
            }
        }
    }
}

fn chat_of(kind: &UpdateKind) -> Option<ChatId> {
    match kind {
        UpdateKind::Message(message) | UpdateKind::EditedMessage(message) => Some(message.chat.id),
        UpdateKind::CallbackQuery(query) => query.message.as_ref().map(|message| message.chat().id),
        _ => None,
    }
}

/// A fixed sentence, without buttons.
fn plain(text: &str) -> Outgoing {
    Outgoing { text: text.trim().to_owned(), buttons: Vec::new() }
}

/// The reply as plain text.
fn text_of(reply: &Reply, texts: &Messages) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(reply.notice.clone());
    let mut prose = String::new();
    for paragraph in &reply.paragraphs {
        if !prose.is_empty() {
            // The items of a list stand close together.
            prose.push_str(if paragraph.starts_with("- ") { "\n" } else { "\n\n" });
        }
        prose.push_str(paragraph);
    }
    parts.extend(Some(prose).filter(|prose| !prose.is_empty()));
    if let Some(card) = &reply.card {
        let mut lines = vec![card.title.clone()];
        lines.extend(card.open_text.clone());
        lines.extend(card.lines.iter().map(|line| format!("{}: {}", line.label, line.text)));
        lines.push(format!("{}: {}", texts.card.link, card.link));
        parts.push(lines.join("\n"));
    }
    parts.extend(reply.next_step.as_ref().map(|next| format!("{}: {next}", texts.page.next_step)));
    let names: Vec<&str> = reply.sources.iter().map(|source| source.name.as_str()).collect();
    let reviewed = reply.reviewed.as_deref().and_then(|date| date.parse().ok());
    let reviewed = reviewed
        .map(|date| fill(&texts.counter.reviewed, &[("date", &hours::date(&texts.hours, reply.lang, date))]));
    let sources = (!names.is_empty()).then(|| format!("{}: {}", texts.page.sources, names.join("; ")));
    let foot: Vec<String> = sources.into_iter().chain(reviewed).collect();
    parts.extend(Some(foot.join("\n")).filter(|foot| !foot.is_empty()));
    parts.join("\n\n")
}

/// Splits a text into pieces that Telegram takes, at line breaks where there are any.
fn split(text: &str) -> Vec<String> {
    let units = |text: &str| text.encode_utf16().count();
    let mut pieces: Vec<String> = Vec::new();
    let mut piece = String::new();
    for line in text.split_inclusive('\n') {
        if units(&piece) + units(line) > TEXT_LIMIT {
            pieces.push(std::mem::take(&mut piece));
        }
        if units(line) <= TEXT_LIMIT {
            piece.push_str(line);
            continue;
        }
        for c in line.chars() {
            if units(&piece) + c.len_utf16() > TEXT_LIMIT {
                pieces.push(std::mem::take(&mut piece));
            }
            piece.push(c);
        }
    }
    pieces.push(piece);
    pieces.retain(|piece| !piece.trim().is_empty());
    pieces
}

/// What kind of error it was. Nothing else of it may be logged.
const fn kind_of(error: &RequestError) -> &'static str {
    match error {
        RequestError::Api(_) => "refused",
        RequestError::MigrateToChatId(_) => "migrated",
        RequestError::RetryAfter(_) => "too many requests",
        RequestError::Network(_) => "network",
        RequestError::InvalidJson { .. } => "unreadable answer",
        RequestError::Io(_) => "input or output",
    }
}

/// Waits longer each time, up to a minute; as long as Telegram asks for, if it asks.
#[derive(Default)]
struct Backoff(u32);

impl Backoff {
    async fn wait(&mut self, error: &RequestError) {
        let own = Duration::from_millis(500 << self.0.min(7)).min(Duration::from_mins(1));
        self.0 += 1;
        let asked = match error {
            RequestError::RetryAfter(seconds) => seconds.duration(),
            _ => Duration::ZERO,
        };
        tokio::time::sleep(own.max(asked.min(Duration::from_mins(5)))).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use skranke_domain::conversation::TopicSlug;

    #[test]
    fn a_long_text_is_split_within_the_limit_and_nothing_is_lost() {
        let text = format!("{}\n{}\n{}", "a".repeat(3_000), "🙂".repeat(3_000), "ø".repeat(10));
        let pieces = split(&text);
        assert!(pieces.iter().all(|piece| piece.encode_utf16().count() <= TEXT_LIMIT));
        assert_eq!(pieces.concat(), text);
        assert_eq!(split("kort"), ["kort"]);
    }

    #[test]
    fn the_options_do_not_show_the_token() {
        let options = TelegramOptions { token: "123456:secret".into(), api_url: None, public_url: None };
        assert!(!format!("{options:?}").contains("secret:") && !format!("{options:?}").contains("123456"));
    }

    #[test]
    fn every_topic_fits_into_a_button() {
        let library = skranke_content::Library::builtin().unwrap();
        for service in library.services() {
            assert!(Choice::WithoutEid(TopicSlug::new(service.slug())).code().len() <= DATA_LIMIT);
        }
    }
}
