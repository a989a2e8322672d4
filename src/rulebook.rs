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
use skranke_content::{Fault, FaultKind, RuleBook, read_kle, read_rules};
use skranke_domain::Tenant;
use skranke_domain::rules::RuleSet;
use skranke_domain::ruleset::{Part, RuleSetEvent, RuleVersionPublished, RuleVersions};
use skranke_store::{Direction, EventLog, Filter, LogError, Position, Recorded, read};
use tokio::sync::watch;

/// How long to wait before trying again when the log does not answer.
const PAUSE: Duration = Duration::from_secs(2);

/// How many events are read at a time. Each holds a whole list.
const BATCH: usize = 16;

/// The rules in force, by municipality.
pub struct Rulebook {
    shipped: Arc<RuleBook>,
    published: RwLock<BTreeMap<Tenant, Arc<RuleBook>>>,
    /// Everything up to here is in the books.
    position: watch::Sender<Position>,
}

impl Rulebook {
    /// The rules as the log has them at this moment.
    pub async fn read(shipped: Arc<RuleBook>, log: &dyn EventLog) -> Result<Arc<Self>, LogError> {
        let (position, _) = watch::channel(Position(0));
        let book = Self { shipped, published: RwLock::default(), position };
        loop {
            let from = *book.position.borrow();
            let page = log.read_all(from, Direction::Forwards, BATCH, &filter()).await?;
            book.take_in(&page.events);
            book.position.send_replace(page.next);
            if page.end {
                return Ok(Arc::new(book));
            }
        }
    }

    /// Follows the log for ever.
    pub async fn follow(self: Arc<Self>, log: Arc<dyn EventLog>) {
        loop {
            if let Err(error) = self.follow_from(log.as_ref()).await {
                tracing::warn!(error = %error, "the rules wait for the log");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    async fn follow_from(&self, log: &dyn EventLog) -> Result<(), LogError> {
        let from = *self.position.borrow();
        let mut subscription = log.subscribe(from, filter()).await?;
        loop {
            let page = subscription.next(BATCH).await?;
            self.take_in(&page.events);
            self.position.send_replace(page.next);
        }
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
        let mut reached = self.position.subscribe();
        tokio::time::timeout(timeout, reached.wait_for(|reached| *reached >= position)).await.is_ok()
    }

    fn of(&self, tenant: Tenant) -> Arc<RuleBook> {
        let books = self.published.read().unwrap_or_else(PoisonError::into_inner);
        books.get(&tenant).map_or_else(|| Arc::clone(&self.shipped), Arc::clone)
    }

    fn take_in(&self, events: &[Recorded]) {
        for recorded in events {
            let tenant = recorded.stream.tenant();
            let told = match read::<RuleSetEvent>(recorded) {
                Ok(told) if !told.events().is_empty() => told,
                Ok(_) | Err(_) => {
                    tracing::error!(
                        position = recorded.position.0,
                        "a version of the rules was written by a newer program"
                    );
                    continue;
                }
            };
            let mut book = self.of(tenant);
            for RuleSetEvent::RuleVersionPublished(published) in told.events() {
                match with(&book, published) {
                    Ok(newer) => book = Arc::new(newer),
                    Err(_) => tracing::error!(
                        version = published.version,
                        "a published version of the rules cannot be read by this program: the ones before it go on"
                    ),
                }
            }
            self.published.write().unwrap_or_else(PoisonError::into_inner).insert(tenant, book);
        }
    }
}

fn filter() -> Filter {
    let category = <RuleVersions as cqrs_es::Aggregate>::TYPE;
    Filter { event_types: Vec::new(), stream_prefixes: vec![format!("{category}-")] }
}

fn with(book: &RuleBook, published: &RuleVersionPublished) -> Result<RuleBook, Vec<Fault>> {
    Ok(match published.part {
        Part::Rules => book.with_rules(read_rules(&published.text)?),
        Part::Kle => book.with_kle(published.valid_from, read_kle(published.text.as_bytes())?),
    })
}

/// A version as somebody hands it in, read and checked. A rule file says itself what it is called and from when it holds;
/// a KLE list is told both.
pub(crate) fn checked(
    part: Part,
    named: Option<(String, Date)>,
    text: Vec<u8>,
) -> Result<RuleVersionPublished, Vec<Fault>> {
    let fault = |kind| vec![Fault { line: None, kind }];
    let text = String::from_utf8(text).map_err(|_| fault(FaultKind::Encoding))?;
    let (version, valid_from) = match part {
        Part::Rules => {
            let set = read_rules(&text)?;
            (set.version, set.valid_from)
        }
        Part::Kle => {
            read_kle(text.as_bytes())?;
            named.ok_or_else(|| {
                fault(FaultKind::Rule("the list needs a version and a first day".to_owned()))
            })?
        }
    };
    let sha256 = hex(&Sha256::digest(&text));
    Ok(RuleVersionPublished { part, version, valid_from, sha256, text })
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
