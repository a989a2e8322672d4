//! Configuration: one struct, defaults that just work.
//!
//! In order of weight: the command line, the environment (`SKRANKE_CHAT_RETENTION_DAYS` is `retention_days` under
//! `[chat]`), the file (`skranke.toml`, or the one named with `--config`), the defaults. Secrets come from the
//! environment only; a file that holds one is refused, because files end up in backups.

#![expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// The commented file that `skranke config` prints. A test reads it back and compares it with the defaults.
pub const SAMPLE: &str = include_str!("../skranke.toml");

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The address to serve on.
    pub listen: SocketAddr,
    /// The address people use, for links in messages and the `Secure` mark of cookies.
    pub public_url: String,
    /// The log: `file:DIR` or `kurrentdb://…`.
    pub log: String,
    /// The folder for views, keys and sessions.
    pub data: PathBuf,
    /// A content folder instead of the built-in one; empty for the built-in one.
    pub content: PathBuf,
    /// The proof that the history was not changed.
    pub ledger: Ledger,
    /// Documents that people upload, and letters.
    pub documents: Documents,
    /// The chat.
    pub chat: Chat,
    /// Staff sessions.
    pub session: Session,
    /// Log-in through an identity provider.
    pub oidc: Oidc,
    /// Telegram.
    pub telegram: Telegram,
    /// Telling systems outside.
    pub webhooks: Webhooks,
    /// Limits on what comes in.
    pub limits: Limits,
    /// Logs.
    pub telemetry: Telemetry,
}

/// The ledger. Its signing key comes from `SKRANKE_LEDGER_KEY`; without one nothing is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ledger {
    /// The log's name, the first line of its checkpoints; empty for one made of a random id.
    pub origin: String,
}

/// Documents that people upload, and letters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Documents {
    /// The folder; empty for `documents` in the data folder. Nodes that share a log share this folder too.
    pub dir: PathBuf,
    /// The largest file, in bytes.
    pub largest_bytes: u64,
    /// The media types that are taken in, told by a file's first bytes, with spaces between them.
    pub types: String,
    /// A program that reads a file on its standard input and ends with 0 (clean) or 1 (infected); empty for none.
    pub scanner: String,
    /// How long the scanner may take, in seconds.
    pub scanner_seconds: u64,
    /// An upload that takes longer is given up, in seconds.
    pub upload_seconds: u64,
}

/// The chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Chat {
    /// For how many days a conversation's text is kept, as the page tells the citizen.
    pub retention_days: u16,
    /// The sites whose pages may show the counter in a frame (`https://www.kommune.example`), with spaces between.
    pub embed_on: String,
}

impl Chat {
    /// Those sites as browsers name them: scheme, host and port.
    pub fn embedding_origins(&self) -> anyhow::Result<Vec<String>> {
        let origin = |site: &str| {
            let url = reqwest::Url::parse(site).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
            let bare =
                url.filter(|url| url.path() == "/" && url.query().is_none() && url.username().is_empty());
            let bare = bare.map(|url| url.origin().ascii_serialization());
            bare.with_context(|| {
                format!("chat.embed_on: {site:?} is no site: write it like https://www.kommune.example")
            })
        };
        self.embed_on.split_whitespace().map(origin).collect()
    }
}

/// Staff sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Session {
    /// A session ends after so many hours, whatever happens.
    pub hours: u16,
    /// And after so many minutes without a request.
    pub idle_minutes: u16,
    /// After so many wrong passwords in a row nobody logs in with that name.
    pub lock_after: u16,
    /// For so many minutes.
    pub lock_minutes: u16,
    /// Whether people log in with the passwords of the built-in accounts.
    pub passwords: bool,
}

