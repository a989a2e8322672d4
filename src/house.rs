//! The house put together: log, keys, views, chat and API, opened in the order in which they need one another.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::Context;
use skranke_chat::counter::{Counter, Learned};
use skranke_chat::pace::PaceLimits;
use skranke_chat::telegram::{Telegram, TelegramOptions};
use skranke_chat::web::WebOptions;
use skranke_content::letters::LetterTemplates;
use skranke_content::{Files, Library, RuleBook};
use skranke_domain::authority::AuthoritySlug;
use skranke_domain::conversation::TopicSlug;
use skranke_domain::time::{Clock, Ids};
use skranke_domain::user::{User, UserAct, UserCommand};
use skranke_domain::{Act, By, Lang, Roles, SubjectId, Tenant, UserId};
use skranke_graphql::{AppSchema, Documents, Limits, Names, Office, Press, Registers, RulesOn, user_id};
use skranke_projections::{Running, Views};
use skranke_store::ledger::{Keeper, Standing};
use skranke_store::{Claims, Desk};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::case_forwarding::CaseForwarding;
use crate::checkpoint::Checkpoint;
use crate::clock::{SystemClock, SystemIds};
use crate::complaints::Complaints;
use crate::config::{Config, GraphqlDocuments, Secrets};
use crate::demo::Demo;
use crate::documents::Moves;
use crate::erasure::Erasure;
use crate::forwarding::Forwarding;
use crate::knowledge::Knowledge;
use crate::linked::Linked;
use crate::links::Links;
use crate::oidc::Provider;
use crate::published;
use crate::rulebook::Rulebook;
use crate::service_accounts::Rates;
use crate::sessions::Sessions;
use crate::turn::Turns;
use crate::webhooks::{Teller, callable};
use crate::{deadlines, documents, expiry, following, http, keys, ledger, passwords, retention};

/// The name and version that every event's metadata carries.
pub const SOFTWARE: &str = concat!("skranke/", env!("CARGO_PKG_VERSION"));

/// For how long a node holds work that one of several does: after this time another takes over from a dead one.
const CLAIM: jiff::SignedDuration = jiff::SignedDuration::from_secs(90);

/// How long a node that leaves may take to give back what it holds; a log that does not answer would keep it for ever.
const FAREWELL: Duration = Duration::from_secs(5);

/// Everything that runs.
pub struct House {
    /// What was configured.
    pub config: Config,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where commands are carried out.
    pub desk: Desk,
    /// The read models.
    pub views: Views,
    /// The runner that keeps them up to date.
    running: tokio::sync::Mutex<Option<Running>>,
    /// The keeper of the ledger.
    keeper: tokio::sync::Mutex<Option<Keeper>>,
    /// How the ledger stands.
    pub ledger: tokio::sync::watch::Receiver<Standing>,
    /// Processes that hear events or watch the calendar, and send commands: linking and forwarding of inquiries,
    /// following of complaints, carrying over of moved documents and forwarded cases, links between cases, deadlines,
    /// expiry of exemptions, erasure of decided subjects and of old conversations, what puts published rules and articles in force,
    /// and telling of systems outside.
    processes: tokio::sync::Mutex<Processes>,
    /// The counter.
    pub counter: Arc<Counter>,
    /// The articles in force: what was shipped, and what was published since.
    pub knowledge: Arc<Knowledge>,
    /// The Telegram channel, if there is a token.
    pub telegram: Option<Arc<Telegram>>,
    /// What the counter was shipped with.
    pub library: Arc<Library>,
    /// The rules in force: what was shipped, and what was published since.
    pub rulebook: Arc<Rulebook>,
    /// The identity provider that staff log in through, if there is one.
    pub provider: Option<Provider>,
    /// How often systems outside have asked.
    pub rates: Rates,
    /// Staff sessions.
    pub sessions: Sessions,
    /// The API.
    pub schema: AppSchema,
    /// The municipalities that staff can log in to.
    pub offices: Vec<Tenant>,
    /// The demonstration, once it is known to be one.
    pub demo: OnceLock<Demo>,
}

