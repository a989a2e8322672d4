//! What the counter knows: articles, self-service areas, authorities, municipalities, sources and the counter's
//! fixed sentences. Files that editors change ([`Files`]), read and checked as a whole into a [`Library`].
//!
//! Invariants:
//! - A library whose references lead nowhere does not load; every fault is told with its file ([`ContentError`]).
//! - The counter answers with a [`ReviewedAnswer`] only, and an article that has expired never becomes one.

mod article;
mod error;
mod files;
mod foreign;
pub mod letters;
mod messages;
mod publication;
mod register;
mod rules;
#[cfg(test)]
mod tests;
mod thresholds;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

use jiff::civil::Date;
pub use skranke_domain::authority::Kind;
use skranke_domain::conversation::TopicSlug;
use skranke_domain::exemption::Ground;
use skranke_domain::service::Requirement;
use skranke_domain::{Lang, Tenant};

pub use article::{Article, ReviewedAnswer, name_of};
pub use error::{ContentError, Problem};
pub use files::Files;
pub use foreign::{ForeignTopic, ForeignTopics};
pub use messages::{
    AgainTexts, BesidesTexts, CardTexts, CounterTexts, FieldTexts, ForeignSafetyTexts, ForeignTexts,
    FormTexts, HoursTexts, KinTexts, Messages, PageTexts, TelegramTexts, fill,
};
pub use register::{Authority, Hotline, Login, Mandatory, Municipality, Service, SourceNote, Topic, Way};

pub use publication::{Fault, FaultKind, read_kle};
pub use rules::{RuleBook, read_rules};
pub use thresholds::Thresholds;

use error::Problems;

/// The two languages, in the order of [`Lang`].
const LANGS: [Lang; 2] = [Lang::Da, Lang::En];

/// Everything the counter knows.
#[derive(Clone, Debug)]
pub struct Library {
    articles: BTreeMap<(TopicSlug, Lang), Article>,
    /// Those that answer no more. What people ask for them by is still known.
    withdrawn: BTreeSet<(TopicSlug, Lang)>,
    services: Vec<Service>,
    topics: Vec<Topic>,
    authorities: Vec<Authority>,
    grounds: Vec<Ground>,
    requirements: Vec<Requirement>,
    municipalities: Vec<Municipality>,
    sources: HashMap<String, SourceNote>,
    messages: [Messages; 2],
    thresholds: Option<Thresholds>,
    foreign: ForeignTopics,
}

impl Library {
    /// The library that is built in.
    pub fn builtin() -> Result<Self, ContentError> {
        Self::load(&Files::builtin())
    }

    /// The library of a folder.
    pub fn from_dir(dir: &Path) -> Result<Self, ContentError> {
        Self::load(&Files::from_dir(dir)?)
    }

    /// Reads and checks the files as a whole.
    pub fn load(files: &Files) -> Result<Self, ContentError> {
        let (library, problems) = Self::inspect(files);
        if problems.is_empty() { Ok(library) } else { Err(ContentError { problems }) }
    }

    /// What can be read of the files, and everything that is wrong with them: for tools that look at a folder an editor
    /// is still working on. Nobody is answered from it.
    pub fn inspect(files: &Files) -> (Self, Vec<Problem>) {
        let mut problems = Problems::default();
        let articles =
            files.under("articles").filter_map(|(file, bytes)| Article::read(file, bytes, &mut problems));
        let articles = articles.map(|article| ((article.topic.clone(), article.lang), article)).collect();
        let services = register::services(files.get(register::SERVICES), &mut problems);
        let topics = register::topics(files.get(register::TOPICS), &mut problems);
        let authorities = register::authorities(files.get(register::AUTHORITIES), &mut problems);
        let grounds = register::grounds(files.get(register::GROUNDS), &mut problems);
        let requirements = register::requirements(files.get(register::REQUIREMENTS), &mut problems);
        let municipalities = register::municipalities(files.get(register::MUNICIPALITIES), &mut problems);
        let sources = register::parse(register::SOURCES, files.get(register::SOURCES), &mut problems);
        let messages = messages::both(files, &mut problems);
        let thresholds = thresholds::read(files.get(thresholds::FILE), &mut problems);
        let mut library = Self {
            articles,
            withdrawn: BTreeSet::new(),
            services,
            topics,
            authorities,
            grounds,
            requirements,
            municipalities,
            sources: sources.unwrap_or_default(),
            messages: messages.unwrap_or_default(),
            thresholds,
            foreign: ForeignTopics::default(),
        };
        let asked_for: Vec<TopicSlug> = library.topic_slugs().collect();
        library.foreign = ForeignTopics::read(files, &asked_for, &mut problems);
        library.check(&mut problems);
        (library, problems.into_vec())
    }