/// Log-in through an identity provider (OpenID Connect). The client's secret comes from `SKRANKE_OIDC_CLIENT_SECRET`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Oidc {
    /// The provider's address, as its ID tokens have it; empty for none.
    pub issuer: String,
    /// What the provider calls us.
    pub client_id: String,
    /// What the log-in page calls the provider.
    pub title: String,
    /// What is asked for besides `openid`, with spaces between.
    pub scopes: String,
    /// The claim that holds the log-in name.
    pub login_claim: String,
    /// The claim that holds the name colleagues see.
    pub name_claim: String,
    /// The claim that says what somebody is: a text, or a list of them.
    pub roles_claim: String,
    /// What its values mean: `value=role` with semicolons between.
    pub roles: String,
    /// The claim that says where somebody works.
    pub municipality_claim: String,
    /// What its values mean: `value=code` with semicolons between; `*` is everybody. Empty: the claim holds the code.
    pub municipalities: String,
}

/// Telegram. The token comes from `SKRANKE_TELEGRAM_TOKEN`; without one the channel is off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Telegram {
    /// The Bot API's address; empty for Telegram's own.
    pub api_url: String,
    /// Whether Telegram brings what citizens write to an address below `public_url`, instead of being asked for it.
    pub webhook: bool,
}

/// Telling systems outside that something happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// Whether a receiver may stand inside this network, and speak plain http.
    pub private: bool,
    /// How many seconds until something is sent again for the first time; then twice as many, up to an hour.
    pub retry_seconds: u64,
    /// After how many hours without one answer a webhook is given up.
    pub give_up_hours: u32,
}

/// Whose GraphQL documents are answered. A demonstration answers anybody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GraphqlDocuments {
    /// Those that the dashboard was built with.
    Own,
    /// Any, within the limits.
    Any,
}

/// Limits on what comes in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The largest request body, in bytes.
    pub body_bytes: usize,
    /// The deepest GraphQL query.
    pub graphql_depth: usize,
    /// The most complex GraphQL query, in fields times page size.
    pub graphql_complexity: usize,
    /// How many aliases one GraphQL document may have.
    pub graphql_aliases: usize,
    /// Whose GraphQL documents are answered.
    pub graphql_documents: GraphqlDocuments,
    /// A request that takes longer is given up, in seconds.
    pub request_seconds: u64,
    /// How many messages or log-ins one address may send in a burst.
    pub burst: u32,
    /// How many milliseconds until one more is allowed.
    pub refill_millis: u64,
    /// How many messages of one conversation are answered within a minute.
    pub chat_per_minute: u32,
    /// And within a day. Danger is always answered.
    pub chat_per_day: u32,
    /// How many requests a service account may send in a minute.
    pub service_per_minute: u32,
    /// Whether a reverse proxy stands in front: the address is then the last one in `X-Forwarded-For`, which the proxy
    /// wrote. Without a proxy anybody could write it.
    pub behind_proxy: bool,
}

/// Logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Telemetry {
    /// What is logged, as a `tracing` filter.
    pub filter: String,
    /// How.
    pub format: LogFormat,
}

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// What comes from the environment only.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    /// `SKRANKE_MASTER_KEY`: wraps the keys of personal fields (32 bytes, base64).
    pub master_key: Option<SecretString>,
    /// `SKRANKE_MASTER_KEY_OLD`: the one before, for nodes that run while the master key is rotated.
    pub master_key_old: Option<SecretString>,
    /// `SKRANKE_MASTER_KEY_NEW`: the one that `skranke key rotate` leads to.
    pub master_key_new: Option<SecretString>,
    /// `SKRANKE_LEDGER_KEY`: signs the ledger's checkpoints (`skranke audit key new`).
    pub ledger_key: Option<SecretString>,
    /// `SKRANKE_OIDC_CLIENT_SECRET`: the secret that the identity provider gave us.
    pub oidc_client_secret: Option<SecretString>,
    /// `SKRANKE_TELEGRAM_TOKEN`: the bot's token.
    pub telegram_token: Option<SecretString>,
    /// `SKRANKE_PASSWORD`: the password for `skranke user add`.
    pub password: Option<SecretString>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: "http://127.0.0.1:8080".to_owned(),
            log: "file:data".to_owned(),
            data: PathBuf::from("data"),
            content: PathBuf::new(),
            ledger: Ledger::default(),
            documents: Documents::default(),
            chat: Chat::default(),
            session: Session::default(),
            oidc: Oidc::default(),
            telegram: Telegram::default(),
            webhooks: Webhooks::default(),
            limits: Limits::default(),
            telemetry: Telemetry::default(),
        }
    }
}

