//! Webhooks: systems outside are told that something happened, as CloudEvents 1.0, signed as Standard Webhooks are.
//!
//! Each webhook follows the log from its own checkpoint, one event after the other: at least once, and in the order of
//! the log. What is not taken in is sent again, later and later, until it is given up; resumed, it goes on with the same
//! event. The checkpoint is written after the answer, so a crash repeats one event at most; its `webhook-id` is the same.
//! Where several nodes share the log, one of them tells; another that takes over goes on from what was noted in the log
//! (see [`note`]), and repeats what was taken in since. Receivers tell repetitions apart by that id.
//!
//! What is sent holds no personal data: type, number, place and time. The receiver asks for the rest through the API.

mod address;
mod note;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cqrs_es::Aggregate;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use skranke_domain::case::Case;
use skranke_domain::inquiry::Inquiry;
use skranke_domain::time::Clock;
use skranke_domain::user::{Origin, Scope, User};
use skranke_domain::webhook::{Webhook, WebhookAct, WebhookCommand};
use skranke_domain::{Act, By, Role, Tenant, WebhookId};
use skranke_projections::{Views, WebhookRow};
use skranke_store::{Desk, Filter, Left, LoadError, LogError, Recorded};
use tokio::task::JoinHandle;

use crate::checkpoint::{Checkpoint, replace};
use crate::config;
use crate::turn::Turns;
use note::Note;

pub(crate) use address::callable;

/// How often webhooks are looked for that were opened, resumed or closed.
const OFTEN: Duration = Duration::from_secs(1);
/// How long a receiver may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// The longest pause before something is sent again.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);
/// How long to wait for an owner who may not be told anything at the moment.
const NOT_NOW: Duration = Duration::from_secs(30);

/// Everything that telling needs.
#[derive(Clone)]
pub(crate) struct Teller {
    pub(crate) desk: Desk,
    pub(crate) views: Views,
    pub(crate) offices: Vec<Tenant>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rules: config::Webhooks,
    /// What events are said to come from.
    pub(crate) source: String,
    /// Where the checkpoints stand.
    pub(crate) dir: PathBuf,
}

