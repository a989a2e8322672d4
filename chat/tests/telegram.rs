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
use skranke_chat::pace::PaceLimits;
use skranke_chat::telegram::{Telegram, TelegramError, TelegramOptions};
use skranke_chat::web::{WebOptions, router};
use skranke_store::Filter;
use skranke_store::port::{Direction, Position};
use support::{Browser, House, holds};
use tokio::sync::{Notify, oneshot};
use tower::ServiceExt;

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
    /// `sendMessage` to this chat is refused as long as it is named here.
    stuck: Option<i64>,
    /// What `setWebhook` was sent.
    webhook: String,
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
            if memory.stuck.is_some() && memory.stuck == wish["chat_id"].as_i64() {
                return refused(429, "Too Many Requests: retry after 30", &json!({"retry_after": 30}));
            }
            if memory.flood > 0 {
                memory.flood -= 1;
                return refused(429, "Too Many Requests: retry after 1", &json!({"retry_after": 1}));
            }
            memory.sent.push(wish.clone());
            memory.next_message += 1;
            let id = memory.next_message;
            ok(&json!({"message_id": id, "date": 1_795_000_000, "chat": private(), "text": wish["text"]}))
        }
        "SetWebhook" => {
            fake.memory.lock().unwrap().webhook = String::from_utf8_lossy(&body).into_owned();
            ok(&json!(true))
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
    telegram: Arc<Telegram>,
    stop: Option<oneshot::Sender<()>>,
    running: tokio::task::JoinHandle<Result<(), TelegramError>>,
}

async fn bot_with(fake: FakeTelegram) -> Bot {
    bot_in(House::new(), fake, false).await
}

async fn bot_in(house: House, fake: FakeTelegram, webhook: bool) -> Bot {
    let options = TelegramOptions {
        token: TOKEN.into(),
        api_url: Some(fake.start().await),
        public_url: Some("https://skranke.example.dk".to_owned()),
        webhook,
        updates_file: Some(house.dir().join("telegram.updates")),
    };
    let (stop, stopped) = oneshot::channel();
    let telegram = Arc::new(Telegram::new(Arc::clone(&house.counter), &options).unwrap());
    let bot = Arc::clone(&telegram);
    let running = tokio::spawn(async move {
        let stopped = async {
            let _ = stopped.await;
        };
        bot.run(stopped).await
    });
    Bot { house, fake, telegram, stop: Some(stop), running }
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
    in_the_log(house, "MessageReceived").await
}