impl House {
    /// Opens everything. With `demo`, a master key is made beside the data folder when there is none.
    pub async fn open(config: Config, secrets: &Secrets, demo: bool) -> anyhow::Result<Arc<Self>> {
        let (library, rules) = if config.content.as_os_str().is_empty() {
            (Library::builtin()?, RuleBook::builtin()?)
        } else {
            (Library::from_dir(&config.content)?, RuleBook::from_dir(&config.content)?)
        };
        config.chat.embedding_origins()?;
        let provider = Provider::of(&config, secrets)?;
        let (library, rules) = (Arc::new(library), Arc::new(rules));
        std::fs::create_dir_all(&config.data).with_context(|| {
            format!("cannot make the data folder {}: check the path and its rights", config.data.display())
        })?;
        // The log first: its lock keeps a second process away from everything else in the folder.
        let log = skranke_store::open(&config.log).await?;
        let (clock, ids): (Arc<dyn Clock>, Arc<dyn Ids>) = (Arc::new(SystemClock), Arc::new(SystemIds));
        let keys = keys::open(&config, &log, keys::masters(&config, secrets, demo)?).await?;
        let keeping = ledger::keeping(&config, secrets, demo, &*ids)?;
        let keeper = Keeper::start(Arc::clone(&log), keeping, Arc::clone(&clock));
        let desk = Desk::new(Arc::clone(&log), Arc::new(keys), Arc::clone(&ids), SOFTWARE);
        let views = Views::open(&config.data, (**desk.keys()).clone())?;
        let running = views.start(Arc::clone(&log))?;
        let sessions = Sessions::open(&config.data, &config.session)?;
        let documents = documents::open(&config, Arc::clone(desk.keys()))?;
        let shared = skranke_store::directory(&config.log)?.is_none();
        documents::sweep(&documents, &desk, shared).await?;
        let (rulebook, knowledge) = (Rulebook::new(rules), Knowledge::new(Arc::clone(&library)));
        let offices: Vec<Tenant> =
            library.municipalities().iter().map(|municipality| municipality.code).collect();
        published::read(rulebook.as_ref(), log.as_ref(), &offices).await?;
        published::read(knowledge.as_ref(), log.as_ref(), &offices).await?;
        let Learned { library: learned, understanding } = knowledge.learned();
        let counter = Counter::new(desk.clone(), learned, understanding, Arc::clone(&clock));
        let counter = Arc::new(counter.paced(PaceLimits {
            per_minute: config.limits.chat_per_minute.max(1),
            per_day: config.limits.chat_per_day.max(1),
        }));
        let telegram = telegram(&config, secrets, &counter)?;
        let press = press(&config, Arc::clone(&rulebook))?;
        let book = Arc::clone(&rulebook);
        let rules_on: Arc<RulesOn> = Arc::new(move |tenant, date| book.on(tenant, date));
        let claims = shared
            .then(|| Claims::new(Arc::clone(&log), Arc::clone(&clock), Arc::clone(&ids), CLAIM, SOFTWARE));
        let work = Work {
            desk: &desk,
            views: &views,
            counter: &counter,
            documents: &documents,
            rulebook: &rulebook,
            knowledge: &knowledge,
            rules_on: &rules_on,
            clock: &clock,
            offices: &offices,
            config: &config,
        };
        let processes = tokio::sync::Mutex::new(work.begin(claims));
        let private = config.webhooks.private;
        let office = Office {
            desk: desk.clone(),
            views: views.clone(),
            rules: rules_on,
            credentials: Arc::new(passwords::OneTimePasswords),
            callable: Arc::new(move |address| callable(address, private)),
            documents,
            ledger: crate::audit::ledger_dir(&config),
            press,
            clock: Arc::clone(&clock),
            names: Arc::new(names(&library)),
            registers: Arc::new(registers(&library)?),
            demo,
            looks: Arc::default(),
            patience: Duration::from_secs(3),
        };
        let (limits, documents) = gate(&config, demo)?;
        Ok(Arc::new(Self {
            clock,
            desk,
            views,
            running: tokio::sync::Mutex::new(Some(running)),
            ledger: keeper.standing(),
            keeper: tokio::sync::Mutex::new(Some(keeper)),
            processes,
            counter,
            telegram,
            knowledge,
            offices,
            library,
            rulebook,
            provider,
            rates: Rates::default(),
            sessions,
            schema: AppSchema::new(office, limits, documents),
            demo: OnceLock::new(),
            config,
        }))
    }

