//! The Telegram channel: the same counter through a bot, by long polling or by a webhook.
//!
//! Off without a token. teloxide carries the requests; its dispatcher is not used, because it panics when the bot
//! cannot be reached at the start, and because an update is to be confirmed only once it was answered.
//!
//! Invariants:
//! - An update is confirmed (by asking for the next one, or with 200) after it was handled: a crash brings it back,
//!   and its key makes it one message in the log. What was confirmed to nobody but ourselves is not handled again.
//! - Plain text only. No parse mode means that nothing a reply holds can become markup.
//! - The token is in no `Debug` output and no log line. Errors are logged by their kind: their texts can hold
//!   what citizens wrote.

mod handled;
mod handling;
mod lanes;
mod sending;
mod webhook;
mod words;

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use skranke_domain::Lang;
use teloxide::payloads::{GetUpdatesSetters, SetMyCommandsSetters, SetWebhookSetters};
use teloxide::requests::Requester;
use teloxide::types::{AllowedUpdate, BotCommand};
use teloxide::{ApiError, Bot, RequestError};
use tokio::task::JoinSet;

use crate::counter::Counter;
use crate::handover::HandOver;
use handling::BotDesk;
use sending::{Backoff, kind_of};
use webhook::Door;
pub use webhook::WEBHOOK_PATH;

/// How long a poll waits for news, in seconds.
const POLL_SECONDS: u32 = 50;
/// How long the next poll waits for what the last one brought. Then others get their turn, and what is still in hand
/// stays unconfirmed.
const A_MOMENT: Duration = Duration::from_secs(1);
/// What the bot hears of.
const HEARD: [AllowedUpdate; 4] = [
    AllowedUpdate::Message,
    AllowedUpdate::EditedMessage,
    AllowedUpdate::CallbackQuery,
    AllowedUpdate::MyChatMember,
];

/// How the bot is set up.
#[derive(Clone, Debug)]
pub struct TelegramOptions {
    /// The bot's token, from the environment.
    pub token: SecretString,
    /// Where the Bot API is, when it is not Telegram's own.
    pub api_url: Option<String>,
    /// The address of the counter's web pages: call-back and inquiry buttons lead there.
    pub public_url: Option<String>,
    /// Whether Telegram brings the updates to [`Telegram::webhook`], below `public_url`, instead of being asked.
    pub webhook: bool,
    /// The file that remembers which updates were handled.
    pub updates_file: Option<PathBuf>,
}

/// Why the bot stopped, or did not start. Says nothing of the token.
#[derive(Debug, thiserror::Error)]
pub enum TelegramError {
    /// The address of the Bot API is none.
    #[error("the Telegram API address is no URL: write it like https://api.telegram.org")]
    NotAUrl,
    /// Telegram brings updates over HTTPS only.
    #[error("the Telegram webhook needs a public_url that begins with https://: set one, or webhook = false")]
    NoHttps,
    /// Telegram does not know the token.
    #[error("Telegram refused the bot's token: copy it again from @BotFather")]
    BadToken,
    /// No HTTP client could be made.
    #[error("no HTTP client for Telegram could be made")]
    NoClient,
}

/// The bot.
pub struct Telegram {
    bot: Bot,
    counter: Arc<Counter>,
    desk: Arc<BotDesk>,
    /// Where Telegram knocks, if it does.
    door: Option<Arc<Door>>,
}

impl fmt::Debug for Telegram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Telegram(..)")
    }
}

impl Telegram {
    /// A bot. It does nothing yet.
    pub fn new(counter: Arc<Counter>, options: &TelegramOptions) -> Result<Self, TelegramError> {
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
        let door = options.webhook.then(|| Door::new(&options.token, options.public_url.as_deref()));
        Ok(Self {
            desk: Arc::new(BotDesk::new(bot.clone(), Arc::clone(&counter), options)),
            door: door.transpose()?.map(Arc::new),
            bot,
            counter,
        })
    }

