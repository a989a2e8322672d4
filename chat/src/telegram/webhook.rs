//! The webhook: Telegram brings the updates, to an address and with a password that follow from the bot's token.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use reqwest::Url;
use secrecy::SecretString;
use teloxide::types::Update;

use super::TelegramError;
use super::handling::{Before, BotDesk};
use crate::derived::Derived;

/// The header with Telegram's password.
const PASSWORD: &str = "x-telegram-bot-api-secret-token";
/// The largest update. Telegram's own are far smaller.
const BODY_LIMIT: usize = 256 * 1024;
/// What comes before the part of the webhook's path that cannot be guessed, and is not to be logged.
pub const WEBHOOK_PATH: &str = "/telegram/";

/// Where Telegram knocks, and how it is known.
pub(super) struct Door {
    key: Derived,
    path: String,
    /// The address, as Telegram is told.
    pub(super) url: Url,
}

impl Door {
    /// The door of a bot, below the address that citizens know.
    pub(super) fn new(token: &SecretString, public_url: Option<&str>) -> Result<Self, TelegramError> {
        let key = Derived::new(token, "telegram webhook");
        let public_url = public_url.filter(|url| url.starts_with("https://"));
        let base = public_url.ok_or(TelegramError::NoHttps)?.trim_end_matches('/');
        let path = format!("{WEBHOOK_PATH}{}", key.sign("path"));
        let url: Url = format!("{base}{path}").parse().map_err(|_| TelegramError::NoHttps)?;
        // "https://" alone would make a host of the path.
        if !url.path().ends_with(&path) {
            return Err(TelegramError::NoHttps);
        }
        Ok(Self { key, path, url })
    }

    /// The password that Telegram is given. Not the token: it comes back with every request.
    pub(super) fn password(&self) -> String {
        self.key.sign("password")
    }

    fn opens(&self, headers: &HeaderMap) -> bool {
        headers.get(PASSWORD).is_some_and(|password| self.key.signed("password", password.as_bytes()))
    }
}

/// The route of the webhook.
pub(super) fn route(door: Arc<Door>, desk: Arc<BotDesk>) -> Router {
    let path = door.path.clone();
    Router::new().route(&path, post(brought)).with_state((door, desk))
}

/// An update is brought. It is confirmed once it was handled; until then Telegram brings it again.
async fn brought(
    State((door, desk)): State<(Arc<Door>, Arc<BotDesk>)>,
    headers: HeaderMap,
    body: Body,
) -> StatusCode {
    // Before a byte of the body is read.
    if !door.opens(&headers) {
        return StatusCode::UNAUTHORIZED;
    }
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else { return StatusCode::PAYLOAD_TOO_LARGE };
    let Ok(update) = serde_json::from_slice::<Update>(&body) else {
        // It would be as unreadable the next time, and what comes after it would wait.
        tracing::warn!("Telegram brought an update that cannot be read");
        return StatusCode::OK;
    };
    let handled = match desk.take(update) {
        Ok(handled) => handled,
        Err(Before::Handled) => return StatusCode::OK,
        // It is confirmed when it comes once more.
        Err(Before::InHand) => return StatusCode::SERVICE_UNAVAILABLE,
    };
    // In a task of its own: when Telegram hangs up, it is finished all the same.
    match tokio::spawn(handled).await {
        Ok(true) => StatusCode::OK,
        Ok(false) | Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_the_address_nor_the_password_tells_the_token_and_there_is_none_without_https() {
        let token: SecretString = "123456:a-secret".into();
        let door = Door::new(&token, Some("https://skranke.example.dk/")).unwrap();
        assert!(door.url.as_str().starts_with("https://skranke.example.dk/telegram/"));
        assert_eq!(door.url.path(), door.path);
        for shown in [door.url.as_str(), &door.password()] {
            assert!(!shown.contains("123456") && !shown.contains("a-secret"));
        }
        assert!(!door.url.path().contains(&door.password()));
        let other = Door::new(&"123456:b-secret".into(), Some("https://skranke.example.dk")).unwrap();
        assert!(door.url != other.url && door.password() != other.password());
        for url in [None, Some("http://skranke.example.dk"), Some("https://")] {
            assert!(matches!(Door::new(&token, url), Err(TelegramError::NoHttps)), "{url:?}");
        }
    }
}