async fn in_the_log(house: &House, kind: &str) -> usize {
    let filter = Filter { event_types: vec![kind.to_owned()], ..Filter::default() };
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
async fn an_answer_is_rated_by_its_buttons_without_another_message() {
    let bot = bot().await;
    bot.fake.writes("Hvordan skifter jeg læge?");
    bot.fake.sent(1).await;
    for (number, data) in ["rate:2:yes", "rate:2:yes", "rate:2:no", "rate:900:yes"].into_iter().enumerate() {
        bot.fake.presses(&format!("r{number}"), data);
    }
    bot.fake.writes("Hvordan får jeg pas?");
    assert!(!text(&bot.fake.sent(2).await).is_empty(), "nothing was sent in between");
    assert_eq!(in_the_log(&bot.house, "FeedbackGiven").await, 2);
    assert_eq!(bot.fake.calls("AnswerCallbackQuery"), 4);
    bot.stop().await;
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
    assert_eq!(buttons(&answer), ["no-eid:laegeskift", "rate:2:yes", "rate:2:no"]);
    bot.fake.presses("q1", "no-eid:laegeskift");
    assert!(text(&bot.fake.sent(2).await).contains("Hvilken kommune"));
    assert_eq!(bot.fake.calls("AnswerCallbackQuery"), 1);
    bot.fake.writes("Furesø");
    let card = bot.fake.sent(3).await;
    assert!(text(&card).contains("Skift læge i Furesø Kommune") && text(&card).contains("kommunekode=190"));
    assert!(text(&card).contains("Åbent nu. Lukker kl. 20."));
    let call_back = "https://skranke.example.dk/opkald?samtale=";
    assert!(buttons(&card).iter().any(|button| button.starts_with(call_back)), "{:?}", buttons(&card));
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
    assert!(text(&bot.fake.sent(3).await).starts_with("Hello again"), "the second greeting");
    bot.fake.writes("/help");
    assert!(text(&bot.fake.sent(4).await).contains("own words"));
    bot.fake.writes("/dansk");
    assert!(text(&bot.fake.sent(5).await).starts_with("Jeg er her stadig"));
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
    // Once is enough, however much is said before the bot is gone.
    bot.fake.push(json!({"message": bot.fake.message(&group, &json!({"text": "hallo?"}))}));
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
    assert_eq!(bot.fake.calls("LeaveChat"), 2);
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
        webhook: false,
        updates_file: None,
    };
    let url = FakeTelegram::default().start().await;
    let bot = |options: TelegramOptions| Telegram::new(Arc::clone(&house.counter), &options);
    let wrong = bot(options("999:another-secret", url.clone())).unwrap();
    let error = wrong.run(std::future::pending()).await.unwrap_err();
    assert!(matches!(error, TelegramError::BadToken));
    assert!(!format!("{error} {error:?}").contains("another-secret"));
    assert!(matches!(bot(options("1:x", "not a url".to_owned())).unwrap_err(), TelegramError::NotAUrl));
    let http = TelegramOptions { webhook: true, ..options("1:x", url) };
    assert!(matches!(bot(http).unwrap_err(), TelegramError::NoHttps));
    let shown = format!("{:?}", options("999:another-secret", String::new()));
    assert!(!shown.contains("another-secret"), "{shown}");
}

#[tokio::test]
async fn a_group_that_the_bot_is_added_to_is_told_why_it_is_left_in_the_language_of_who_added_it() {
    let bot = bot().await;
    let user = json!({"id": 1, "is_bot": true, "first_name": "Skranken", "username": "skranken_bot"});
    let change = |old: &str, new: &str| {
        json!({"my_chat_member": {
            "chat": {"id": -6, "type": "supergroup", "title": "Naboer"}, "date": 1_795_000_000,
            "from": {"id": 78, "is_bot": false, "first_name": "Ann", "language_code": "en"},
            "old_chat_member": {"user": user, "status": old}, "new_chat_member": {"user": user, "status": new},
        }})
    };
    bot.fake.push(change("left", "member"));
    let refusal = bot.fake.sent(1).await;
    assert_eq!((text(&refusal).contains("private"), &refusal["chat_id"]), (true, &json!(-6)));
    bot.fake.push(change("member", "left"));
    bot.fake.push(change("left", "member"));
    bot.fake.sent(2).await;
    assert_eq!(messages_in_the_log(&bot.house).await, 0);
    bot.stop().await;
}

#[tokio::test]
async fn what_was_erased_is_not_stored_again_when_telegram_sends_it_again_after_a_crash() {
    let bot = bot().await;
    bot.fake.writes("Hvordan skifter jeg læge?");
    bot.fake.writes("/slut");
    bot.fake.sent(2).await;
    assert_eq!(messages_in_the_log(&bot.house).await, 1);
    let (house, _) = bot.stop().await;
    // Telegram never saw them confirmed.
    let fresh = FakeTelegram::default();
    fresh.writes("Hvordan skifter jeg læge?");
    fresh.writes("/slut");
    let bot = bot_in(house, fresh, false).await;
    bot.fake.writes("Hvordan får jeg et nyt pas?");
    assert!(text(&bot.fake.sent(1).await).contains("pas"));
    assert_eq!(messages_in_the_log(&bot.house).await, 2, "the erased message, and the new one");
    bot.stop().await;
}

