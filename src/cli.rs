//! The command line. Doc comments here are the help texts that people read in a terminal.

#![expect(clippy::doc_markdown, reason = "help texts are no Markdown")]

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Parser, Subcommand, ValueEnum};
use secrecy::ExposeSecret;
use skranke_content::Library;
use skranke_domain::{Role, Roles, SubjectId, Tenant};
use skranke_store::MasterKey;

use crate::audit::{self, Audit};
use crate::config::{Config, SAMPLE, Secrets};
use crate::house::House;
use crate::knowledge::command;
use crate::{chat_calibrate, chat_eval, chat_explain, demo, keys, log, rules, services, telemetry};

/// Skranke, the counter: citizens ask, caseworkers decide, auditors replay.
///
/// Start with `skranke serve --demo` and open http://127.0.0.1:8080.
///
/// Settings come from the command line, the environment (SKRANKE_LISTEN …), a file (skranke.toml) and defaults, in
/// this order. Secrets come from the environment only: SKRANKE_MASTER_KEY, SKRANKE_MASTER_KEY_OLD,
/// SKRANKE_MASTER_KEY_NEW, SKRANKE_LEDGER_KEY, SKRANKE_TELEGRAM_TOKEN, SKRANKE_PASSWORD.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, propagate_version = true)]
pub struct Cli {
    /// The configuration file [default: skranke.toml, if there is one]
    #[arg(long, global = true, env = "SKRANKE_CONFIG")]
    config: Option<PathBuf>,
    /// The data folder: log, views, keys and sessions [default: data]
    #[arg(long, global = true)]
    data: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the counter, the dashboard and the API
    Serve(Serve),
    /// Make any number of invented cases (the server must not be running)
    LoadDemo {
        /// How many
        #[arg(long, default_value_t = 100)]
        cases: u64,
    },
    /// Accounts of staff
    #[command(subcommand)]
    User(User),
    /// The master key that wraps the keys of personal fields
    #[command(subcommand)]
    Key(Key),
    /// Prove the history, and verify proofs
    #[command(subcommand)]
    Audit(Audit),
    /// The read models, which can be thrown away at any time
    #[command(subcommand)]
    Views(ViewsCommand),
    /// The log itself
    #[command(subcommand)]
    Log(log::Log),
    /// The register of self-service solutions
    #[command(subcommand)]
    Services(services::Services),
    /// Rule files and the KLE list
    #[command(subcommand)]
    Rules(rules::Rules),
    /// The articles that the counter answers with
    #[command(subcommand)]
    Knowledge(command::Knowledge),
    /// Ask the counter's understanding
    #[command(subcommand)]
    Chat(Chat),
    /// Print the configuration file with every setting and its default
    Config,
    /// Print the GraphQL schema
    Schema,
}

#[derive(Debug, Args)]
struct Serve {
    /// Make demo data when the log is empty, and a key when there is none; print the log-ins
    #[arg(long)]
    demo: bool,
    /// The address to serve on [default: 127.0.0.1:8080]
    #[arg(long)]
    listen: Option<std::net::SocketAddr>,
    #[cfg(feature = "endpoint")]
    #[command(flatten)]
    kurrent: Kurrent,
}

/// The endpoint for KurrentDB's own clients.
#[cfg(feature = "endpoint")]
#[derive(Debug, Args)]
#[expect(clippy::struct_field_names, reason = "they are what the options are called")]
struct Kurrent {
    /// Serve the log to KurrentDB clients here; auditors log in as MUNICIPALITY.LOGIN, for example 0190.rita
    #[arg(long)]
    kurrent_listen: Option<std::net::SocketAddr>,
    /// The certificate to encrypt those connections with, as a PEM file; without one, listen on loopback or behind a
    /// proxy that terminates TLS (the Python client sends no password over a connection that is not encrypted)
    #[arg(long, requires = "kurrent_listen", requires = "kurrent_key")]
    kurrent_certificate: Option<PathBuf>,
    /// The certificate's private key, as a PEM file
    #[arg(long, requires = "kurrent_certificate")]
    kurrent_key: Option<PathBuf>,
    /// Let administrators append and delete through it, past every rule (for tests and migration)
    #[arg(long, requires = "kurrent_listen")]
    kurrent_writable: bool,
}

#[derive(Debug, Subcommand)]
enum User {
    /// Take in a member of staff; the password is read from SKRANKE_PASSWORD
    Add {
        /// The municipality's code, for example 0190
        #[arg(long)]
        tenant: Tenant,
        /// The name to log in with
        #[arg(long)]
        login: String,
        /// The name colleagues see
        #[arg(long)]
        name: String,
        /// A role; give it several times for several
        #[arg(long = "role", required = true)]
        roles: Vec<RoleName>,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleName {
    Caseworker,
    TeamLead,
    Auditor,
    Administrator,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Caseworker => Self::Caseworker,
            RoleName::TeamLead => Self::TeamLead,
            RoleName::Auditor => Self::Auditor,
            RoleName::Administrator => Self::Administrator,
        }
    }
}

