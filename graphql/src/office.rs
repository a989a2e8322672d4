//! What the resolvers work with: the desk, the views, the rules in force and a few names. Built once, by the binary.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use skranke_domain::authority::{AuthoritySlug, Card};
use skranke_domain::conversation::TopicSlug;
use skranke_domain::exemption::Ground;
use skranke_domain::letter::{Letter, NotPrinted};
use skranke_domain::rules::RuleSet;
use skranke_domain::service::Requirement;
use skranke_domain::time::{Clock, local_date};
use skranke_domain::{Lang, Tenant};
use skranke_projections::Views;
use skranke_store::Desk;
use skranke_store::documents::Documents;

use crate::access::Looks;

/// Answers which rule set holds in a municipality on a date.
pub type RulesOn = dyn Fn(Tenant, Date) -> Arc<RuleSet> + Send + Sync;

/// Makes one-time passwords and tokens. The binary does: it has the dice and the hash.
pub trait Credentials: Send + Sync {
    /// A new one-time password. Slow, like every password hash.
    fn one_time(&self) -> Result<OneTime, Box<dyn std::error::Error + Send + Sync>>;

    /// 256 random bits, in letters, digits, `-` and `_`.
    fn secret(&self) -> Result<String, Box<dyn std::error::Error + Send + Sync>>;
}

/// A one-time password: shown once, to the administrator who asked for it.
pub struct OneTime {
    /// What is typed.
    pub password: String,
    /// Its argon2id hash, in PHC form.
    pub hash: String,
}

/// Answers whether an address outside may be called.
pub type Callable = dyn Fn(&str) -> bool + Send + Sync;
/// Prints a letter of a municipality as PDF.
pub type Press = dyn Fn(Tenant, &Letter) -> Result<Vec<u8>, NotPrinted> + Send + Sync;

/// Names that screens show and read models do not hold.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Titles of topics.
    pub topics: BTreeMap<(TopicSlug, Lang), String>,
    /// Names of municipalities.
    pub municipalities: BTreeMap<Tenant, String>,
    /// Names of the authorities in the register, by slug.
    pub authorities: BTreeMap<(String, Lang), String>,
}

/// The registers and lists that the content files bring.
#[derive(Clone, Debug, Default)]
pub struct Registers {
    /// The authorities, as long as no administrator says otherwise.
    pub authorities: BTreeMap<AuthoritySlug, Card>,
    /// The self-service areas.
    pub areas: BTreeSet<TopicSlug>,
    /// Grounds for exemption from self-service.
    pub grounds: Vec<Ground>,
    /// Requirements for self-service solutions.
    pub requirements: Vec<Requirement>,
}

/// Everything a resolver may use.
#[derive(Clone)]
pub struct Office {
    /// Where commands are carried out.
    pub desk: Desk,
    /// The read models.
    pub views: Views,
    /// The rules.
    pub rules: Arc<RulesOn>,
    /// Where one-time passwords come from.
    pub credentials: Arc<dyn Credentials>,
    /// Which addresses webhooks may call.
    pub callable: Arc<Callable>,
    /// The document store.
    pub documents: Documents,
    /// The folder of the ledger, from which events are proved.
    pub ledger: PathBuf,
    /// What letters are printed with.
    pub press: Arc<Press>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Names.
    pub names: Arc<Names>,
    /// The registers and lists that the content files bring.
    pub registers: Arc<Registers>,
    /// Whether this is a demonstration with invented data.
    pub demo: bool,
    /// The looks of the last minutes.
    pub looks: Arc<Looks>,
    /// How long an answer waits for the views before it says that they lag.
    pub patience: Duration,
}

impl Office {
    /// Today in Copenhagen.
    pub fn today(&self) -> Date {
        local_date(self.clock.now())
    }

    /// The rule set in force in a municipality today.
    pub fn rules_today(&self, tenant: Tenant) -> Arc<RuleSet> {
        (self.rules)(tenant, self.today())
    }

    /// The title of a topic; its slug where it has none any more.
    pub fn topic_title(&self, slug: &TopicSlug, lang: Lang) -> String {
        self.names.topics.get(&(slug.clone(), lang)).cloned().unwrap_or_else(|| slug.as_str().to_owned())
    }

    /// The name of an authority of the register; none where it holds no such slug.
    pub fn authority(&self, slug: &str, lang: Lang) -> Option<&str> {
        self.names.authorities.get(&(slug.to_owned(), lang)).map(String::as_str)
    }

    /// The name of a municipality; its code where it has none.
    pub fn municipality(&self, tenant: Tenant) -> String {
        self.names.municipalities.get(&tenant).cloned().unwrap_or_else(|| tenant.to_string())
    }
}
