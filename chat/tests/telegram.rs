//! The Telegram channel against a small Bot API of our own, in which the test plays the citizen.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};
use skranke_chat::telegram::{TelegramError, TelegramOptions, run};
use skranke_store::Filter;
use skranke_store::port::{Direction, Position};
use support::{House, holds};
use tokio::sync::{Notify, oneshot};

const TOKEN: &str = "123456789:AAbot-token-of-the-test_0123456789";
const CHAT: i64 = 4_200_000_001;

/// What the fake remembers.
#[derive(Default)]
struct Memory {
    updates: VecDeque<Value>,
    sent: Vec<Value>,
    calls: Vec<String>,
    next_update: u64,
    next_message: i64,
    /// `getMe` fails this often before it answers.
    failing_hellos: u32,
    /// `sendMessage` is refused this often, with a wish to be left alone for a moment.
    flood: u32,
}

/// The Bot API: the methods the bot uses, and long polling that wakes when the citizen does something.
#[derive(Clone, Default)]
struct FakeTelegram {
    memory: Arc<Mutex<Memory>>,
    news: Arc<Notify>,
}

impl FakeTelegram {
    async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().route("/{token}/{method}", post(answer)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        format!("http://{address}")
    }

    fn push(&self, update: Value) {
        let mut memory = self.memory.lock().unwrap();
        memory.next_update += 1;
        let mut update = update;
        if update.get("update_id").is_none() {
            update["update_id"] = json!(memory.next_update);
        }
        memory.updates.push_back(update);
        self.news.notify_waiters();
    }

    fn message(&self, chat: &Value, text: &Value) -> Value {
        let mut memory = self.memory.lock().unwrap();
        memory.next_message += 1;
        let mut message = json!({
            "message_id": memory.next_message, "date": 1_795_000_000, "chat": chat,
            "from": {"id": 77, "is_bot": false, "first_name": "Inger", "language_code": "da"},
        });
        message.as_object_mut().unwrap().extend(text.as_object().unwrap().clone());
        message
    }

    /// The citizen writes something. Answers the message, so that it can be sent again.
    fn writes(&self, text: &str) -> Value {
        let message = self.message(&private(), &json!({"text": text}));
        self.push(json!({"message": message}));
        message
    }

    /// The citizen presses a button of the newest message that has some.
    fn presses(&self, id: &str, data: &str) -> Value {
        let query = json!({
            "id": id, "chat_instance": "1", "data": data,
            "from": {"id": 77, "is_bot": false, "first_name": "Inger"},
            "message": self.message(&private(), &json!({"text": "…"})),
        });
        self.push(json!({"callback_query": query}));
        query
    }