#[derive(Debug, Subcommand)]
enum Key {
    /// Print a new key for SKRANKE_MASTER_KEY
    New,
    /// Move all keys from the master key in SKRANKE_MASTER_KEY to the one in SKRANKE_MASTER_KEY_NEW
    ///
    /// Afterwards the old one opens nothing. May be stopped at any moment and started again with the same two keys.
    /// With an embedded log the server must not be running; nodes on a shared log may go on, once each has been
    /// restarted with the new key in SKRANKE_MASTER_KEY and the present one in SKRANKE_MASTER_KEY_OLD.
    Rotate {
        /// Without keys in the environment: move a demonstration to a new key file
        #[arg(long)]
        demo: bool,
    },
    /// Copy the key ring's file (wrapped keys), also while the server runs
    ///
    /// Keep it apart from the log's backup, and for a short time: whoever restores it brings back those whose keys were
    /// destroyed since. A KurrentDB log holds its key ring itself.
    Backup {
        /// The file to write; it must not be there
        to: PathBuf,
    },
    /// Destroy the key of one subject, and with it everything personal that is stored about them
    ///
    /// THIS CANNOT BE UNDONE. Type, time and author of each event stay; names and texts are erased in the log, the
    /// views and every answer. Nothing personal can be written about this subject any more. It checks neither that
    /// journal and archive duties allow it nor that a second person agrees: use it where the server cannot, and else
    /// let two people decide in the API (`erasureRequest`), which asks for both and leaves a trace in the log. With an
    /// embedded log the server must not be running.
    Destroy {
        /// The municipality's code, for example 0190; 0000 for conversations at the counter
        #[arg(long)]
        tenant: Tenant,
        /// The subject's id, as the events name it
        #[arg(long)]
        subject: SubjectId,
        /// I know that this cannot be undone
        #[arg(long)]
        yes: bool,
        /// Without a key in the environment: use the demonstration's key file
        #[arg(long)]
        demo: bool,
    },
}

#[derive(Debug, Subcommand)]
enum ViewsCommand {
    /// Delete the views; the next start builds them again from the log
    Rebuild,
}

#[derive(Debug, Subcommand)]
enum Chat {
    /// Show why a message gets the answer it gets: language, kind, topics with their scores, thresholds, what is done
    ///
    /// With --asked, --topic and --municipality it is explained as it would be understood in the middle of a conversation.
    Explain(chat_explain::Explain),
    /// Find from which score on the articles of a folder may answer
    ///
    /// Every example question, and every question that no article answers, is held back once and asked of a counter that
    /// has learned the others. docs/CHAT_CALIBRATION.md says more.
    Calibrate(chat_calibrate::Calibrate),
    /// Measure the chat on questions with right answers, each through the whole counter over a throw-away log
    ///
    /// Prints, per language and in all: kind, language, topic@1 (forced choice), direct right, helped (direct right, or right
    /// among at most three offered), answered wrongly, dialogues that end with the right card, CPR leaks, latency.
    /// docs/CHAT_QUALITY.md says what each figure means and how the files look.
    Eval(chat_eval::Eval),
}

/// Runs a command.
pub async fn execute(cli: Cli) -> anyhow::Result<()> {
    let mut config = Config::load(cli.config.as_deref())?;
    if let Some(data) = cli.data {
        // One folder for everything is what a person who names one means.
        config.log = format!("file:{}", data.display());
        config.data = data;
    }
    let secrets = Secrets::from_env();
    match cli.command {
        Command::Serve(serve) => {
            config.listen = serve.listen.unwrap_or(config.listen);
            self::serve(config, &secrets, serve).await
        }
        Command::LoadDemo { cases } => {
            telemetry::start(&config.telemetry)?;
            let house = House::open(config, &secrets, true).await?;
            let made = demo::load(&house, cases).await;
            house.close().await;
            println!("{} cases made", made?);
            Ok(())
        }
        Command::User(User::Add { tenant, login, name, roles }) => {
            let password = secrets.password.clone().context("set the new password in SKRANKE_PASSWORD")?;
            let roles: Roles = roles.into_iter().map(Role::from).collect();
            let house = House::open(config, &secrets, false).await?;
            let added = house.add_user(tenant, &login, &name, password.expose_secret(), roles).await;
            house.close().await;
            println!("user {} added", added?);
            Ok(())
        }
        Command::Key(key) => self::key(&config, &secrets, key).await,
        Command::Audit(command) => audit::execute(command, &config, &secrets).await,
        Command::Views(ViewsCommand::Rebuild) => {
            // Opening the log takes its lock: nobody else reads the views while they go.
            let log = skranke_store::open(&config.log).await?;
            skranke_projections::Views::delete(&config.data)?;
            log.close().await;
            println!("the views are gone; the next start builds them again");
            Ok(())
        }
        Command::Log(command) => log::execute(command, &config).await,
        Command::Services(command) => services::execute(command, config, &secrets).await,
        Command::Rules(command) => rules::execute(command, config, &secrets).await,
        Command::Knowledge(command) => command::execute(command, config, &secrets).await,
        Command::Chat(Chat::Explain(explain)) => chat_explain::execute(&explain, &library(&config)?),
        Command::Chat(Chat::Calibrate(calibrate)) => chat_calibrate::execute(&calibrate),
        Command::Chat(Chat::Eval(eval)) => chat_eval::execute(eval, &config).await,
        Command::Config => say(SAMPLE),
        Command::Schema => say(&skranke_graphql::sdl()),
    }
}

