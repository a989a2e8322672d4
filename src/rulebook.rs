//! The rules in force: what the program was shipped with, and what each municipality's administrators have published
//! since. Every node follows the log and puts a new version in force from its day, without a restart.
//!
//! The log is read to its end before anybody is served, so no decision is made under older rules than were published.
//! A version that this program cannot read was written by a newer one: the rules before it go on, and that is logged.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::civil::Date;
use sha2::{Digest, Sha256};
use skranke_content::letters::{Template, read_template};
use skranke_content::{Fault, FaultKind, RuleBook, read_kle, read_rules};
use skranke_domain::letter::Letter;
use skranke_domain::rules::RuleSet;
use skranke_domain::ruleset::{Part, RuleSetEvent, RuleVersionPublished, RuleVersions};
use skranke_domain::{StreamId, Tenant};
use skranke_store::{EventLog, Position, Recorded, read};
use tokio::sync::watch;

use crate::published::{self, InForce};

/// The rules in force, by municipality.
pub struct Rulebook {
    shipped: Arc<RuleBook>,
    published: RwLock<BTreeMap<Tenant, Published>>,
    /// Everything up to here is in the books.
    position: watch::Sender<Position>,
}

/// What a municipality has beside what was shipped, or instead of it.
#[derive(Clone)]
struct Published {
    book: Arc<RuleBook>,
    /// The templates of letters with their first days, in the order in which they were published.
    letters: Vec<(Date, Arc<Template>)>,
}

impl Rulebook {
    /// The rules that were shipped. What was published since is read from the log before anybody is served.
    pub fn new(shipped: Arc<RuleBook>) -> Arc<Self> {
        let (position, _) = watch::channel(Position(0));
        Arc::new(Self { shipped, published: RwLock::default(), position })
    }

    /// Follows the log for ever.
    pub async fn follow(self: Arc<Self>, log: Arc<dyn EventLog>) {
        published::follow(self.as_ref(), log.as_ref(), || std::future::ready(())).await;
    }

    /// The rule set that holds in a municipality on a date.
    pub fn on(&self, tenant: Tenant, date: Date) -> Arc<RuleSet> {
        self.of(tenant).on(date)
    }

    /// What the program was shipped with.
    pub fn shipped(&self) -> &RuleBook {
        &self.shipped
    }

    /// Waits until what stands at a position of the log is in force.
    pub async fn wait_for(&self, position: Position, timeout: Duration) -> bool {
        published::wait_for(self, position, timeout).await
    }

    /// The template that the municipality has published for a letter of that date; none where the shipped one holds.
    pub fn template(&self, tenant: Tenant, letter: &Letter) -> Option<Arc<Template>> {
        let books = self.published.read().unwrap_or_else(PoisonError::into_inner);
        let holds = |(from, template): &&(Date, Arc<Template>)| {
            *from <= letter.date && (template.kind, template.lang) == (letter.kind, letter.lang)
        };
        // Of two that begin on the same day the later one holds.
        let newest = books.get(&tenant)?.letters.iter().filter(holds).max_by_key(|(from, _)| *from);
        newest.map(|(_, template)| Arc::clone(template))
    }

    fn of(&self, tenant: Tenant) -> Arc<RuleBook> {
        let books = self.published.read().unwrap_or_else(PoisonError::into_inner);
        books.get(&tenant).map_or_else(|| Arc::clone(&self.shipped), |ours| Arc::clone(&ours.book))
    }
}

impl InForce for Rulebook {
    fn category(&self) -> &'static str {
        <RuleVersions as cqrs_es::Aggregate>::TYPE
    }

    fn streams(&self, offices: &[Tenant]) -> Vec<StreamId> {
        offices.iter().map(|office| RuleVersions::stream(*office)).collect()
    }

    fn batch(&self) -> usize {
        // Each holds a whole list.
        16
    }

    fn reached(&self) -> &watch::Sender<Position> {
        &self.position
    }

    fn take_in(&self, events: &[Recorded]) -> bool {
        let mut changed = false;
        for recorded in events {
            let told = match read::<RuleSetEvent>(recorded) {
                Ok(told) if !told.events().is_empty() => told,
                Ok(_) | Err(_) => {
                    let position = recorded.position.0;
                    tracing::error!(position, "a version of the rules was written by a newer program");
                    continue;
                }
            };
            let mut books = self.published.write().unwrap_or_else(PoisonError::into_inner);
            let nothing = || Published { book: Arc::clone(&self.shipped), letters: Vec::new() };
            let ours = books.entry(recorded.stream.tenant()).or_insert_with(nothing);
            for RuleSetEvent::RuleVersionPublished(published) in told.events() {
                let taken = ours.take_in(published);
                changed |= taken.is_ok();
                if taken.is_err() {
                    tracing::error!(
                        version = published.version,
                        "a published version of the rules cannot be read by this program: the ones before it go on"
                    );
                }
            }
        }
        changed
    }
}

impl Published {
    fn take_in(&mut self, published: &RuleVersionPublished) -> Result<(), Vec<Fault>> {
        let from = published.valid_from;
        match published.part {
            Part::Rules => self.book = Arc::new(self.book.with_rules(read_rules(&published.text)?)),
            Part::Kle => {
                self.book = Arc::new(self.book.with_kle(from, read_kle(published.text.as_bytes())?));
            }
            Part::Letter => {
                let name = published.template.as_deref().unwrap_or_default();
                self.letters.push((from, Arc::new(read_template(name, &published.text)?)));
            }
        }
        Ok(())
    }
}

/// What a version is called and from when it holds. A rule file says so itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Named {
    pub(crate) version: Option<String>,
    pub(crate) from: Option<Date>,
    /// Which letter a template is for.
    pub(crate) template: Option<String>,
}

/// A version as somebody hands it in, read and checked.
pub(crate) fn checked(part: Part, named: Named, text: Vec<u8>) -> Result<RuleVersionPublished, Vec<Fault>> {
    let fault = |kind| vec![Fault { line: None, kind }];
    let text = String::from_utf8(text).map_err(|_| fault(FaultKind::Encoding))?;
    let unnamed = || fault(FaultKind::Rule("it needs a version and a first day".to_owned()));
    let given = named.version.zip(named.from);
    let (version, valid_from, template) = match part {
        Part::Rules => {
            let set = read_rules(&text)?;
            (set.version, set.valid_from, None)
        }
        Part::Kle => {
            read_kle(text.as_bytes())?;
            let (version, from) = given.ok_or_else(unnamed)?;
            (version, from, None)
        }
        Part::Letter => {
            let template = named.template.unwrap_or_default();
            read_template(&template, &text)?;
            let (version, from) = given.ok_or_else(unnamed)?;
            (version, from, Some(template))
        }
    };
    let sha256 = hex(&Sha256::digest(&text));
    Ok(RuleVersionPublished { part, version, template, valid_from, sha256, text })
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
