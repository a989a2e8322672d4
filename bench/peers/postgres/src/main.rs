//! cqrs-es with postgres-es, and the bare database under it, measured as Skranke is.

use std::collections::HashMap;
use std::hint::black_box;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Instant;

use bench_measure::{Load, METADATA, Measured, Note, PER_STREAM, stream};
use clap::{Parser, Subcommand};
use cqrs_es::event_sink::EventSink;
use cqrs_es::persist::PersistedEventRepository;
use cqrs_es::{Aggregate, DomainEvent};
use postgres_es::{PostgresEventRepository, postgres_cqrs};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const NAME: &str = "cqrs-es + postgres-es";

/// As in the crate's own `db/init.sql`, and a table without an aggregate's constraints for the bare inserts.
const TABLES: &str = "
DROP TABLE IF EXISTS events, bare;
CREATE TABLE events (
    aggregate_type text                         NOT NULL,
    aggregate_id   text                         NOT NULL,
    sequence       bigint CHECK (sequence >= 0) NOT NULL,
    event_type     text                         NOT NULL,
    event_version  text                         NOT NULL,
    payload        json                         NOT NULL,
    metadata       json                         NOT NULL,
    PRIMARY KEY (aggregate_type, aggregate_id, sequence)
);
CREATE TABLE bare (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream text NOT NULL, revision bigint NOT NULL, type text NOT NULL, data bytea NOT NULL, metadata bytea NOT NULL
);";

#[derive(Parser)]
struct Arguments {
    /// Where the server is.
    #[arg(long)]
    url: String,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// One INSERT per transaction, without a framework.
    Insert(Load),
    /// Whole commands through the framework.
    Commands(Load),
    /// Writes a history, into a schema of that name.
    Fill {
        #[arg(long)]
        history: String,
        #[arg(long)]
        events: u64,
    },
    /// Reads it, each event decoded.
    Replay {
        #[arg(long)]
        history: String,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { url, what } = Arguments::parse();
    match what {
        What::Insert(load) => {
            let pool = connect(&url, "bench", load.writers).await?;
            sqlx::raw_sql(TABLES).execute(&pool).await?;
            insert(load, pool).await?.print()
        }
        What::Commands(load) => {
            let pool = connect(&url, "bench", load.writers).await?;
            sqlx::raw_sql(TABLES).execute(&pool).await?;
            commands(load, pool).await?.print()
        }
        What::Fill { events, .. } => fill(connect(&url, "history", 1).await?, events).await,
        What::Replay { .. } => replay(connect(&url, "history", 1).await?).await?.print(),
    }
}

/// A pool of as many connections as there are writers, in a schema of its own.
async fn connect(url: &str, schema: &str, writers: u64) -> anyhow::Result<PgPool> {
    let options = PgConnectOptions::from_str(url)?
        .options([("search_path", schema), ("client_min_messages", "warning")]);
    let pool = PgPoolOptions::new().max_connections(u32::try_from(writers)?).connect_with(options).await?;
    sqlx::raw_sql(&format!("CREATE SCHEMA IF NOT EXISTS {schema}")).execute(&pool).await?;
    Ok(pool)
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum CaseEvent {
    NoteAdded(Note),
}

impl DomainEvent for CaseEvent {
    fn event_type(&self) -> String {
        Note::TYPE.to_owned()
    }
    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Case {
    notes: u64,
    last: String,
}

#[derive(Debug, thiserror::Error)]
#[error("a case has no more than {PER_STREAM} notes here")]
struct Full;

impl Aggregate for Case {
    const TYPE: &'static str = "case";
    type Command = Note;
    type Event = CaseEvent;
    type Error = Full;
    type Services = ();

    async fn handle(&mut self, note: Note, (): &(), sink: &EventSink<Self>) -> Result<(), Full> {
        if self.notes >= PER_STREAM {
            return Err(Full);
        }
        sink.write(CaseEvent::NoteAdded(note), self).await;
        Ok(())
    }

    fn apply(&mut self, event: CaseEvent) {
        let CaseEvent::NoteAdded(note) = event;
        self.notes += 1;
        self.last = note.text;
    }
}

async fn commands(load: Load, pool: PgPool) -> anyhow::Result<Measured> {
    let framework = Arc::new(postgres_cqrs::<Case>(pool, vec![], ()));
    let metadata: HashMap<String, String> = serde_json::from_str(METADATA)?;
    let taken = load
        .drive(move |writer, number| {
            let (framework, metadata) = (Arc::clone(&framework), metadata.clone());
            async move {
                let note = Note::of(writer, number);
                Ok(framework.execute_with_metadata(&stream(writer, number), note, metadata).await?)
            }
        })
        .await?;
    Ok(taken.rate(NAME, load.writers, "commands/s", 1))
}

async fn insert(load: Load, pool: PgPool) -> anyhow::Result<Measured> {
    let taken = load
        .drive(move |writer, number| {
            let pool = pool.clone();
            async move {
                sqlx::query(
                    "INSERT INTO bare (stream, revision, type, data, metadata) VALUES ($1, $2, $3, $4, $5)",
                )
                .bind(stream(writer, number))
                .bind(i64::try_from(number % PER_STREAM)?)
                .bind(Note::TYPE)
                .bind(Note::of(writer, number).to_json()?)
                .bind(METADATA.as_bytes())
                .execute(&pool)
                .await?;
                Ok(())
            }
        })
        .await?;
    Ok(taken.rate("raw PostgreSQL insert", load.writers, "rows/s", 1))
}

/// The rows that the framework would write, a thousand at a time.
async fn fill(pool: PgPool, events: u64) -> anyhow::Result<()> {
    sqlx::raw_sql(TABLES).execute(&pool).await?;
    for first in (0..events).step_by(1000) {
        let (mut streams, mut sequences, mut payloads) = (Vec::new(), Vec::new(), Vec::new());
        for number in first..events.min(first + 1000) {
            streams.push(stream(0, number));
            sequences.push(i64::try_from(number % PER_STREAM)? + 1);
            payloads.push(serde_json::to_string(&CaseEvent::NoteAdded(Note::of(0, number)))?);
        }
        sqlx::query(
            "INSERT INTO events SELECT 'case', stream, sequence, 'NoteAdded', '1.0', payload::json, $4::json
             FROM unnest($1::text[], $2::bigint[], $3::text[]) AS row (stream, sequence, payload)",
        )
        .bind(streams)
        .bind(sequences)
        .bind(payloads)
        .bind(METADATA)
        .execute(&pool)
        .await?;
    }
    sqlx::raw_sql("VACUUM ANALYZE events").execute(&pool).await?;
    Ok(())
}

async fn replay(pool: PgPool) -> anyhow::Result<Measured> {
    let repository = PostgresEventRepository::new(pool);
    let began = Instant::now();
    let mut events = 0;
    let mut stream = repository.stream_all_events::<Case>().await?;
    while let Some(event) = stream.next::<Case>(&[]).await {
        black_box(event?);
        events += 1;
    }
    Ok(Measured::replay(&format!("replay: {NAME}"), events, began.elapsed()))
}