    /// Options of the chat's pages.
    pub fn chat_options(&self) -> anyhow::Result<WebOptions> {
        Ok(WebOptions {
            public_url: Some(self.config.public_url.clone()),
            https: self.config.is_https(),
            retention_days: self.config.chat.retention_days,
            embed_on: self.config.chat.embedding_origins()?,
            hand_over: self.telegram.as_ref().map(|telegram| telegram.hand_over()),
        })
    }

    /// The name of a municipality.
    pub fn municipality(&self, tenant: Tenant) -> String {
        self.library.municipality(tenant).map_or_else(|| tenant.to_string(), |known| known.name.clone())
    }

    /// Takes in a member of staff.
    pub async fn add_user(
        &self,
        tenant: Tenant,
        login: &str,
        name: &str,
        password: &str,
        roles: Roles,
    ) -> anyhow::Result<UserId> {
        passwords::check(password, login)?;
        let password = password.to_owned();
        let password_hash = tokio::task::spawn_blocking(move || passwords::hash(&password)).await??;
        self.register(tenant, login, name, password_hash, roles).await
    }

    /// Registers a user whose password is hashed already. The id follows from municipality and log-in name, so that
    /// two people can never have the same one, whoever registers them and wherever.
    pub(crate) async fn register(
        &self,
        tenant: Tenant,
        login: &str,
        name: &str,
        password_hash: String,
        roles: Roles,
    ) -> anyhow::Result<UserId> {
        if self.library.municipality(tenant).is_none() {
            anyhow::bail!("there is no municipality with the code {tenant}");
        }
        let id = user_id(tenant, login);
        let login = login.to_owned();
        let subject = SubjectId::new(self.desk.ids().next());
        let name = name.to_owned();
        let register = UserAct::Register { subject, login, name, password_hash, roles, one_time_until: None };
        let act = Act::system(tenant, self.clock.now(), self.desk.ids().next());
        let command = UserCommand { user: id, act: register, under: By::of(&act) };
        self.desk.execute::<User>(&User::stream(tenant, id), command, &act).await?;
        Ok(id)
    }

    /// Starts the Telegram channel, if there is a token.
    pub fn start_telegram(&self) -> Option<tokio::task::JoinHandle<()>> {
        let telegram = Arc::clone(self.telegram.as_ref()?);
        Some(tokio::spawn(async move {
            if let Err(error) = telegram.run(std::future::pending()).await {
                tracing::error!(error = %error, "the Telegram channel stopped");
            }
        }))
    }

    /// Stops the processes and gives back what they hold, stops the views, signs the last checkpoint and closes the log. What was acknowledged is on disk before this and after.
    pub async fn close(&self) {
        self.processes.lock().await.end().await;
        if let Some(running) = self.running.lock().await.take() {
            running.stop().await;
        }
        if let Some(keeper) = self.keeper.lock().await.take()
            && keeper.finish().await.is_err()
        {
            tracing::error!("the last checkpoint was not signed");
        }
        self.desk.log().close().await;
    }
}

/// The processes that were set to work.
struct Processes {
    /// Says when this node leaves.
    leaving: watch::Sender<bool>,
    /// Those that work on one node at a time.
    by_turns: JoinSet<()>,
    /// Those that work on every node.
    everywhere: JoinSet<()>,
}