    /// The route that Telegram brings updates to; none when it is asked for them.
    pub fn webhook(&self) -> Router {
        let door = self.door.as_ref();
        door.map_or_else(Router::new, |door| webhook::route(Arc::clone(door), Arc::clone(&self.desk)))
    }

    /// What the bot's links carry conversations over to the web forms with.
    pub fn hand_over(&self) -> HandOver {
        self.desk.hand_over.clone()
    }

    /// Runs the bot until `shutdown` is ready, or until Telegram refuses the token.
    pub async fn run(&self, shutdown: impl Future<Output = ()> + Send) -> Result<(), TelegramError> {
        let mut shutdown = pin!(shutdown);
        // What is being handled when the program stops was not confirmed: it comes again, and is one message.
        let _closing = Closing(&self.desk);
        tokio::select! {
            () = &mut shutdown => Ok(()),
            stopped = self.listen() => stopped.map(|never| match never {}),
        }
    }

    async fn listen(&self) -> Result<Infallible, TelegramError> {
        self.say_hello().await?;
        if let Some(door) = &self.door {
            self.ask_for_visits(door).await?;
            tracing::info!("Telegram brings updates to the webhook");
            return std::future::pending().await;
        }
        // With a webhook set, polling is refused.
        if let Err(error) = self.bot.delete_webhook().await {
            tracing::warn!(kind = kind_of(&error), "Telegram did not let go of the webhook");
        }
        tracing::info!("the Telegram bot is listening");
        self.poll().await
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
        // Without a menu the commands still work.
        for (lang, code) in [(Lang::En, None), (Lang::Da, Some("da"))] {
            let texts = &self.counter.library().messages(lang).telegram;
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
        Ok(())
    }

    /// Tells Telegram where to bring updates. Asked again it is the same, so that every node may ask.
    async fn ask_for_visits(&self, door: &Door) -> Result<(), TelegramError> {
        let mut pause = Backoff::default();
        loop {
            let set = self.bot.set_webhook(door.url.clone()).secret_token(door.password());
            match set.allowed_updates(HEARD).await {
                Ok(_) | Err(RequestError::InvalidJson { .. }) => return Ok(()),
                Err(RequestError::Api(ApiError::InvalidToken)) => return Err(TelegramError::BadToken),
                Err(error) => {
                    tracing::warn!(kind = kind_of(&error), "Telegram did not take the webhook yet");
                    pause.wait(&error).await;
                }
            }
        }
    }

    async fn poll(&self) -> Result<Infallible, TelegramError> {
        let mut next: Option<u32> = None;
        let mut pause = Backoff::default();
        let mut handling = JoinSet::new();
        loop {
            let mut ask = self.bot.get_updates().timeout(POLL_SECONDS).allowed_updates(HEARD);
            // Everything before is confirmed by this. What is still in hand comes along again, and is passed over.
            ask.offset = self.desk.oldest().or(next).and_then(|id| i32::try_from(id).ok());
            match ask.await {
                Ok(updates) => {
                    pause = Backoff::default();
                    let last = updates.iter().map(|update| update.id.0).max();
                    next = last.map(|last| last.saturating_add(1)).or(next);
                    for handled in updates.into_iter().filter_map(|update| self.desk.take(update).ok()) {
                        handling.spawn(handled);
                    }
                }
                Err(RequestError::Api(ApiError::InvalidToken)) => return Err(TelegramError::BadToken),
                Err(error) => {
                    tracing::warn!(kind = kind_of(&error), "Telegram did not answer a poll");
                    pause.wait(&error).await;
                }
            }
            let all = async { while handling.join_next().await.is_some() {} };
            let _ = tokio::time::timeout(A_MOMENT, all).await;
        }
    }
}

/// Breaks off what is in hand when the bot stops, also when it is stopped from outside.
struct Closing<'a>(&'a BotDesk);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_options_do_not_show_the_token() {
        let options = TelegramOptions {
            token: "123456:secret".into(),
            api_url: None,
            public_url: None,
            webhook: false,
            updates_file: None,
        };
        assert!(!format!("{options:?}").contains("secret:") && !format!("{options:?}").contains("123456"));
    }
}
