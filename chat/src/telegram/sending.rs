//! Sending, at the pace that the Bot API asks for: 30 messages a second in all, one a second to a chat, and a pause
//! whenever it wants to be left alone. A chat that has to wait holds up no other.

use std::sync::Arc;
use std::time::Duration;

use teloxide::payloads::SendMessageSetters;
use teloxide::requests::Requester;
use teloxide::types::{ChatId, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions};
use teloxide::{Bot, RequestError};
use tokio::sync::{Semaphore, oneshot};

use super::lanes::Lanes;
use super::words::split;

/// How many messages Telegram takes in a second, from one bot.
const A_SECOND: usize = 30;
/// How long a chat is left alone after a message.
const CHAT_PAUSE: Duration = Duration::from_secs(1);
/// How often a reply is sent before it is given up.
const ATTEMPTS: u32 = 4;
/// The longest pause that Telegram is granted at a time.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// What a chat is told.
pub(super) struct Outgoing {
    /// The words; none when there is nothing to say.
    pub(super) text: String,
    /// The buttons below them.
    pub(super) buttons: Vec<Vec<InlineKeyboardButton>>,
    /// Whether the bot leaves the chat afterwards.
    pub(super) leave: bool,
}

/// A fixed sentence, without buttons.
pub(super) fn plain(text: &str) -> Outgoing {
    Outgoing { text: text.trim().to_owned(), buttons: Vec::new(), leave: false }
}

/// What waits to be sent.
pub(super) struct Outbox {
    bot: Bot,
    lanes: Lanes,
    second: Arc<Semaphore>,
}

impl Outbox {
    pub(super) fn new(bot: Bot) -> Self {
        Self { bot, lanes: Lanes::default(), second: Arc::new(Semaphore::new(A_SECOND)) }
    }

    /// Sends something after everything that this chat is still to be told. The answer is ready once it was sent, or
    /// could not be.
    pub(super) fn put(&self, chat: ChatId, outgoing: Outgoing) -> oneshot::Receiver<()> {
        let (tell, told) = oneshot::channel();
        let (bot, second) = (self.bot.clone(), Arc::clone(&self.second));
        self.lanes.put(chat, async move {
            let pieces = split(&outgoing.text);
            let last = pieces.len().saturating_sub(1);
            for (number, piece) in pieces.into_iter().enumerate() {
                if number > 0 {
                    tokio::time::sleep(CHAT_PAUSE).await;
                }
                let buttons = if number == last { outgoing.buttons.as_slice() } else { &[] };
                if !deliver(&bot, &second, chat, &piece, buttons).await {
                    break;
                }
            }
            if outgoing.leave
                && let Err(error) = bot.leave_chat(chat).await
            {
                tracing::warn!(kind = kind_of(&error), "a group on Telegram could not be left");
            }
            // Nobody listens any more when it took too long.
            let _ = tell.send(());
            tokio::time::sleep(CHAT_PAUSE).await;
        });
        told
    }

    /// Breaks off what is being sent.
    pub(super) fn close(&self) {
        self.lanes.close();
    }
}

/// Sends one message. A broken network is tried again; a closed door is not. Tells whether it arrived.
async fn deliver(
    bot: &Bot,
    second: &Arc<Semaphore>,
    chat: ChatId,
    text: &str,
    buttons: &[Vec<InlineKeyboardButton>],
) -> bool {
    let mut pause = Backoff::default();
    for attempt in 1..=ATTEMPTS {
        turn(second).await;
        let preview = LinkPreviewOptions {
            is_disabled: true,
            url: None,
            prefer_small_media: false,
            prefer_large_media: false,
            show_above_text: false,
        };
        let mut send = bot.send_message(chat, text).link_preview_options(preview);
        if !buttons.is_empty() {
            send = send.reply_markup(InlineKeyboardMarkup::new(buttons.to_vec()));
        }
        match send.await {
            Ok(_) | Err(RequestError::InvalidJson { .. }) => return true,
            Err(error @ (RequestError::Network(_) | RequestError::RetryAfter(_))) if attempt < ATTEMPTS => {
                pause.wait(&error).await;
            }
            Err(error) => {
                tracing::warn!(kind = kind_of(&error), "a reply could not be sent on Telegram");
                return false;
            }
        }
    }
    false
}

/// Waits until fewer than the allowed number of messages were begun within the last second.
async fn turn(second: &Arc<Semaphore>) {
    // It is never closed.
    if let Ok(permit) = Arc::clone(second).acquire_owned().await {
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            drop(permit);
        });
    }
}

/// What kind of error it was. Nothing else of it may be logged.
pub(super) const fn kind_of(error: &RequestError) -> &'static str {
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
pub(super) struct Backoff(u32);

impl Backoff {
    pub(super) async fn wait(&mut self, error: &RequestError) {
        let own = Duration::from_millis(500 << self.0.min(7)).min(Duration::from_mins(1));
        self.0 += 1;
        let asked = match error {
            RequestError::RetryAfter(seconds) => seconds.duration(),
            _ => Duration::ZERO,
        };
        tokio::time::sleep(own.max(asked.min(LONGEST_PAUSE))).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_more_than_thirty_messages_begin_within_a_second() {
        let second = Arc::new(Semaphore::new(A_SECOND));
        let begun = tokio::time::Instant::now();
        for _ in 0..=A_SECOND {
            turn(&second).await;
        }
        assert!(begun.elapsed() >= Duration::from_secs(1));
    }
}