/// What the configured content folder, or the program itself, knows.
pub(crate) fn library(config: &Config) -> anyhow::Result<Library> {
    Ok(if config.content.as_os_str().is_empty() {
        Library::builtin()?
    } else {
        Library::from_dir(&config.content)?
    })
}

async fn key(config: &Config, secrets: &Secrets, command: Key) -> anyhow::Result<()> {
    match command {
        Key::New => say(MasterKey::generate()?.to_base64().expose_secret()),
        Key::Rotate { demo } => {
            let moved = keys::rotate(config, secrets, demo).await?;
            say(&format!("{moved} keys were moved; the old master key opens nothing any more"))
        }
        Key::Backup { to } => {
            keys::backup(config, to.clone()).await?;
            say(&format!("the wrapped keys are in {}", to.display()))
        }
        Key::Destroy { tenant, subject, yes, demo } => {
            anyhow::ensure!(
                yes,
                "this destroys everything personal that is stored about subject {subject} in {tenant}, and cannot be \
                 undone. If that is what you want, say it again with --yes"
            );
            let there = keys::destroy(config, keys::masters(config, secrets, demo)?, tenant, subject).await?;
            say(if there {
                "the key is destroyed; what it sealed is erased for good"
            } else {
                "there was no key; none can be made for this subject from now on"
            })
        }
    }
}

/// Prints a result. A reader that has had enough (`| head`) is no fault.
pub(crate) fn say(text: &str) -> anyhow::Result<()> {
    let line = format!("{}\n", text.trim_end_matches('\n'));
    match std::io::stdout().write_all(line.as_bytes()) {
        Err(fault) if fault.kind() != std::io::ErrorKind::BrokenPipe => Err(fault.into()),
        _ => Ok(()),
    }
}

async fn serve(mut config: Config, secrets: &Secrets, options: Serve) -> anyhow::Result<()> {
    telemetry::start(&config.telemetry)?;
    // The ports before the log: a port in use is the commoner slip and needs no clean-up.
    let listener = listen(config.listen, "--listen").await?;
    #[cfg(feature = "endpoint")]
    let kurrent = match options.kurrent.kurrent_listen {
        Some(address) => {
            let listener = listen(address, "--kurrent-listen").await?;
            let certificate =
                options.kurrent.kurrent_certificate.as_deref().zip(options.kurrent.kurrent_key.as_deref());
            Some(crate::kurrent::Bound::new(listener, options.kurrent.kurrent_writable, certificate)?)
        }
        None => None,
    };
    let address = listener.local_addr()?;
    if config.public_url == Config::default().public_url {
        config.public_url = format!("http://{address}");
    }
    let house = House::open(config, secrets, options.demo).await?;
    if options.demo {
        if demo::prepare(&house).await? {
            demo::greet(&house, address);
        } else {
            println!(
                "This log is used for real: no demo data was added. Skranke listens on http://{address}"
            );
        }
    } else {
        println!("Skranke listens on http://{address}");
    }
    let (stop, stopping) = tokio::sync::watch::channel(false);
    tokio::spawn(async move {
        stop_asked().await;
        stop.send_replace(true);
    });
    let stopped = |mut stopping: tokio::sync::watch::Receiver<bool>| async move {
        // The sender goes only after it has sent.
        let _ = stopping.wait_for(|stop| *stop).await;
    };
    #[cfg(feature = "endpoint")]
    let endpoint = kurrent.map(|kurrent| kurrent.serve(&house, stopped(stopping.clone()))).transpose()?;
    let telegram = house.start_telegram();
    let app = crate::http::router(&house)?.into_make_service_with_connect_info::<std::net::SocketAddr>();
    let served = axum::serve(listener, app).with_graceful_shutdown(stopped(stopping)).await;
    if let Some(telegram) = telegram {
        telegram.abort();
    }
    #[cfg(feature = "endpoint")]
    if let Some(endpoint) = endpoint {
        if served.is_err() {
            endpoint.abort();
        }
        // What it has to say, it has logged.
        let _ = endpoint.await;
    }
    house.close().await;
    served.context("the server stopped")
}

async fn listen(address: std::net::SocketAddr, option: &str) -> anyhow::Result<tokio::net::TcpListener> {
    tokio::net::TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}: is another program using the port? Choose one with {option}")
    })
}

/// Waits for Ctrl-C or SIGTERM.
async fn stop_asked() {
    let interrupt = async {
        // Without a signal handler the program can still be killed: waiting for ever is right.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
    tracing::info!("stopping: finishing what was accepted");
}