    /// What is wrong with an article beside the rest of this library: references that lead nowhere.
    pub fn misfits(&self, article: &Article) -> Vec<Problem> {
        let mut problems = Problems::default();
        self.check_sources(&article.file(), "sources", &article.sources, &mut problems);
        problems.into_vec()
    }

    /// Takes this article in instead of the one of its topic and language; `false` where there is no such topic.
    pub fn publish(&mut self, article: Article) -> bool {
        let known = self.has_topic(&article.topic);
        if known {
            let key = (article.topic.clone(), article.lang);
            self.withdrawn.remove(&key);
            self.articles.insert(key, article);
        }
        known
    }

    /// From here on the article does not answer. Whoever asks for it is understood, and offered people instead.
    pub fn withdraw(&mut self, topic: &TopicSlug, lang: Lang) {
        self.withdrawn.insert((topic.clone(), lang));
    }

    /// Looks at what only the whole can tell: doubles, and references that lead nowhere.
    fn check(&self, problems: &mut Problems) {
        let mut seen = HashSet::new();
        let slugs = self.services.iter().map(|service| (register::SERVICES, service.slug()));
        for (file, slug) in slugs.chain(self.topics.iter().map(|topic| (register::TOPICS, topic.slug()))) {
            problems.unless(seen.insert(slug), file, || format!("{slug}: stands there twice"));
        }
        let mut authorities = HashSet::new();
        for authority in &self.authorities {
            let slug = authority.slug();
            problems.unless(authorities.insert(slug), register::AUTHORITIES, || {
                format!("{slug}: stands there twice")
            });
        }
        let grounds = self.grounds.iter().map(|ground| (register::GROUNDS, &ground.slug));
        let requirements = self.requirements.iter().map(|one| (register::REQUIREMENTS, &one.slug));
        let mut lines = HashSet::new();
        for line in grounds.chain(requirements) {
            problems.unless(lines.insert(line), line.0, || format!("{}: stands there twice", line.1));
        }
        let mut codes = HashSet::new();
        for municipality in &self.municipalities {
            let code = municipality.code;
            problems.unless(codes.insert(code), register::MUNICIPALITIES, || {
                format!("{code}: stands there twice")
            });
        }
        for service in &self.services {
            for slug in [&service.authority, &service.front_desk] {
                problems.unless(authorities.contains(slug.as_str()), register::SERVICES, || {
                    format!(
                        "{}: {slug} is not in authorities.toml: correct it or add it there",
                        service.slug()
                    )
                });
            }
            self.check_sources(register::SERVICES, service.slug(), &service.sources, problems);
        }
        for authority in &self.authorities {
            self.check_sources(register::AUTHORITIES, authority.slug(), &authority.sources, problems);
        }
        for requirement in &self.requirements {
            self.check_sources(register::REQUIREMENTS, &requirement.slug, &requirement.sources, problems);
        }
        for article in self.articles.values() {
            let file = article.file();
            problems.unless(seen.contains(article.topic.as_str()), &file, || {
                "is about no topic of services.toml or topics.toml: rename it or add the topic there"
                    .to_owned()
            });
            self.check_sources(&file, "sources", &article.sources, problems);
        }
        for problem in self.gaps() {
            problems.add(&problem.file, problem.what);
        }
    }

    fn check_sources(&self, file: &str, of: &str, keys: &[String], problems: &mut Problems) {
        for key in keys {
            problems.unless(self.sources.contains_key(key), file, || {
                format!("{of}: the source {key} is not in sources.toml: correct it or add it there")
            });
        }
    }

