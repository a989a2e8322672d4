//! `skranke audit`: packs for auditors, their verification, keys and witnesses. Doc comments are help texts.

#![expect(clippy::doc_markdown, reason = "help texts are no Markdown")]

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use cqrs_es::Aggregate;
use secrecy::ExposeSecret;
use skranke_domain::case::Case;
use skranke_domain::engagement::{Engagement, EngagementEvent};
use skranke_domain::time::{Clock, Ids};
use skranke_domain::{EngagementId, StreamId, Tenant};
use skranke_store::ledger::{
    self, Checkpoint, Checkpoints, Choice, KeyKind, Report, SignedCheckpoint, SigningKey, Trust, VerifierKey,
    Witness,
};
use skranke_store::{EventLog, read as read_event};

use crate::cli::say;
use crate::clock::{SystemClock, SystemIds};
use crate::config::{Config, Secrets};

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Keys that sign checkpoints
    #[command(subcommand)]
    Key(KeyCommand),
    /// Write a pack: events with everything needed to verify them (the server must not be running)
    Export(Export),
    /// Write a pack that proves one event, or only that the log continues a checkpoint (the server must not be running)
    Prove(Prove),
    /// Verify a pack, or a data folder (whose server must not be running)
    Verify(Verify),
    /// Co-sign a checkpoint as a witness, and print it
    Cosign(Cosign),
    /// Checkpoints
    #[command(subcommand)]
    Checkpoint(CheckpointCommand),
}

/// `skranke audit key`.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Print a new key: the private one (for SKRANKE_LEDGER_KEY) and the public one, which verifies
    New {
        /// The key's name: for a log its origin (the default), for a witness one of its own
        #[arg(long, required_if_eq("witness", "true"))]
        name: Option<String>,
        /// A key for a witness
        #[arg(long)]
        witness: bool,
    },
    /// Print the public key that belongs to SKRANKE_LEDGER_KEY
    Show,
}

/// `skranke audit checkpoint`.
#[derive(Debug, Subcommand)]
pub enum CheckpointCommand {
    /// Print the newest signed checkpoint, to be kept outside
    Show,
    /// Take a co-signed checkpoint back into the ledger
    Add {
        /// The checkpoint
        file: PathBuf,
        /// The public key of a witness; one of those given must have signed
        #[arg(long = "witness", required = true)]
        witnesses: Vec<VerifierKey>,
    },
}

/// `skranke audit export`.
#[derive(Debug, Args)]
pub struct Export {
    /// The number of the first event, from 0
    #[arg(long, default_value_t = 0, conflicts_with = "stream")]
    from: u64,
    /// The number after the last event [default: all that is signed]
    #[arg(long, conflicts_with = "stream")]
    to: Option<u64>,
    /// Only the events of this stream, each with a proof that it is in the log
    #[arg(long)]
    stream: Option<StreamId>,
    /// Only an auditor's engagement: what was done in it, and the cases that were drawn or that a finding is about, each
    /// event with a proof that it is in the log
    #[arg(long, requires = "tenant", conflicts_with_all = ["from", "to", "stream"])]
    engagement: Option<EngagementId>,
    /// The code of the municipality that the engagement is in
    #[arg(long, requires = "engagement")]
    tenant: Option<Tenant>,
    #[command(flatten)]
    against: Against,
    /// The file to write
    out: PathBuf,
}

/// `skranke audit prove`.
#[derive(Debug, Args)]
pub struct Prove {
    /// The number of an event, from 0
    #[arg(long, required_unless_present = "since")]
    event: Option<u64>,
    #[command(flatten)]
    against: Against,
    /// The file to write
    out: PathBuf,
}

/// What a pack is measured against.
#[derive(Debug, Args)]
pub struct Against {
    /// Prove that the log continues the checkpoint in this file
    #[arg(long)]
    since: Vec<PathBuf>,
    /// Measure against the newest co-signed checkpoint instead of the newest one
    #[arg(long)]
    witnessed: bool,
}

/// `skranke audit verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// A pack or a data folder [default: the configured log and data folder]
    path: Option<PathBuf>,
    /// A checkpoint that was kept outside
    #[arg(long = "checkpoint")]
    checkpoints: Vec<PathBuf>,
    /// The log's public key
    #[arg(long = "key")]
    keys: Vec<VerifierKey>,
    /// The public key of a witness
    #[arg(long = "witness")]
    witnesses: Vec<VerifierKey>,
    /// How many of the witnesses must have co-signed
    #[arg(long, default_value_t = 0)]
    require: usize,
}

/// `skranke audit cosign`.
#[derive(Debug, Args)]
pub struct Cosign {
    /// The checkpoint
    checkpoint: PathBuf,
    /// A file with the witness's private key
    #[arg(long)]
    key: PathBuf,
    /// The log's public key
    #[arg(long)]
    log: VerifierKey,
    /// The file in which the newest checkpoint co-signed is remembered
    #[arg(long)]
    seen: PathBuf,
    /// A pack that proves that the checkpoint continues the remembered one
    #[arg(long)]
    proof: Option<PathBuf>,
    /// Nothing is remembered yet: begin with this checkpoint
    #[arg(long)]
    first: bool,
}