impl Processes {
    /// Ends them. Those that work by turns first give back what they hold: another node need not wait for it.
    async fn end(&mut self) {
        self.everywhere.abort_all();
        self.leaving.send_replace(true);
        let left = async { while self.by_turns.join_next().await.is_some() {} };
        if tokio::time::timeout(FAREWELL, left).await.is_err() {
            tracing::warn!("the log does not answer: what this node holds is free when its time has run out");
            self.by_turns.abort_all();
        }
    }
}

/// What the processes work with.
struct Work<'a> {
    desk: &'a Desk,
    views: &'a Views,
    counter: &'a Arc<Counter>,
    documents: &'a skranke_store::documents::Documents,
    rulebook: &'a Arc<Rulebook>,
    knowledge: &'a Arc<Knowledge>,
    rules_on: &'a Arc<RulesOn>,
    clock: &'a Arc<dyn Clock>,
    offices: &'a [Tenant],
    config: &'a Config,
}

impl Work<'_> {
    /// Sets every process to work; with `claims` those that take turns each on one node at a time.
    fn begin(&self, claims: Option<Claims>) -> Processes {
        let (leaving, told) = watch::channel(false);
        let turns = Turns::new(claims, told);
        let checkpoint = |name: &str| Checkpoint::new(self.config.data.join(name));
        let moves = Moves {
            desk: self.desk.clone(),
            documents: self.documents.clone(),
            rules: Arc::clone(self.rules_on),
            clock: Arc::clone(self.clock),
            checkpoint: checkpoint("document-moves.position"),
        };
        let erasure = Erasure {
            views: self.views.clone(),
            counter: Arc::clone(self.counter),
            documents: self.documents.clone(),
        };
        let teller = Teller {
            desk: self.desk.clone(),
            views: self.views.clone(),
            offices: self.offices.to_vec(),
            clock: Arc::clone(self.clock),
            rules: self.config.webhooks.clone(),
            source: self.config.public_url.trim_end_matches('/').to_owned(),
            dir: self.config.data.join("webhooks"),
        };
        let mut by_turns = JoinSet::new();
        by_turns.spawn(self.follow(erasure, checkpoint("erasure.position"), &turns));
        by_turns.spawn(teller.tell(turns.clone()));
        by_turns.spawn(self.follow(Links, checkpoint("case-links.position"), &turns));
        by_turns.spawn(self.follow(Complaints, checkpoint("complaints.position"), &turns));
        by_turns.spawn(self.follow(Forwarding, checkpoint("forwarding.position"), &turns));
        by_turns.spawn(self.follow(CaseForwarding, checkpoint("case-forwarding.position"), &turns));
        let linked = Linked(Arc::clone(self.rules_on));
        by_turns.spawn(self.follow(linked, checkpoint("linked-cases.position"), &turns));
        by_turns.spawn(deadlines::watch(
            self.desk.clone(),
            Arc::clone(self.rules_on),
            Arc::clone(self.clock),
            self.config.data.join("deadlines.agenda"),
            turns,
        ));
        let mut everywhere = JoinSet::new();
        everywhere.spawn(expiry::keep_the_days(
            self.desk.clone(),
            self.views.clone(),
            self.offices.to_vec(),
            Arc::clone(self.clock),
        ));
        everywhere.spawn(retention::keep_the_promise(
            Arc::clone(self.counter),
            checkpoint("retention.position"),
            self.config.chat.retention_days,
        ));
        everywhere.spawn(moves.follow());
        everywhere.spawn(Arc::clone(self.rulebook).follow(Arc::clone(self.desk.log())));
        everywhere
            .spawn(Arc::clone(self.knowledge).follow(Arc::clone(self.desk.log()), Arc::clone(self.counter)));
        Processes { leaving, by_turns, everywhere }
    }

    fn follow<P: following::Process>(
        &self,
        process: P,
        checkpoint: Checkpoint,
        turns: &Turns,
    ) -> impl Future<Output = ()> + Send + use<P> {
        following::follow(process, self.desk.clone(), checkpoint, Arc::clone(self.clock), turns.clone())
    }
}