impl Default for Documents {
    fn default() -> Self {
        let types = [
            "application/pdf",
            "image/jpeg",
            "image/png",
            "image/tiff",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.oasis.opendocument.text",
        ];
        Self {
            dir: PathBuf::new(),
            largest_bytes: 50 * 1024 * 1024,
            types: types.join(" "),
            scanner: String::new(),
            scanner_seconds: 60,
            upload_seconds: 600,
        }
    }
}

impl Default for Chat {
    fn default() -> Self {
        Self { retention_days: 30, embed_on: String::new() }
    }
}

impl Default for Session {
    fn default() -> Self {
        Self { hours: 9, idle_minutes: 60, lock_after: 10, lock_minutes: 15, passwords: true }
    }
}

impl Default for Oidc {
    fn default() -> Self {
        let roles = skranke_domain::Role::ALL.map(|role| format!("{0}={0}", role.name()));
        Self {
            issuer: String::new(),
            client_id: String::new(),
            title: String::new(),
            scopes: "profile email".to_owned(),
            login_claim: "preferred_username".to_owned(),
            name_claim: "name".to_owned(),
            roles_claim: "groups".to_owned(),
            roles: roles.join("; "),
            municipality_claim: "municipality".to_owned(),
            municipalities: String::new(),
        }
    }
}

#[expect(clippy::derivable_impls, reason = "all defaults stand together and are spelt out")]
impl Default for Ledger {
    fn default() -> Self {
        Self { origin: String::new() }
    }
}

#[expect(clippy::derivable_impls, reason = "all defaults stand together and are spelt out")]
impl Default for Telegram {
    fn default() -> Self {
        Self { api_url: String::new(), webhook: false }
    }
}

impl Default for Webhooks {
    fn default() -> Self {
        Self { private: false, retry_seconds: 5, give_up_hours: 120 }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 256 * 1024,
            graphql_depth: 10,
            graphql_complexity: 5_000,
            graphql_aliases: 50,
            graphql_documents: GraphqlDocuments::Own,
            request_seconds: 30,
            burst: 60,
            refill_millis: 500,
            chat_per_minute: 20,
            chat_per_day: 300,
            service_per_minute: 600,
            behind_proxy: false,
        }
    }
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::Text }
    }
}

const PREFIX: &str = "SKRANKE_";
const SECRETS: [&str; 7] = [
    "SKRANKE_MASTER_KEY",
    "SKRANKE_MASTER_KEY_OLD",
    "SKRANKE_MASTER_KEY_NEW",
    "SKRANKE_LEDGER_KEY",
    "SKRANKE_OIDC_CLIENT_SECRET",
    "SKRANKE_TELEGRAM_TOKEN",
    "SKRANKE_PASSWORD",
];
/// The command line reads this one: it names the file.
const FILE: &str = "SKRANKE_CONFIG";
/// What tests tell one another.
const TESTS: &str = "SKRANKE_TEST_";
const SECTIONS: [&str; 9] =
    ["ledger", "documents", "chat", "session", "oidc", "telegram", "webhooks", "limits", "telemetry"];