/// The folder of the ledger.
pub fn ledger_dir(config: &Config) -> PathBuf {
    config.data.join("ledger")
}

/// The log's name.
pub fn origin(config: &Config, ids: &dyn Ids) -> anyhow::Result<String> {
    let wanted = Some(config.ledger.origin.as_str()).filter(|origin| !origin.is_empty());
    Ok(ledger::origin(&ledger_dir(config), wanted, || ids.next())?)
}

/// Runs a command.
pub async fn execute(command: Audit, config: &Config, secrets: &Secrets) -> anyhow::Result<()> {
    match command {
        Audit::Key(KeyCommand::New { name, witness }) => {
            let kind = if witness { KeyKind::Witness } else { KeyKind::Log };
            let name = name.map_or_else(|| origin(config, &SystemIds), Ok)?;
            let (key, secret) = SigningKey::generate(&name, kind)?;
            say(&format!("{}\n{}", secret.expose_secret(), key.verifier()))
        }
        Audit::Key(KeyCommand::Show) => {
            say(&own_key(secrets)?.context("SKRANKE_LEDGER_KEY is not set")?.to_string())
        }
        Audit::Export(Export { from, to, stream, engagement, tenant, against, out }) => {
            let what = match (engagement.zip(tenant), stream) {
                (Some((id, tenant)), _) => What::Engagement(Engagement::stream(tenant, id)),
                (None, Some(stream)) => What::Chosen(Choice::Stream(stream)),
                (None, None) => What::Chosen(Choice::Span { from, to }),
            };
            export(config, what, &against, &out).await
        }
        Audit::Prove(Prove { event, against, out }) => {
            let choice = event.map_or(Choice::Nothing, Choice::Event);
            export(config, What::Chosen(choice), &against, &out).await
        }
        Audit::Verify(verify) => self::verify(verify, config, secrets).await,
        Audit::Cosign(cosign) => self::cosign(cosign),
        Audit::Checkpoint(CheckpointCommand::Show) => {
            let newest = Checkpoints::new(&ledger_dir(config)).newest()?;
            say(&newest.context("no checkpoint was signed yet")?.to_string())
        }
        Audit::Checkpoint(CheckpointCommand::Add { file, witnesses }) => {
            for signed in checkpoints(&file)? {
                ledger::accept_cosigned(&ledger_dir(config), &signed, &witnesses)?;
                say(&format!("the co-signatures on {} events are kept", signed.checkpoint().size))?;
            }
            Ok(())
        }
    }
}

fn own_key(secrets: &Secrets) -> anyhow::Result<Option<VerifierKey>> {
    let Some(key) = &secrets.ledger_key else { return Ok(None) };
    Ok(Some(SigningKey::from_text(key).context("SKRANKE_LEDGER_KEY")?.verifier().clone()))
}

/// What goes into a pack.
enum What {
    /// What was named.
    Chosen(Choice),
    /// An engagement with its cases, which only its own stream tells.
    Engagement(StreamId),
}

impl What {
    async fn choice(self, log: &dyn EventLog) -> anyhow::Result<Choice> {
        match self {
            Self::Chosen(choice) => Ok(choice),
            Self::Engagement(stream) => engagement_streams(log, stream).await.map(Choice::Streams),
        }
    }
}

/// The stream of an engagement, and those of the cases that were drawn in it or that a finding of it is about.
async fn engagement_streams(log: &dyn EventLog, stream: StreamId) -> anyhow::Result<BTreeSet<StreamId>> {
    let (mut engagement, mut fault) = (Engagement::default(), None);
    log.fold_stream(&stream, 0, &mut |recorded| match read_event::<EngagementEvent>(&recorded) {
        Ok(reading) => {
            reading.events().iter().for_each(|event| engagement.apply(event.clone()));
            ControlFlow::Continue(())
        }
        Err(error) => {
            fault = Some(error);
            ControlFlow::Break(())
        }
    })
    .await?;
    if let Some(error) = fault {
        return Err(error.into());
    }
    let file = engagement.file().with_context(|| format!("there is no engagement {stream}"))?;
    let found = file.findings.values().filter_map(|finding| finding.case);
    let cases = file.drawn.iter().copied().chain(found).map(|case| Case::stream(stream.tenant(), case));
    Ok(cases.chain([stream.clone()]).collect())
}