/// A webhook that is being told, until it is let go.
struct Line {
    revision: u64,
    task: JoinHandle<()>,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Teller {
    /// Tells as far as it is this node's turn, until it leaves.
    pub(crate) async fn tell(self, turns: Turns) {
        if let Err(error) = std::fs::create_dir_all(&self.dir) {
            tracing::error!(error = %error, "webhooks cannot keep their checkpoints");
        }
        loop {
            let client = match address::client(self.rules.private, PATIENCE) {
                Ok(client) => client,
                Err(error) => {
                    tracing::error!(error = %error, "webhooks have no client");
                    return;
                }
            };
            if !turns.take("webhooks", self.tell_all(client)).await {
                return;
            }
        }
    }

    async fn tell_all(&self, client: reqwest::Client) -> Result<(), LogError> {
        let mut lines: HashMap<(Tenant, WebhookId), Line> = HashMap::new();
        loop {
            let mut live = HashMap::new();
            for &tenant in &self.offices {
                let rows = self.views.webhooks(tenant).await;
                let rows = rows.map_err(|error| LogError::Unavailable(error.to_string().into()))?;
                let rows = rows.into_iter().filter(|row| row.dead_since.is_none());
                live.extend(rows.map(|row| ((tenant, row.id), row)));
            }
            lines.retain(|key, line| live.get(key).is_some_and(|row| row.revision == line.revision));
            for (key, row) in live {
                lines.entry(key).or_insert_with(|| {
                    let told = Told {
                        teller: self.clone(),
                        client: client.clone(),
                        tenant: key.0,
                        checkpoint: Checkpoint::new(self.dir.join(format!("{}.position", row.id))),
                        failing: self.dir.join(format!("{}.failing", row.id)),
                        row,
                    };
                    Line { revision: told.row.revision, task: tokio::spawn(told.follow()) }
                });
            }
            tokio::time::sleep(OFTEN).await;
        }
    }
}

/// One webhook.
struct Told {
    teller: Teller,
    client: reqwest::Client,
    tenant: Tenant,
    row: WebhookRow,
    checkpoint: Checkpoint,
    /// Since when nothing is taken in, so that a restart does not begin to count anew.
    failing: PathBuf,
}

impl Told {
    async fn follow(mut self) {
        let stream = Webhook::stream(self.tenant, self.row.id);
        let opener = self.teller.desk.keys().for_stream(&stream);
        if self.row.address.open_with(&opener).is_err() || self.row.secret.open_with(&opener).is_err() {
            tracing::error!(webhook.id = %self.row.id, "webhook {} could not be opened", self.row.id);
            return;
        }
        let Teller { desk, clock, .. } = &self.teller;
        let mut note = Note::of(desk, clock, self.tenant, self.row.id);
        while let Err(error) = self.follow_log(&mut note).await {
            tracing::warn!(webhook.id = %self.row.id, error = %error, "a webhook waits for the log");
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    }

    /// Ends when the webhook was given up.
    async fn follow_log(&self, note: &mut Note) -> Result<(), LogError> {
        let prefixes = [Case::TYPE, Inquiry::TYPE].map(|category| format!("{category}-{}-", self.tenant));
        let filter = Filter { event_types: self.row.event_types.clone(), stream_prefixes: prefixes.into() };
        let from = self.checkpoint.read().max(note.read().await?).max(self.row.opened);
        let mut subscription = self.teller.desk.log().subscribe(from, filter).await?;
        loop {
            let page = note.beside(subscription.next(1)).await?;
            for recorded in &page.events {
                if !note.beside(self.deliver(recorded)).await? {
                    note.write().await;
                    return Ok(());
                }
                self.checkpoint.write(page.next);
                note.told(recorded).await;
            }
        }
    }

    /// Sends an event until it is taken in; `false`: that was given up.
    async fn deliver(&self, recorded: &Recorded) -> Result<bool, LogError> {
        let mut pause = Duration::from_secs(self.teller.rules.retry_seconds.max(1));
        loop {
            match self.may_hear(recorded).await? {
                Hearing::Yes => {}
                // It is not theirs to know, and never was.
                Hearing::No => return Ok(true),
                Hearing::NotNow => {
                    tokio::time::sleep(NOT_NOW).await;
                    continue;
                }
            }
            let now = self.teller.clock.now();
            let answer = self.send(recorded, now).await;
            if matches!(answer, Answer::Taken) {
                // It need not be there.
                let _ = std::fs::remove_file(&self.failing);
                return Ok(true);
            }
            let since = self.failing_since(now);
            let given = SignedDuration::from_hours(i64::from(self.teller.rules.give_up_hours));
            if matches!(answer, Answer::Gone) || now.duration_since(since) >= given {
                return self.give_up(since).await.map(|()| false);
            }
            tokio::time::sleep(jittered(pause)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Whether whoever owns the webhook may know of what happened in this stream, at this moment.
    async fn may_hear(&self, recorded: &Recorded) -> Result<Hearing, LogError> {
        let stream = User::stream(self.tenant, self.row.owner);
        let owner = match self.teller.desk.load::<User>(&stream).await {
            Ok((owner, _)) => owner,
            Err(LoadError::Newer(_)) => return Ok(Hearing::NotNow),
            Err(LoadError::Log(error)) => return Err(error),
        };
        let Some(account) = owner.account() else { return Ok(Hearing::No) };
        let needed =
            if recorded.stream.category() == Case::TYPE { Scope::CasesRead } else { Scope::InquiriesRead };
        Ok(match &account.origin {
            Origin::Service(access) if !access.scopes.has(needed) => Hearing::No,
            Origin::Service(_) if owner.roles().has(Role::Caseworker) => Hearing::Yes,
            Origin::BuiltIn | Origin::Provider if owner.roles().has(Role::Administrator) => Hearing::Yes,
            Origin::BuiltIn | Origin::Provider | Origin::Service(_) => Hearing::NotNow,
        })
    }

    async fn send(&self, recorded: &Recorded, now: Timestamp) -> Answer {
        let (Some(address), Some(secret)) = (self.row.address.value(), self.row.secret.value()) else {
            return Answer::Gone;
        };
        // The rules may have changed since it was opened.
        if !callable(address, self.teller.rules.private) {
            return Answer::Failed;
        }
        let body = self.body(recorded).await.to_string();
        let (id, time) = (recorded.id.to_string(), now.as_second().to_string());
        let request = self
            .client
            .post(address)
            .header("content-type", "application/cloudevents+json; charset=utf-8")
            .header("webhook-signature", signature(secret, &id, &time, &body))
            .header("webhook-id", id)
            .header("webhook-timestamp", time)
            .body(body);
        match request.send().await {
            Ok(response) if response.status().is_success() => Answer::Taken,
            // The receiver says that it is not there any more (Standard Webhooks).
            Ok(response) if response.status() == reqwest::StatusCode::GONE => Answer::Gone,
            Ok(response) => {
                let (id, status) = (self.row.id, response.status().as_u16());
                tracing::info!(webhook.id = %id, status, "webhook {id} was not taken in");
                Answer::Failed
            }
            // The error names the address.
            Err(_) => {
                let id = self.row.id;
                tracing::info!(webhook.id = %id, "the receiver of webhook {id} did not answer");
                Answer::Failed
            }
        }
    }

    /// The event in the structured mode of CloudEvents.
    async fn body(&self, recorded: &Recorded) -> serde_json::Value {
        let key = recorded.stream.key();
        let mut data = json!({ "revision": recorded.revision, "position": recorded.position.0.to_string() });
        if recorded.stream.category() == Case::TYPE {
            data["caseId"] = json!(key);
            data["caseNumber"] = json!(self.case_number(recorded).await);
        } else {
            data["inquiryId"] = json!(key);
        }
        json!({
            "specversion": "1.0",
            "id": recorded.id,
            "source": format!("{}/{}", self.teller.source, self.tenant),
            "type": format!("dk.skranke.{}", recorded.event_type.as_str()),
            "subject": format!("{}/{key}", recorded.stream.category()),
            "time": recorded.recorded_at.to_string(),
            "datacontenttype": "application/json",
            "data": data,
        })
    }

    /// The number of the case, where the views know it by now.
    async fn case_number(&self, recorded: &Recorded) -> Option<String> {
        let views = &self.teller.views;
        views.wait_for(recorded.position, Duration::from_secs(3)).await;
        let case = recorded.stream.key().parse().ok()?;
        let rows = views.work_rows(self.tenant, vec![case]).await.ok()?;
        rows.into_iter().next().map(|row| row.number)
    }

    fn failing_since(&self, now: Timestamp) -> Timestamp {
        let noted = std::fs::read_to_string(&self.failing).ok().and_then(|text| text.trim().parse().ok());
        noted.unwrap_or_else(|| {
            replace(&self.failing, &now.to_string());
            now
        })
    }

    async fn give_up(&self, failing_since: Timestamp) -> Result<(), LogError> {
        let Teller { desk, clock, .. } = &self.teller;
        let act = Act::system(self.tenant, clock.now(), desk.ids().next());
        let command = WebhookCommand { act: WebhookAct::Die { failing_since }, under: By::of(&act) };
        let stream = Webhook::stream(self.tenant, self.row.id);
        match desk.execute::<Webhook>(&stream, command, &act).await {
            Ok(_) => {}
            Err(failure) => match failure.left()? {
                Left::Nothing | Left::Newer(_) => {}
                Left::Retry { actual } => return Err(LogError::WrongExpected { actual }),
            },
        }
        // Resumed, it is given its time anew.
        let _ = std::fs::remove_file(&self.failing);
        tracing::warn!(webhook.id = %self.row.id, "webhook {} was given up", self.row.id);
        Ok(())
    }
}

/// Whether an owner may be told.
enum Hearing {
    Yes,
    /// Never of this.
    No,
    /// Not while they are locked or without a role.
    NotNow,
}

/// What a receiver made of an event.
enum Answer {
    Taken,
    Failed,
    Gone,
}

/// The signature of Standard Webhooks: HMAC-SHA256 over id, time and body.
fn signature(secret: &str, id: &str, time: &str, body: &str) -> String {
    let bits = STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap_or_default();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &bits);
    let tag = hmac::sign(&key, format!("{id}.{time}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(tag.as_ref()))
}

/// Between half of a pause and the whole of it, so that receivers that came back are not called by all at once.
fn jittered(pause: Duration) -> Duration {
    let mut die = [0_u8; 1];
    // Without dice, the whole of it.
    let _ = getrandom::fill(&mut die);
    pause.mul_f64(1.0 - f64::from(die[0]) / 512.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Standard Webhooks specification's reference libraries.
    #[test]
    fn the_signature_is_the_one_of_the_specification() {
        let signed = signature(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            "{\"test\": 2432232314}",
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn pauses_differ_and_never_grow() {
        let pause = Duration::from_secs(10);
        for _ in 0..100 {
            let jittered = jittered(pause);
            assert!(jittered <= pause && jittered >= pause / 2);
        }
    }
}
