//! Thousands of citizens at once: the real server over HTTP, every conversation open and remembered, each turn
//! understood, decided, sealed and durable before it is answered.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use bench_measure::{Load, Measured};
use reqwest::header::{ACCEPT, COOKIE};
use skranke_domain::time::Ids;

use crate::city::bytes_of;
use crate::seed::master_key;
use crate::server::{Home, Server};
use crate::world::Uuids;

/// Citizens who wait for an answer at the same time.
pub(super) const CLIENTS: u64 = 64;
/// The name of the field that makes a message sent twice one message.
const KEY: &str = "message";

/// What came out.
pub(super) struct Loaded {
    /// How many conversations were open.
    pub(super) conversations: u64,
    /// How many were begun in a second.
    pub(super) begun: f64,
    /// Turns by one citizen, and by [`CLIENTS`] at once.
    pub(super) turns: Vec<Measured>,
    /// Bytes of memory: at rest, with all conversations open, at the peak.
    pub(super) memory: [u64; 3],
    /// Bytes that a turn leaves in log and views.
    pub(super) bytes_a_turn: u64,
}

/// A chat and what it is asked.
#[derive(Clone)]
struct Chat {
    http: reqwest::Client,
    url: String,
    questions: Arc<Vec<String>>,
}

impl Chat {
    /// One turn of a conversation.
    async fn turn(&self, conversation: u64, number: u64) -> anyhow::Result<()> {
        let place = usize::try_from((conversation * 7 + number) % self.questions.len() as u64)?;
        let (text, key) = (&self.questions[place], Uuids.next().to_string());
        // The token of a cookie: sixteen bytes, in the letters of base64url.
        let cookie = format!("skranke_samtale={conversation:0>21}A");
        let answer = self
            .http
            .post(&self.url)
            .header(ACCEPT, "application/json")
            .header(COOKIE, cookie)
            .form(&[("text", text.as_str()), (KEY, &key), ("lang", "da")])
            .send()
            .await?;
        let status = answer.status();
        let answer: serde_json::Value = answer.json().await.unwrap_or_default();
        anyhow::ensure!(status.is_success() && answer["answer"].is_string(), "no answer, but {status}");
        Ok(())
    }
}

/// Opens the conversations, and lets citizens write in them.
pub(super) async fn measure(
    skranke: &Path,
    dir: &Path,
    conversations: u64,
    questions: Vec<String>,
) -> anyhow::Result<Loaded> {
    anyhow::ensure!(!questions.is_empty(), "there are no questions");
    let home = bench_measure::folder_in(dir)?;
    // The server goes to its folder before it opens it.
    let data = home.path().canonicalize()?.join("data");
    std::fs::create_dir_all(&data)?;
    master_key(&data)?;
    let (server, _) = Home::of(skranke, &data)?.serve().await?;
    let loaded = load(&server, &data, conversations, questions).await?;
    server.stop().await?;
    Ok(loaded)
}

async fn load(
    server: &Server,
    data: &Path,
    conversations: u64,
    questions: Vec<String>,
) -> anyhow::Result<Loaded> {
    server.settle().await?;
    let at_rest = server.memory("VmRSS")?;
    let url = format!("http://{}/samtale", server.address);
    let chat = Chat { http: server.http.clone(), url, questions: Arc::new(questions) };

    let (began, before) = (Instant::now(), bytes_of(data)?);
    let mut clients = tokio::task::JoinSet::new();
    for client in 0..CLIENTS {
        let chat = chat.clone();
        clients.spawn(async move {
            for conversation in (client..conversations).step_by(usize::try_from(CLIENTS)?) {
                chat.turn(conversation, 0).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = clients.join_next().await {
        done?.context("a conversation could not be begun")?;
    }
    let seconds = began.elapsed().as_secs_f64();
    server.settle().await?;
    let (open, after) = (server.memory("VmRSS")?, bytes_of(data)?);

    let mut turns = Vec::new();
    for writers in [1, CLIENTS] {
        let plan = Load { dir: data.to_owned(), writers, seconds: 5.0, warm_up: 1.0 };
        let chat = chat.clone();
        let taken = plan.drive(move |writer, number| {
            let chat = chat.clone();
            // Each citizen in turn, and no two clients in one conversation.
            let conversation = (number * CLIENTS + writer) % conversations;
            async move { chat.turn(conversation, number + 1).await }
        });
        turns.push(taken.await?.rate("turns", writers, "turns/s", 1));
    }
    Ok(Loaded {
        conversations,
        begun: f64::from(u32::try_from(conversations)?) / seconds,
        turns,
        memory: [at_rest, open, server.memory("VmHWM")?],
        bytes_a_turn: (after - before) / conversations.max(1),
    })
}