/// Writes beside the file and renames at the end: half a pack is never taken for one.
async fn export(config: &Config, what: What, against: &Against, out: &Path) -> anyhow::Result<()> {
    let dir = ledger_dir(config);
    let anchor = if against.witnessed {
        let newest = Checkpoints::new(&dir).newest_cosigned()?;
        Some(newest.context("no co-signed checkpoint was taken back yet: `skranke audit checkpoint add`")?)
    } else {
        None
    };
    let since = outside(&against.since)?;
    let since: Vec<Checkpoint> = since.iter().map(|signed| signed.checkpoint().clone()).collect();
    let mut part = out.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let cannot = || format!("cannot write {}", part.display());
    let log = skranke_store::open(&config.log).await?;
    let choice = match what.choice(&*log).await {
        Ok(choice) => choice,
        Err(error) => {
            log.close().await;
            return Err(error);
        }
    };
    let mut file = BufWriter::with_capacity(1 << 20, File::create(&part).with_context(cannot)?);
    let exported = ledger::export(&*log, &dir, &choice, anchor, &since, &mut file).await;
    log.close().await;
    let exported = match exported {
        Ok(exported) => exported,
        Err(error) => {
            // What was written so far is no pack; that it may stay behind is no second fault.
            let _ = std::fs::remove_file(&part);
            return Err(error.into());
        }
    };
    file.flush().and_then(|()| file.get_ref().sync_all()).with_context(cannot)?;
    std::fs::rename(&part, out).with_context(|| format!("cannot write {}", out.display()))?;
    say(&format!("written: {} of {} signed events", exported.events, exported.size))
}

async fn verify(verify: Verify, config: &Config, secrets: &Secrets) -> anyhow::Result<()> {
    let Verify { path, checkpoints, mut keys, witnesses, require } = verify;
    let outside = outside(&checkpoints)?;
    if keys.is_empty() {
        // The operator's own check. Whoever verifies from outside has no private key and names the public one.
        keys.extend(own_key(secrets)?);
    }
    if keys.is_empty() && outside.is_empty() {
        anyhow::bail!(
            "give the log's public key (--key) or a checkpoint that was kept outside (--checkpoint): what stands in \
             the files themselves proves nothing"
        );
    }
    let trust = Trust { keys, witnesses, require, outside };
    let report = match path {
        Some(path) if path.is_dir() => {
            verify_folder(&format!("file:{}", path.display()), &path.join("ledger"), &trust).await?
        }
        Some(path) => {
            let file = File::open(&path).with_context(|| format!("cannot read {}", path.display()))?;
            ledger::verify_pack(BufReader::with_capacity(1 << 20, file), &trust)
        }
        None => verify_folder(&config.log, &ledger_dir(config), &trust).await?,
    };
    tell(&report)
}

async fn verify_folder(log: &str, ledger: &Path, trust: &Trust) -> anyhow::Result<Report> {
    if !ledger.is_dir() {
        anyhow::bail!("there is no ledger in {}", ledger.display());
    }
    let log = skranke_store::open(log).await?;
    let report = ledger::verify_log(&*log, ledger, trust).await;
    log.close().await;
    Ok(report?)
}

fn tell(report: &Report) -> anyhow::Result<()> {
    for line in &report.checked {
        say(line)?;
    }
    for line in &report.faults {
        say(&format!("WRONG: {line}"))?;
    }
    if report.more > 0 {
        say(&format!("… and {} more", report.more))?;
    }
    match report.faults.len() as u64 + report.more {
        0 => say("VERIFIED"),
        1 => anyhow::bail!("not verified: 1 fault"),
        faults => anyhow::bail!("not verified: {faults} faults"),
    }
}

fn cosign(cosign: Cosign) -> anyhow::Result<()> {
    let Cosign { checkpoint, key, log, seen, proof, first } = cosign;
    let text = read(&key)?;
    let witness = Witness { key: SigningKey::from_text(&text.into())?, log, seen };
    let signed: SignedCheckpoint = read(&checkpoint)?.parse()?;
    let mut proof = match proof {
        Some(path) => {
            let file = File::open(&path).with_context(|| format!("cannot read {}", path.display()))?;
            Some(BufReader::new(file))
        }
        None => None,
    };
    let proof = proof.as_mut().map(|proof| proof as &mut dyn std::io::Read);
    let seconds = u64::try_from(SystemClock.now().as_second()).context("the clock stands before 1970")?;
    say(&witness.cosign(signed, proof, first, seconds)?.to_string())
}

fn outside(files: &[PathBuf]) -> anyhow::Result<Vec<SignedCheckpoint>> {
    let mut found = Vec::new();
    for file in files {
        found.extend(checkpoints(file)?);
    }
    Ok(found)
}

/// The checkpoints in a file: one, or a day's.
fn checkpoints(file: &Path) -> anyhow::Result<Vec<SignedCheckpoint>> {
    let found = SignedCheckpoint::many(&read(file)?).with_context(|| file.display().to_string())?;
    if found.is_empty() {
        anyhow::bail!("there is no checkpoint in {}", file.display());
    }
    Ok(found)
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}