/// How large a request to the API may be, and whose documents are answered.
fn gate(config: &Config, demo: bool) -> anyhow::Result<(Limits, Documents)> {
    let limits = Limits {
        depth: config.limits.graphql_depth,
        complexity: config.limits.graphql_complexity,
        aliases: config.limits.graphql_aliases,
        introspection: demo,
    };
    let documents = match config.limits.graphql_documents {
        GraphqlDocuments::Own if !demo => Documents::Trusted(Arc::new(http::dashboard_documents()?)),
        GraphqlDocuments::Own | GraphqlDocuments::Any => Documents::Any,
    };
    Ok((limits, documents))
}

/// The Telegram channel, if there is a token for it.
fn telegram(
    config: &Config,
    secrets: &Secrets,
    counter: &Arc<Counter>,
) -> anyhow::Result<Option<Arc<Telegram>>> {
    let Some(token) = secrets.telegram_token.clone() else { return Ok(None) };
    let options = TelegramOptions {
        token,
        api_url: Some(config.telegram.api_url.clone()).filter(|api| !api.is_empty()),
        public_url: Some(config.public_url.clone()),
        webhook: config.telegram.webhook,
        updates_file: Some(config.data.join("telegram.updates")),
    };
    Ok(Some(Arc::new(Telegram::new(Arc::clone(counter), &options)?)))
}

/// What letters are printed with: the municipality's own template of the letter's day, else the shipped one.
fn press(config: &Config, rulebook: Arc<Rulebook>) -> anyhow::Result<Arc<Press>> {
    let files = if config.content.as_os_str().is_empty() {
        Files::builtin()
    } else {
        Files::from_dir(&config.content)?
    };
    let press = skranke_letters::Press::new(LetterTemplates::load(&files)?)?;
    Ok(Arc::new(move |tenant, letter| match rulebook.template(tenant, letter) {
        Some(template) => press.print_from(&template.parts, letter),
        None => press.print(letter),
    }))
}

/// What the content files bring for the registers and lists at the counter.
fn registers(library: &Library) -> anyhow::Result<Registers> {
    let named = |slug: &str| {
        let slug = AuthoritySlug::try_new(slug);
        slug.context("authorities.toml: a slug has lower-case letters, digits and hyphens only")
    };
    let authorities = library.authorities().iter();
    Ok(Registers {
        authorities: authorities
            .map(|authority| Ok((named(authority.slug())?, authority.card())))
            .collect::<anyhow::Result<_>>()?,
        areas: library.services().iter().map(skranke_content::Service::topic).collect(),
        grounds: library.grounds().to_vec(),
        requirements: library.requirements().to_vec(),
    })
}

fn authority_names(known: &skranke_content::Authority) -> [((String, Lang), String); 2] {
    [Lang::Da, Lang::En].map(|lang| ((known.slug().to_owned(), lang), known.name(lang).to_owned()))
}

fn names(library: &Library) -> Names {
    let services = library.services().iter().map(|service| TopicSlug::new(service.slug()));
    let topics = library.topics().iter().map(|topic| TopicSlug::new(topic.slug()));
    let slugs: Vec<TopicSlug> = services.chain(topics).collect();
    let titled = slugs.iter().flat_map(|slug| {
        [Lang::Da, Lang::En].map(|lang| Some(((slug.clone(), lang), library.title(slug, lang)?.to_owned())))
    });
    Names {
        topics: titled.flatten().collect(),
        municipalities: library
            .municipalities()
            .iter()
            .map(|known| (known.code, known.name.clone()))
            .collect(),
        authorities: library.authorities().iter().flat_map(authority_names).collect(),
    }
}