    /// Waits until the bot has sent `count` messages in all; answers the newest.
    async fn sent(&self, count: usize) -> Value {
        for _ in 0..400 {
            {
                let memory = self.memory.lock().unwrap();
                if memory.sent.len() >= count {
                    return memory.sent[count - 1].clone();
                }
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the bot sent {} messages, not {count}", self.memory.lock().unwrap().sent.len());
    }

    fn calls(&self, method: &str) -> usize {
        self.memory.lock().unwrap().calls.iter().filter(|call| *call == method).count()
    }
}

fn private() -> Value {
    json!({"id": CHAT, "type": "private", "first_name": "Inger"})
}

fn ok(result: &Value) -> Response {
    axum::Json(json!({"ok": true, "result": result})).into_response()
}

fn refused(code: u16, description: &str, parameters: &Value) -> Response {
    let mut body = json!({"ok": false, "error_code": code, "description": description});
    if !parameters.is_null() {
        body["parameters"] = parameters.clone();
    }
    (StatusCode::from_u16(code).unwrap(), axum::Json(body)).into_response()
}

async fn answer(
    State(fake): State<FakeTelegram>,
    Path((token, method)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    if token != format!("bot{TOKEN}") {
        return refused(401, "Unauthorized", &Value::Null);
    }
    fake.memory.lock().unwrap().calls.push(method.clone());
    let wish: Value = serde_json::from_slice(&body).unwrap_or_default();
    match method.as_str() {
        "GetMe" => {
            let mut memory = fake.memory.lock().unwrap();
            if memory.failing_hellos > 0 {
                memory.failing_hellos -= 1;
                return refused(429, "Too Many Requests: retry after 1", &json!({"retry_after": 1}));
            }
            // As scanty as some emulators are: fields that the library wants are missing.
            ok(&json!({"id": 1, "is_bot": true, "first_name": "Skranken", "username": "skranken_bot"}))
        }
        "GetUpdates" => updates(&fake, &wish).await,
        "SendMessage" => {
            let mut memory = fake.memory.lock().unwrap();
            if memory.flood > 0 {
                memory.flood -= 1;
                return refused(429, "Too Many Requests: retry after 1", &json!({"retry_after": 1}));
            }
            memory.sent.push(wish.clone());
            memory.next_message += 1;
            let id = memory.next_message;
            ok(&json!({"message_id": id, "date": 1_795_000_000, "chat": private(), "text": wish["text"]}))
        }
        _ => ok(&json!(true)),
    }
}

async fn updates(fake: &FakeTelegram, wish: &Value) -> Response {
    let offset = wish["offset"].as_u64().unwrap_or(0);
    for _ in 0..2 {
        let news = fake.news.notified();
        {
            let mut memory = fake.memory.lock().unwrap();
            memory.updates.retain(|update| update["update_id"].as_u64().unwrap_or(0) >= offset);
            if !memory.updates.is_empty() {
                let waiting: Vec<Value> = memory.updates.iter().cloned().collect();
                return ok(&json!(waiting));
            }
        }
        // A real server holds a poll for most of a minute; a test need not.
        let _ = tokio::time::timeout(Duration::from_secs(2), news).await;
    }
    ok(&json!([]))
}

struct Bot {
    house: House,
    fake: FakeTelegram,
    stop: Option<oneshot::Sender<()>>,
    running: tokio::task::JoinHandle<Result<(), TelegramError>>,
}

async fn bot_with(fake: FakeTelegram) -> Bot {
    let house = House::new();
    let options = TelegramOptions {
        token: TOKEN.into(),
        api_url: Some(fake.start().await),
        public_url: Some("https://skranke.example.dk".to_owned()),
    };
    let (stop, stopped) = oneshot::channel();
    let counter = Arc::clone(&house.counter);
    let running = tokio::spawn(run(counter, options, async {
        let _ = stopped.await;
    }));
    Bot { house, fake, stop: Some(stop), running }
}

async fn bot() -> Bot {
    bot_with(FakeTelegram::default()).await
}

impl Bot {
    async fn stop(mut self) -> (House, FakeTelegram) {
        let _ = self.stop.take().unwrap().send(());
        self.running.await.unwrap().unwrap();
        (self.house, self.fake)
    }
}

async fn messages_in_the_log(house: &House) -> usize {
    let filter = Filter { event_types: vec!["MessageReceived".to_owned()], ..Filter::default() };
    house.log.read_all(Position(0), Direction::Forwards, 100, &filter).await.unwrap().events.len()
}

fn text(message: &Value) -> &str {
    message["text"].as_str().unwrap()
}

/// The callback data of a message's buttons.
fn buttons(message: &Value) -> Vec<String> {
    let rows = message["reply_markup"]["inline_keyboard"].as_array().cloned().unwrap_or_default();
    let all = rows.iter().flat_map(|row| row.as_array().cloned().unwrap_or_default());
    all.map(|button| button["callback_data"].as_str().or(button["url"].as_str()).unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_question_is_answered_and_its_button_leads_to_the_card() {
    let bot = bot().await;
    bot.fake.writes("Hvordan skifter jeg læge?");
    let answer = bot.fake.sent(1).await;
    assert_eq!(answer["chat_id"], CHAT);
    assert!(answer.get("parse_mode").is_none(), "plain text only");
    assert!(text(&answer).contains("Borgerservice") && text(&answer).contains("Kilder: Furesø Kommune"));
    assert!(text(&answer).contains("Gennemgået 22. november 2026"));
    assert_eq!(buttons(&answer), ["no-eid:laegeskift"]);
    bot.fake.presses("q1", "no-eid:laegeskift");
    assert!(text(&bot.fake.sent(2).await).contains("Hvilken kommune"));
    assert_eq!(bot.fake.calls("AnswerCallbackQuery"), 1);
    bot.fake.writes("Furesø");
    let card = bot.fake.sent(3).await;
    assert!(text(&card).contains("Skift læge i Furesø Kommune") && text(&card).contains("kommunekode=190"));
    assert!(text(&card).contains("Åbent nu. Lukker kl. 20."));
    assert!(buttons(&card).contains(&"https://skranke.example.dk/opkald".to_owned()), "{:?}", buttons(&card));
    bot.stop().await;
}

#[tokio::test]
async fn an_update_that_comes_again_is_one_message() {
    let bot = bot().await;
    let message = bot.fake.writes("Hvordan skifter jeg læge?");
    let first = bot.fake.sent(1).await;
    // The bot crashed before it confirmed, say: the same message under a newer update.
    bot.fake.push(json!({"message": message}));
    let again = bot.fake.sent(2).await;
    assert_eq!(text(&first), text(&again));
    let query = bot.fake.presses("q1", "person");
    bot.fake.sent(3).await;
    bot.fake.push(json!({"callback_query": query}));
    bot.fake.sent(4).await;
    assert_eq!(messages_in_the_log(&bot.house).await, 2);
    bot.stop().await;
}

#[tokio::test]
async fn commands_language_and_the_end() {
    let bot = bot().await;
    bot.fake.writes("/start");
    let hello = bot.fake.sent(1).await;
    assert!(text(&hello).contains("Telegram gemmer selv det, du skriver") && !buttons(&hello).is_empty());
    bot.fake.writes("/help");
    assert!(text(&bot.fake.sent(2).await).contains("/slut"));
    bot.fake.writes("/en@skranken_bot");
    assert!(text(&bot.fake.sent(3).await).starts_with("Hello!"));
    bot.fake.writes("/help");
    assert!(text(&bot.fake.sent(4).await).contains("own words"));
    bot.fake.writes("/dansk");
    assert!(text(&bot.fake.sent(5).await).starts_with("Hej!"));
    bot.fake.writes("/slut");
    assert!(text(&bot.fake.sent(6).await).contains("slettet hos os"));
    // A new conversation begins by itself.
    bot.fake.writes("Hvordan skifter jeg læge?");
    assert!(text(&bot.fake.sent(7).await).contains("Borgerservice"));
    assert!(bot.fake.calls("SetMyCommands") == 2 && bot.fake.calls("DeleteWebhook") == 1);
    bot.stop().await;
}

#[tokio::test]
async fn groups_edits_pictures_and_unknown_buttons_get_a_polite_answer() {
    let bot = bot().await;
    let group = json!({"id": -5, "type": "group", "title": "Familien"});
    bot.fake.push(json!({"message": bot.fake.message(&group, &json!({"text": "hej bot"}))}));
    assert!(text(&bot.fake.sent(1).await).contains("private samtaler"));
    bot.fake.push(json!({"edited_message": bot.fake.message(&private(), &json!({"text": "jeg vil ikke leve mere", "edit_date": 1_795_000_001}))}));
    let edited = bot.fake.sent(2).await;
    assert!(text(&edited).starts_with("Jeg har læst din rettelse.") && text(&edited).contains("112"));
    let picture =
        json!({"photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1, "file_size": 1}]});
    bot.fake.push(json!({"message": bot.fake.message(&private(), &picture)}));
    assert!(text(&bot.fake.sent(3).await).contains("kun læse tekst"));
    bot.fake.presses("q9", "drop table");
    assert!(text(&bot.fake.sent(4).await).contains("Den knap kender jeg ikke"));
    // Kinds of update that nobody asked for, and one that no library knows, stop nothing.
    bot.fake.push(json!({"poll_answer": {"strange": true}}));
    bot.fake.push(json!({"from_the_future": {"x": 1}}));
    bot.fake.writes("Hvordan skifter jeg læge?");
    assert!(text(&bot.fake.sent(5).await).contains("Borgerservice"));
    assert_eq!(messages_in_the_log(&bot.house).await, 2);
    bot.stop().await;
}

#[tokio::test]
async fn a_cpr_number_is_removed_and_neither_it_nor_the_chat_nor_the_token_is_on_disk() {
    let bot = bot().await;
    bot.fake.writes("mit cpr er 010190-1234, hvordan skifter jeg læge?");
    assert!(text(&bot.fake.sent(1).await).starts_with("Jeg har fjernet noget, der ligner et CPR-nummer"));
    let (house, _) = bot.stop().await;
    house.log.close().await;
    let disk = house.bytes_on_disk();
    for secret in ["010190", TOKEN, &CHAT.to_string(), "Inger"] {
        assert!(!holds(&disk, secret), "{secret}");
    }
}

#[tokio::test]
async fn a_bot_api_that_is_down_or_wants_to_be_left_alone_is_waited_for() {
    let fake = FakeTelegram::default();
    fake.memory.lock().unwrap().failing_hellos = 1;
    fake.memory.lock().unwrap().flood = 1;
    let bot = bot_with(fake).await;
    bot.fake.writes("Hvordan skifter jeg læge?");
    assert!(text(&bot.fake.sent(1).await).contains("Borgerservice"));
    bot.stop().await;
}

#[tokio::test]
async fn a_refused_token_and_a_bad_address_end_the_bot_without_telling_the_token() {
    let house = House::new();
    let options = |token: &str, url: String| TelegramOptions {
        token: token.into(),
        api_url: Some(url),
        public_url: None,
    };
    let url = FakeTelegram::default().start().await;
    let wrong =
        run(Arc::clone(&house.counter), options("999:another-secret", url), std::future::pending()).await;
    let error = wrong.unwrap_err();
    assert!(matches!(error, TelegramError::BadToken));
    assert!(!format!("{error} {error:?}").contains("another-secret"));
    let bad =
        run(Arc::clone(&house.counter), options("1:x", "not a url".to_owned()), std::future::pending()).await;
    assert!(matches!(bad.unwrap_err(), TelegramError::NotAUrl));
    let shown = format!("{:?}", options("999:another-secret", String::new()));
    assert!(!shown.contains("another-secret"), "{shown}");
}