    /// The topics that lack an article, in either language.
    fn gaps(&self) -> Vec<Problem> {
        let mut gaps = Problems::default();
        for slug in self.services.iter().map(Service::slug).chain(self.topics.iter().map(Topic::slug)) {
            for lang in LANGS {
                let file = format!("articles/{slug}.{}.md", lang.tag());
                gaps.unless(self.articles.contains_key(&(TopicSlug::new(slug), lang)), &file, || {
                    "is missing: every topic needs an article in Danish and one in English".to_owned()
                });
            }
        }
        gaps.into_vec()
    }

    /// The article about a topic, whether or not it may still answer.
    pub fn article(&self, topic: &TopicSlug, lang: Lang) -> Option<&Article> {
        // A look-up key must own its slug; a clone of some ten bytes is what that costs.
        self.articles.get(&(topic.clone(), lang))
    }

    /// Every article, by topic, Danish before English.
    pub fn articles(&self) -> impl Iterator<Item = &Article> {
        self.articles.values()
    }

    /// The answer about a topic, if there is one that is reviewed and has not expired on that date.
    pub fn reviewed(&self, topic: &TopicSlug, lang: Lang, on: Date) -> Option<ReviewedAnswer<'_>> {
        let article = self.article(topic, lang)?;
        if self.is_withdrawn(topic, lang) { None } else { ReviewedAnswer::on(article, on) }
    }

    /// Whether the article about a topic was withdrawn.
    pub fn is_withdrawn(&self, topic: &TopicSlug, lang: Lang) -> bool {
        self.withdrawn.contains(&(topic.clone(), lang))
    }

    /// Whether people can ask for a topic of that name.
    pub fn has_topic(&self, topic: &TopicSlug) -> bool {
        self.title(topic, Lang::Da).is_some()
    }

    /// What people can ask for: the self-service areas and the general topics.
    pub fn topic_slugs(&self) -> impl Iterator<Item = TopicSlug> + '_ {
        let areas = self.services.iter().map(Service::slug);
        areas.chain(self.topics.iter().map(Topic::slug)).map(TopicSlug::new)
    }

    /// The self-service areas, in the order of the file.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// One self-service area.
    pub fn service(&self, topic: &TopicSlug) -> Option<&Service> {
        self.services.iter().find(|service| service.slug() == topic.as_str())
    }

    /// The general topics.
    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// The name of a self-service area or a general topic.
    pub fn title(&self, topic: &TopicSlug, lang: Lang) -> Option<&str> {
        let general = || self.topics.iter().find(|general| general.slug() == topic.as_str());
        self.service(topic)
            .map(|service| service.title(lang))
            .or_else(|| general().map(|general| general.title(lang)))
    }

    /// The authorities.
    pub fn authorities(&self) -> &[Authority] {
        &self.authorities
    }

    /// One authority.
    pub fn authority(&self, slug: &str) -> Option<&Authority> {
        self.authorities.iter().find(|authority| authority.slug() == slug)
    }

    /// The grounds for exemption from self-service that the law names as examples.
    pub fn grounds(&self) -> &[Ground] {
        &self.grounds
    }

    /// The joint requirements for self-service solutions.
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// The municipalities, by code.
    pub fn municipalities(&self) -> &[Municipality] {
        &self.municipalities
    }

    /// One municipality.
    pub fn municipality(&self, code: Tenant) -> Option<&Municipality> {
        self.municipalities.iter().find(|municipality| municipality.code == code)
    }

    /// From which score on the chat answers; `None` where the content does not say.
    pub const fn thresholds(&self) -> Option<Thresholds> {
        self.thresholds
    }

    /// One source.
    pub fn source(&self, key: &str) -> Option<&SourceNote> {
        self.sources.get(key)
    }

    /// The topics in the languages that are recognised but not spoken here.
    pub const fn foreign(&self) -> &ForeignTopics {
        &self.foreign
    }

    /// The counter's fixed sentences.
    pub fn messages(&self, lang: Lang) -> &Messages {
        match lang {
            Lang::Da => &self.messages[0],
            Lang::En => &self.messages[1],
        }
    }
}