#[tokio::test]
async fn a_chat_that_has_to_wait_holds_up_no_other() {
    let fake = FakeTelegram::default();
    fake.memory.lock().unwrap().stuck = Some(CHAT);
    let bot = bot_with(fake).await;
    bot.fake.writes("Hvordan skifter jeg læge?");
    let other = json!({"id": 5, "type": "private", "first_name": "Bo"});
    for number in 1..=3 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let message = bot.fake.message(&other, &json!({"text": "Hvordan får jeg et nyt pas?"}));
        bot.fake.push(json!({"message": message}));
        assert_eq!(bot.fake.sent(number).await["chat_id"], 5);
    }
    // What could not be answered yet is in the log all the same, once, and was not confirmed.
    assert_eq!(messages_in_the_log(&bot.house).await, 4);
    assert!(bot.fake.memory.lock().unwrap().updates.iter().any(|update| update["update_id"] == 1));
    bot.stop().await;
}

/// Telegram, bringing an update to the webhook.
async fn brought(bot: &Bot, path: &str, password: Option<&str>, body: String) -> StatusCode {
    let mut request = axum::http::Request::post(path).header("content-type", "application/json");
    if let Some(password) = password {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", password);
    }
    let request = request.body(axum::body::Body::from(body)).unwrap();
    bot.telegram.webhook().oneshot(request).await.unwrap().status()
}

/// What `setWebhook` said under a name.
fn told(multipart: &str, name: &str) -> String {
    let after = multipart.split(&format!("name=\"{name}\"")).nth(1).unwrap();
    after.trim_start().lines().next().unwrap().trim().to_owned()
}