impl Config {
    /// The configuration from a file (`skranke.toml` if there is one, or the one named) and the environment.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let default = Path::new("skranke.toml");
        let path = file.or_else(|| default.exists().then_some(default));
        let text = match path {
            Some(path) => {
                std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?
            }
            None => String::new(),
        };
        let name = path.map_or_else(String::new, |path| path.display().to_string());
        Self::from_parts(&text, std::env::vars()).with_context(|| name)
    }

    fn from_parts(text: &str, variables: impl Iterator<Item = (String, String)>) -> anyhow::Result<Self> {
        let mut table: toml::Table = text.parse().context("the configuration is not TOML")?;
        for (name, value) in variables {
            if SECRETS.contains(&name.as_str()) || name == FILE || name.starts_with(TESTS) {
                continue;
            }
            let Some(key) = name.strip_prefix(PREFIX).map(str::to_lowercase) else { continue };
            let (section, field) = SECTIONS
                .iter()
                .find_map(|section| {
                    let field = key.strip_prefix(section)?.strip_prefix('_')?;
                    Some((Some(*section), field.to_owned()))
                })
                .unwrap_or((None, key.clone()));
            // Numbers and truth values are themselves; anything else is text.
            let parsed =
                value.parse().map(toml::Value::Integer).or_else(|_| value.parse().map(toml::Value::Boolean));
            let value = parsed.unwrap_or(toml::Value::String(value));
            let table = match section {
                None => &mut table,
                Some(section) => table
                    .entry(section)
                    .or_insert_with(|| toml::Value::Table(toml::Table::new()))
                    .as_table_mut()
                    .with_context(|| format!("[{section}] is not a section"))?,
            };
            table.insert(field, value);
        }
        table.try_into().context("a setting is unknown or has the wrong kind of value (see `skranke config`)")
    }

    /// Whether the public address is encrypted, so that cookies may insist on it.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

impl Secrets {
    /// What the environment holds. An empty variable is an absent one.
    pub fn from_env() -> Self {
        let read = |name| std::env::var(name).ok().filter(|value| !value.is_empty()).map(SecretString::from);
        let [
            master_key,
            master_key_old,
            master_key_new,
            ledger_key,
            oidc_client_secret,
            telegram_token,
            password,
        ] = SECRETS.map(read);
        Self {
            master_key,
            master_key_old,
            master_key_new,
            ledger_key,
            oidc_client_secret,
            telegram_token,
            password,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str, variables: &[(&str, &str)]) -> anyhow::Result<Config> {
        Config::from_parts(
            text,
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        )
    }

    #[test]
    fn the_sample_file_holds_every_setting_with_its_default() {
        assert_eq!(config(SAMPLE, &[]).unwrap(), Config::default());
        let defaults = toml::Table::try_from(Config::default()).unwrap();
        let sample: toml::Table = SAMPLE.parse().unwrap();
        let keys = |table: &toml::Table| {
            let mut keys: Vec<String> = Vec::new();
            for (name, value) in table {
                match value.as_table() {
                    Some(section) => keys.extend(section.keys().map(|field| format!("{name}.{field}"))),
                    None => keys.push(name.clone()),
                }
            }
            keys.sort();
            keys
        };
        assert_eq!(keys(&sample), keys(&defaults));
    }

    #[test]
    fn the_environment_outweighs_the_file() {
        let read = config(
            "listen = \"127.0.0.1:1\"\n[chat]\nretention_days = 7",
            &[("SKRANKE_LISTEN", "127.0.0.1:2"), ("SKRANKE_LIMITS_BODY_BYTES", "1000"), ("HOME", "/root")],
        )
        .unwrap();
        assert_eq!(read.listen.port(), 2);
        assert_eq!((read.chat.retention_days, read.limits.body_bytes), (7, 1000));
    }

    #[test]
    fn an_unknown_setting_is_refused_and_a_secret_in_a_file_is_one() {
        for text in ["lissten = 1", "[chat]\nfoo = 1", "master_key = \"x\"", "listen = 5"] {
            assert!(config(text, &[]).is_err(), "{text}");
        }
        assert!(config("", &[("SKRANKE_LISSTEN", "x")]).is_err());
        for name in
            ["SKRANKE_MASTER_KEY_NEW", "SKRANKE_LEDGER_KEY", "SKRANKE_CONFIG", "SKRANKE_TEST_KURRENTDB"]
        {
            assert!(config("", &[(name, "x")]).is_ok(), "{name}");
        }
    }
}
