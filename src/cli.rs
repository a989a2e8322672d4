//! The command line. Doc comments here are the help texts that people read in a terminal.

#![expect(clippy::doc_markdown, reason = "help texts are no Markdown")]

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Parser, Subcommand, ValueEnum};
use secrecy::ExposeSecret;
use skranke_chat::understanding::{Hint, Understanding};
use skranke_domain::conversation::Dialogue;
use skranke_domain::{Lang, Role, Roles, Tenant};
use skranke_store::MasterKey;

use crate::audit::{self, Audit};
use crate::config::{Config, SAMPLE, Secrets};
use crate::house::House;
use crate::{demo, telemetry};

/// Skranke, the counter: citizens ask, caseworkers decide, auditors replay.
///
/// Start with `skranke serve --demo` and open http://127.0.0.1:8080.
///
/// Settings come from the command line, the environment (SKRANKE_LISTEN …), a file (skranke.toml) and defaults, in
/// this order. Secrets come from the environment only: SKRANKE_MASTER_KEY, SKRANKE_LEDGER_KEY,
/// SKRANKE_TELEGRAM_TOKEN, SKRANKE_PASSWORD.
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
}

#[derive(Debug, Subcommand)]
enum ViewsCommand {
    /// Delete the views; the next start builds them again from the log
    Rebuild,
}

#[derive(Debug, Subcommand)]
enum Chat {
    /// Show why a message gets the answer it gets: language, intent, topics with their scores, thresholds
    Explain {
        /// The message
        message: String,
        /// The language of the page (da or en)
        #[arg(long, default_value = "da")]
        lang: String,
    },
}

/// Runs a command.
pub async fn execute(cli: Cli) -> anyhow::Result<()> {
    let mut config = Config::load(cli.config.as_deref())?;
    if let Some(data) = cli.data {
        // One folder for everything is what a person who names one means.
        config.log = format!("sqlite:{}", data.display());
        config.data = data;
    }
    let secrets = Secrets::from_env();
    match cli.command {
        Command::Serve(serve) => {
            config.listen = serve.listen.unwrap_or(config.listen);
            self::serve(config, &secrets, serve.demo).await
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
        Command::Key(Key::New) => say(MasterKey::generate()?.to_base64().expose_secret()),
        Command::Audit(command) => audit::execute(command, &config, &secrets).await,
        Command::Views(ViewsCommand::Rebuild) => {
            // Opening the log takes its lock: nobody else reads the views while they go.
            let log = skranke_store::open(&config.log).await?;
            skranke_projections::Views::delete(&config.data)?;
            log.close().await;
            println!("the views are gone; the next start builds them again");
            Ok(())
        }
        Command::Chat(Chat::Explain { message, lang }) => {
            let library = if config.content.as_os_str().is_empty() {
                skranke_content::Library::builtin()?
            } else {
                skranke_content::Library::from_dir(&config.content)?
            };
            let understanding = Understanding::new(skranke_chat::corpus::corpus(&library));
            let hint = Hint { page: Lang::from_tag(&lang), dialogue: Dialogue::default() };
            say(&serde_json::to_string_pretty(&understanding.explain(&message, &hint))?)?;
            Ok(())
        }
        Command::Config => say(SAMPLE),
        Command::Schema => say(&skranke_graphql::sdl()),
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

async fn serve(mut config: Config, secrets: &Secrets, demo: bool) -> anyhow::Result<()> {
    telemetry::start(&config.telemetry)?;
    // The port before the log: a port in use is the commoner slip and needs no clean-up.
    let listen = config.listen;
    let listener = tokio::net::TcpListener::bind(listen).await.with_context(|| {
        format!("cannot listen on {listen}: is another program using the port? Choose one with --listen")
    })?;
    let address = listener.local_addr()?;
    if config.public_url == Config::default().public_url {
        config.public_url = format!("http://{address}");
    }
    let house = House::open(config, secrets, demo).await?;
    if demo {
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
    let telegram = house.start_telegram(secrets);
    let app = crate::http::router(&house)?.into_make_service_with_connect_info::<std::net::SocketAddr>();
    let served = axum::serve(listener, app).with_graceful_shutdown(stop_asked()).await;
    if let Some(telegram) = telegram {
        telegram.abort();
    }
    house.close().await;
    served.context("the server stopped")
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