#[tokio::test]
async fn a_webhook_answers_who_knows_the_password_and_confirms_what_was_handled() {
    let bot = bot_in(House::new(), FakeTelegram::default(), true).await;
    while bot.fake.memory.lock().unwrap().webhook.is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let asked = bot.fake.memory.lock().unwrap().webhook.clone();
    let (url, password) = (told(&asked, "url"), told(&asked, "secret_token"));
    assert!(!asked.contains(TOKEN) && asked.contains("my_chat_member"), "{asked}");
    let path = url.strip_prefix("https://skranke.example.dk").unwrap();
    let message = bot.fake.message(&private(), &json!({"text": "Hvordan skifter jeg læge?"}));
    let update = json!({"update_id": 10, "message": message}).to_string();

    // Nobody else gets in, and what they bring is not read.
    for wrong in [None, Some(""), Some(TOKEN), Some(&password[1..]), Some("\u{e6}")] {
        assert_eq!(brought(&bot, path, wrong, update.clone()).await, StatusCode::UNAUTHORIZED, "{wrong:?}");
    }
    assert_eq!(brought(&bot, "/telegram/x", Some(&password), update.clone()).await, StatusCode::NOT_FOUND);
    assert_eq!(messages_in_the_log(&bot.house).await, 0);

    assert_eq!(brought(&bot, path, Some(&password), update.clone()).await, StatusCode::OK);
    assert!(text(&bot.fake.sent(1).await).contains("Borgerservice"));
    // The same update is confirmed and not done again; the same message under another update is one message.
    assert_eq!(brought(&bot, path, Some(&password), update.clone()).await, StatusCode::OK);
    let again = json!({"update_id": 11, "message": message}).to_string();
    assert_eq!(brought(&bot, path, Some(&password), again).await, StatusCode::OK);
    bot.fake.sent(2).await;
    assert_eq!(messages_in_the_log(&bot.house).await, 1);

    for strange in ["{}", "no json", r#"{"update_id":12,"from_the_future":{}}"#] {
        assert_eq!(
            brought(&bot, path, Some(&password), strange.to_owned()).await,
            StatusCode::OK,
            "{strange}"
        );
    }
    let huge = "x".repeat(300 * 1024);
    assert_eq!(brought(&bot, path, Some(&password), huge).await, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!((bot.fake.calls("GetUpdates"), bot.fake.calls("DeleteWebhook")), (0, 0));
    // A bot that has stopped confirms nothing: Telegram brings it again.
    let telegram = Arc::clone(&bot.telegram);
    let (house, fake) = bot.stop().await;
    let stopped = Bot { house, fake, telegram, stop: None, running: tokio::spawn(async { Ok(()) }) };
    let late = json!({"update_id": 13, "message": message}).to_string();
    assert_eq!(brought(&stopped, path, Some(&password), late).await, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn the_link_to_the_form_takes_the_conversation_along_and_shows_nothing_of_it() {
    let bot = bot().await;
    bot.fake.writes("Min hund Futte skal have pas, kan jeg tale med et menneske?");
    let links = buttons(&bot.fake.sent(1).await);
    let link = links.iter().find_map(|link| link.strip_prefix("https://skranke.example.dk/opkald?")).unwrap();
    let options = WebOptions { hand_over: Some(bot.telegram.hand_over()), ..WebOptions::default() };
    let app = router(Arc::clone(&bot.house.counter), options);
    let mut browser = Browser::over(app.clone());
    let form = browser.get(&format!("/opkald?{link}")).await;
    assert!(form.body.contains("Din samtale i Telegram sendes med") && !form.body.contains("Futte"));
    let (key, pass) = (form.hidden("form"), form.hidden("samtale"));
    let post = async |pass: &str| {
        let fields = [
            ("lang", "da"),
            ("form", &key),
            ("samtale", pass),
            ("name", "Inger Testesen"),
            ("phone", "20 11 22 33"),
            ("municipality", "0190"),
            ("when", "any"),
        ];
        Browser::over(app.clone()).post("/opkald", &fields).await
    };
    // Another's conversation cannot be had by changing the link.
    let forged = format!("{}{}", if pass.starts_with('0') { "1" } else { "0" }, &pass[1..]);
    let page = Browser::over(app.clone()).get(&format!("/opkald?samtale={forged}")).await;
    assert!(page.body.contains("for gammelt") && !page.body.contains("name=\"samtale\""));
    assert_eq!(post(&forged).await.status, StatusCode::OK);
    assert_eq!(in_the_log(&bot.house, "HandedOver").await, 0);
    assert_eq!(post(&pass).await.status, StatusCode::OK);
    assert_eq!(in_the_log(&bot.house, "HandedOver").await, 1);
    bot.house.clock.set("2026-11-24T09:00:00Z");
    let old = Browser::over(app.clone()).get(&format!("/opkald?{link}")).await;
    assert!(old.body.contains("for gammelt"), "a day later");
    bot.stop().await;
}

#[tokio::test]
async fn who_writes_too_fast_is_asked_to_wait_once_and_danger_is_answered_all_the_same() {
    let slow = PaceLimits { per_minute: 2, per_day: 10 };
    let bot = bot_in(House::with(|counter| counter.paced(slow)), FakeTelegram::default(), false).await;
    for _ in 0..4 {
        bot.fake.writes("Hvordan skifter jeg læge?");
    }
    bot.fake.writes("jeg vil ikke leve mere");
    assert!(text(&bot.fake.sent(3).await).contains("Vent et minut"));
    assert!(text(&bot.fake.sent(4).await).contains("112"));
    assert_eq!(messages_in_the_log(&bot.house).await, 3, "two, and the danger");

    // The web asks the same, in words that the page shows beside the field.
    let mut browser = Browser::new(&bot.house);
    browser.get("/").await;
    for message in ["1", "2"] {
        let page = browser.post("/samtale", &[("lang", "da"), ("message", message), ("text", "hej")]).await;
        assert_eq!(page.location.as_deref(), Some("/#seneste"));
    }
    let fields = [("lang", "da"), ("message", "3"), ("text", "hej")];
    let page = browser.post("/samtale", &fields).await;
    assert_eq!(page.location.as_deref(), Some("/?vis=vent#besked"));
    assert!(browser.get("/?vis=vent").await.body.contains("Vent et minut"));
    let json: Value = serde_json::from_str(&browser.post_json("/samtale", &fields).await.body).unwrap();
    assert_eq!((&json["hint"], json["announce"].as_str().unwrap().contains("Vent")), (&json!(true), true));
    bot.house.clock.set("2026-11-23T09:01:00Z");
    let page = browser.post("/samtale", &fields).await;
    assert_eq!(page.location.as_deref(), Some("/#seneste"));
    bot.stop().await;
}
