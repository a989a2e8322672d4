//! The Telegram channel of the real binary, against a Bot API of our own.

use std::sync::{Arc, Mutex};

use axum::extract::{Path, State};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::server::{Setup, eventually, files_with};

const TOKEN: &str = "4711:en-hemmelig-token-som-ingen-maa-se";
const CHAT: i64 = 7_990_042_113;

/// What citizens have written and the bot has sent.
#[derive(Clone, Default)]
struct FakeTelegram(Arc<Mutex<Memory>>);

#[derive(Default)]
struct Memory {
    waiting: Vec<Value>,
    sent: Vec<Value>,
}

impl FakeTelegram {
    async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/{bot}/{method}", post(answer)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        format!("http://{address}")
    }

    fn writes(&self, update: i64, text: &str) {
        let chat = json!({ "id": CHAT, "type": "private", "first_name": "Walborg" });
        let from = json!({ "id": CHAT, "is_bot": false, "first_name": "Walborg" });
        let message =
            json!({ "message_id": update, "date": 1_790_000_000, "chat": chat, "from": from, "text": text });
        self.0.lock().unwrap().waiting.push(json!({ "update_id": update, "message": message }));
    }

    fn sent(&self) -> Vec<Value> {
        self.0.lock().unwrap().sent.clone()
    }
}

async fn answer(
    State(fake): State<FakeTelegram>,
    Path((bot, method)): Path<(String, String)>,
    body: Option<Json<Value>>,
) -> Json<Value> {
    assert_eq!(bot, format!("bot{TOKEN}"));
    let body = body.map_or(Value::Null, |Json(body)| body);
    let result = match method.to_lowercase().as_str() {
        "getme" => json!({ "id": 4711, "is_bot": true, "first_name": "Skranke", "username": "skranke_bot",
            "can_join_groups": false, "can_read_all_group_messages": false, "supports_inline_queries": false,
            "can_connect_to_business": false, "has_main_web_app": false }),
        "getupdates" => {
            let from = body["offset"].as_i64().unwrap_or(0);
            let mut waiting = Vec::new();
            for _ in 0..40 {
                let all = fake.0.lock().unwrap().waiting.clone();
                waiting = all.into_iter().filter(|one| one["update_id"].as_i64() >= Some(from)).collect();
                if !waiting.is_empty() {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(25)).await;
            }
            Value::Array(waiting)
        }
        "sendmessage" => {
            let mut memory = fake.0.lock().unwrap();
            memory.sent.push(body);
            json!({ "message_id": 1000 + memory.sent.len(), "date": 1_790_000_000,
                "chat": { "id": CHAT, "type": "private", "first_name": "Walborg" }, "text": "svar" })
        }
        _ => json!(true),
    };
    Json(json!({ "ok": true, "result": result }))
}

#[tokio::test]
async fn a_question_on_telegram_is_answered_and_the_token_is_nowhere() {
    let fake = FakeTelegram::default();
    let setup = Setup::new().set("SKRANKE_TELEGRAM_TOKEN", TOKEN).set("SKRANKE_TELEMETRY_FILTER", "debug");
    let mut server = setup.set("SKRANKE_TELEGRAM_API_URL", &fake.start().await).start().await;
    fake.writes(1, "Hvordan søger jeg boligstøtte?");
    let answers =
        eventually("the bot answers", async || Some(fake.sent()).filter(|sent| !sent.is_empty())).await;
    assert_eq!(answers[0]["chat_id"], CHAT);
    assert!(answers[0]["text"].as_str().unwrap().contains("oligstøtte"), "{answers:?}");
    server.still_answers().await;
    server.kill9();
    for secret in [TOKEN, "en-hemmelig-token", "Walborg", "7990042113"] {
        assert!(!server.output().contains(secret), "{secret} was written");
        assert!(files_with(&server.data(), secret).is_empty(), "{secret} lies in the data folder");
    }
}
