//! The registers: self-service areas, general topics, authorities, municipalities and sources.

use jiff::civil::Date;
use serde::Deserialize;
use skranke_domain::authority::{Card, Kind};
use skranke_domain::conversation::TopicSlug;
use skranke_domain::exemption::Ground;
use skranke_domain::hours::{Hours, OnHolidays};
use skranke_domain::service::Requirement;
use skranke_domain::{Lang, Tenant};

use crate::error::{Problems, toml_fault};

/// Whether a self-service area asks for an eID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Login {
    /// MitID.
    Mitid,
    /// With or without.
    Optional,
    /// MitID or another log-in.
    OneOfTwo,
    /// A card number and a PIN (libraries).
    CardNumber,
    /// None.
    None,
}

/// Whether the matter must be started online.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mandatory {
    /// Yes, unless exempt.
    Yes,
    /// For some.
    Partly,
    /// No.
    No,
    /// No source says.
    Unknown,
}

/// A way to get a matter done without the self-service solution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// In person.
    Counter,
    /// By phone.
    Phone,
    /// On paper.
    PaperForm,
    /// Somebody else does it with a digital power of attorney.
    DigitalFuldmagt,
    /// Help and a computer at the library.
    LibraryHelp,
    /// Exemption from self-service.
    Exemption,
    /// It happens by itself.
    Automatic,
    /// Only in person.
    InPersonOnly,
}

/// A self-service area: who decides, where to go first, what to bring.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    slug: String,
    title_da: String,
    title_en: String,
    /// Whether the authority's own page named it among its examples.
    #[serde(default)]
    pub seed: bool,
    synonyms_da: Vec<String>,
    synonyms_en: Vec<String>,
    /// The slug of the authority that decides.
    pub authority: String,
    /// The slug of the place to go first.
    pub front_desk: String,
    /// Whether it asks for an eID.
    pub login: Login,
    /// Whether it must be started online.
    pub mandatory: Mandatory,
    without_eid_da: String,
    without_eid_en: String,
    /// The other ways, best first.
    pub alternatives: Vec<Way>,
    bring_da: Vec<String>,
    bring_en: Vec<String>,
    /// The KLE main group its cases belong to; empty when none fits.
    pub kle_main: String,
    /// The page where it is done.
    pub link: String,
    #[serde(default)]
    processing_da: Option<String>,
    #[serde(default)]
    processing_en: Option<String>,
    /// Keys in `sources.toml`.
    pub sources: Vec<String>,
}

impl Service {
    /// Its slug.
    pub fn slug(&self) -> &str {
        &self.slug
    }

    /// Its topic.
    pub fn topic(&self) -> TopicSlug {
        TopicSlug::new(self.slug.as_str())
    }

    /// Its name.
    pub fn title(&self, lang: Lang) -> &str {
        lang.pick(&self.title_da, &self.title_en)
    }

    /// Other words for it.
    pub fn synonyms(&self, lang: Lang) -> &[String] {
        match lang {
            Lang::Da => &self.synonyms_da,
            Lang::En => &self.synonyms_en,
        }
    }

    /// What to do without an eID.
    pub fn without_eid(&self, lang: Lang) -> &str {
        lang.pick(&self.without_eid_da, &self.without_eid_en)
    }

    /// What to bring.
    pub fn bring(&self, lang: Lang) -> &[String] {
        match lang {
            Lang::Da => &self.bring_da,
            Lang::En => &self.bring_en,
        }
    }

    /// How long it takes, with place and year, where a source says so.
    pub fn processing(&self, lang: Lang) -> Option<&str> {
        match lang {
            Lang::Da => self.processing_da.as_deref(),
            Lang::En => self.processing_en.as_deref(),
        }
    }
}

/// A general topic that is no single self-service area.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    slug: String,
    title_da: String,
    title_en: String,
}

impl Topic {
    /// Its slug.
    pub fn slug(&self) -> &str {
        &self.slug
    }

    /// Its name.
    pub fn title(&self, lang: Lang) -> &str {
        lang.pick(&self.title_da, &self.title_en)
    }
}

/// A body that people are sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    slug: String,
    name_da: String,
    name_en: String,
    /// What kind of body it is.
    pub kind: Kind,
    /// Whether it decides anything.
    pub decides: bool,
    does_da: String,
    does_en: String,
    counter_da: String,
    counter_en: String,
    /// Its number; empty when none is known.
    pub phone: String,
    /// The date or year of the page that the number stood on; empty when undated.
    pub phone_checked: String,
    /// When it answers the phone or opens, where a source says so.
    pub hours: Option<Hours>,
    /// Where it is; empty when not known.
    pub address: String,
    /// How to write to it; empty when not known.
    pub email: String,
    /// Keys in `sources.toml`.
    pub sources: Vec<String>,
}

impl Authority {
    /// Its slug.
    pub fn slug(&self) -> &str {
        &self.slug
    }

    /// Its name.
    pub fn name(&self, lang: Lang) -> &str {
        lang.pick(&self.name_da, &self.name_en)
    }

    /// What it does, one sentence.
    pub fn does(&self, lang: Lang) -> &str {
        lang.pick(&self.does_da, &self.does_en)
    }

    /// Where it can be visited; empty when not known.
    pub fn counter(&self, lang: Lang) -> &str {
        lang.pick(&self.counter_da, &self.counter_en)
    }

    /// What the register of authorities says of it, as long as no administrator says otherwise.
    pub fn card(&self) -> Card {
        Card {
            name_da: self.name_da.clone(),
            name_en: self.name_en.clone(),
            kind: self.kind,
            decides: self.decides,
            phone: self.phone.clone(),
            email: self.email.clone(),
            address: self.address.clone(),
        }
    }
}

/// A shared telephone line for help with self-service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hotline {
    /// Den Digitale Hotline (members as of 2018).
    Digital,
    /// The line of municipalities in the south (members as of 2015).
    South,
}

/// One of the 98 municipalities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Municipality {
    /// Its code.
    pub code: Tenant,
    /// Its short name in ASCII.
    pub slug: String,
    /// Its everyday name, "Furesø".
    pub name: String,
    /// Its full name, "Furesø Kommune".
    pub official_name: String,
    /// Its region until the end of 2026.
    pub region: String,
    /// Its website, "furesoe.dk".
    pub domain: String,
    /// The shared line it was a member of.
    pub hotline: Option<Hotline>,
    /// Its number; empty when not known.
    pub phone: String,
    /// Its address; empty when not known.
    pub address: String,
    /// Other names, parts of it and postal towns, in lower case.
    pub aliases: Vec<String>,
    /// Villages that share their name with a better known place elsewhere, in lower case: `?lyngby` in the file.
    pub villages: Vec<String>,
}

/// Where a statement comes from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceNote {
    /// Its name.
    pub name: String,
    /// Its address; empty when it has none.
    #[serde(default)]
    pub url: String,
    /// The date or year that the page or act carries; empty when undated.
    #[serde(default)]
    pub page: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ServiceFile {
    #[expect(dead_code, reason = "present so that an unknown key is refused and this one is not")]
    #[serde(default)]
    schema: u32,
    #[serde(default)]
    service: Vec<Service>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TopicFile {
    #[expect(dead_code, reason = "present so that an unknown key is refused and this one is not")]
    #[serde(default)]
    schema: u32,
    #[serde(default)]
    topic: Vec<Topic>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthorityFile {
    #[expect(dead_code, reason = "present so that an unknown key is refused and this one is not")]
    #[serde(default)]
    schema: u32,
    #[serde(default)]
    authority: Vec<AuthorityEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthorityEntry {
    slug: String,
    name_da: String,
    name_en: String,
    kind: Kind,
    decides: bool,
    does_da: String,
    does_en: String,
    counter_da: String,
    counter_en: String,
    phone: String,
    phone_checked: String,
    hours: String,
    /// `closed` where a source says so; most do not.
    #[serde(default)]
    holidays: Option<OnHolidays>,
    address: String,
    email: String,
    sources: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroundFile {
    #[expect(dead_code, reason = "present so that an unknown key is refused and this one is not")]
    #[serde(default)]
    schema: u32,
    #[serde(default)]
    ground: Vec<Ground>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequirementFile {
    #[expect(dead_code, reason = "present so that an unknown key is refused and this one is not")]
    #[serde(default)]
    schema: u32,
    #[serde(default)]
    requirement: Vec<Requirement>,
}

#[derive(Deserialize)]
struct MunicipalityRow {
    code4: String,
    code3: String,
    slug: String,
    name: String,
    official_name: String,
    region: String,
    domain: String,
    hotline: String,
    phone: String,
    address: String,
    aliases: String,
}

pub(crate) const SERVICES: &str = "services.toml";
pub(crate) const TOPICS: &str = "topics.toml";
pub(crate) const AUTHORITIES: &str = "authorities.toml";
pub(crate) const MUNICIPALITIES: &str = "municipalities.csv";
pub(crate) const SOURCES: &str = "sources.toml";
pub(crate) const GROUNDS: &str = "grounds.toml";
pub(crate) const REQUIREMENTS: &str = "requirements.toml";

/// Parses a TOML file as `T`; notes the fault and answers the empty value otherwise.
pub(crate) fn parse<T: serde::de::DeserializeOwned>(
    file: &str,
    bytes: Option<&[u8]>,
    problems: &mut Problems,
) -> Option<T> {
    let Some(bytes) = bytes else {
        problems.add(file, "is missing: see content/README.md for what belongs in it");
        return None;
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        problems.add(file, "is not UTF-8 text: save it as UTF-8");
        return None;
    };
    match toml::from_str(text) {
        Ok(value) => Some(value),
        Err(fault) => {
            problems.add(file, toml_fault(text, &fault));
            None
        }
    }
}

pub(crate) fn services(bytes: Option<&[u8]>, problems: &mut Problems) -> Vec<Service> {
    let services = parse::<ServiceFile>(SERVICES, bytes, problems).map_or_else(Vec::new, |file| file.service);
    for service in &services {
        let slug = &service.slug;
        let mut check =
            |holds: bool, what: &str| problems.unless(holds, SERVICES, || format!("{slug}: {what}"));
        check(TopicSlug::try_new(slug).is_some(), "a slug has lower-case letters, digits and hyphens only");
        check(service.link.starts_with("https://"), "the link must start with https://");
        let texts = [&service.title_da, &service.title_en, &service.without_eid_da, &service.without_eid_en];
        check(
            texts.iter().all(|text| !text.trim().is_empty()),
            "title and without_eid are needed in both languages",
        );
        check(
            service.bring_da.len() == service.bring_en.len(),
            "bring_da and bring_en must list the same things",
        );
        check(
            service.processing_da.is_some() == service.processing_en.is_some(),
            "processing is needed in both languages",
        );
        check(!service.alternatives.is_empty(), "name at least one other way in alternatives");
        let main = service.kle_main.as_bytes();
        check(
            main.is_empty() || (main.len() == 2 && main.iter().all(u8::is_ascii_digit)),
            "kle_main has two digits",
        );
    }
    services
}

pub(crate) fn grounds(bytes: Option<&[u8]>, problems: &mut Problems) -> Vec<Ground> {
    let grounds = parse::<GroundFile>(GROUNDS, bytes, problems).map_or_else(Vec::new, |file| file.ground);
    for ground in &grounds {
        worded(GROUNDS, &ground.slug, [&ground.text_da, &ground.text_en], problems);
    }
    grounds
}

pub(crate) fn requirements(bytes: Option<&[u8]>, problems: &mut Problems) -> Vec<Requirement> {
    let file = parse::<RequirementFile>(REQUIREMENTS, bytes, problems);
    let requirements = file.map_or_else(Vec::new, |file| file.requirement);
    for one in &requirements {
        worded(REQUIREMENTS, &one.slug, [&one.text_da, &one.text_en], problems);
    }
    requirements
}

/// A line of a list that people pick from: a slug, and a text in both languages.
fn worded(file: &str, slug: &str, texts: [&String; 2], problems: &mut Problems) {
    problems.unless(TopicSlug::try_new(slug).is_some(), file, || {
        format!("{slug}: a slug has lower-case letters, digits and hyphens only")
    });
    problems.unless(texts.iter().all(|text| !text.trim().is_empty()), file, || {
        format!("{slug}: a text is needed in both languages")
    });
}

pub(crate) fn topics(bytes: Option<&[u8]>, problems: &mut Problems) -> Vec<Topic> {
    let topics = parse::<TopicFile>(TOPICS, bytes, problems).map_or_else(Vec::new, |file| file.topic);
    for topic in &topics {
        let slug = &topic.slug;
        problems.unless(TopicSlug::try_new(slug).is_some_and(|slug| !slug.can_be_routed()), TOPICS, || {
            format!("{slug}: is none of the general topics that the program knows; add it to services.toml instead")
        });
        problems.unless(!topic.title_da.is_empty() && !topic.title_en.is_empty(), TOPICS, || {
            format!("{slug}: the title is needed in both languages")
        });
    }
    topics
}

pub(crate) fn authorities(bytes: Option<&[u8]>, problems: &mut Problems) -> Vec<Authority> {
    let entries =
        parse::<AuthorityFile>(AUTHORITIES, bytes, problems).map_or_else(Vec::new, |file| file.authority);
    entries.into_iter().map(|entry| authority(entry, problems)).collect()
}

fn authority(entry: AuthorityEntry, problems: &mut Problems) -> Authority {
    let slug = entry.slug;
    let mut note = |what: String| problems.add(AUTHORITIES, format!("{slug}: {what}"));
    // Unless a source says otherwise, nobody has told what happens on public holidays.
    let on_holidays = entry.holidays.unwrap_or(OnHolidays::Unknown);
    let hours = match entry.hours.trim() {
        "" => None,
        line => Hours::parse(line, on_holidays).map_err(|fault| note(fault.to_string())).ok(),
    };
    if !entry.phone.is_empty() && !is_phone(&entry.phone) {
        note("the phone number has eight digits, written \"12 34 56 78\"".to_owned());
    }
    if [&entry.name_da, &entry.name_en, &entry.does_da, &entry.does_en]
        .iter()
        .any(|text| text.trim().is_empty())
    {
        note("name and does are needed in both languages".to_owned());
    }
    Authority {
        slug,
        name_da: entry.name_da,
        name_en: entry.name_en,
        kind: entry.kind,
        decides: entry.decides,
        does_da: entry.does_da,
        does_en: entry.does_en,
        counter_da: entry.counter_da,
        counter_en: entry.counter_en,
        phone: entry.phone,
        phone_checked: entry.phone_checked,
        hours,
        address: entry.address,
        email: entry.email,
        sources: entry.sources,
    }
}

pub(crate) fn municipalities(bytes: Option<&[u8]>, problems: &mut Problems) -> Vec<Municipality> {
    let Some(bytes) = bytes else {
        problems.add(MUNICIPALITIES, "is missing: see content/README.md for what belongs in it");
        return Vec::new();
    };
    let mut found = Vec::new();
    for (number, row) in csv::Reader::from_reader(bytes).into_deserialize::<MunicipalityRow>().enumerate() {
        let line = number + 2;
        match row {
            Ok(row) => found.extend(municipality(row, line, problems)),
            Err(fault) => problems.add(MUNICIPALITIES, format!("line {line}: {fault}")),
        }
    }
    found
}

fn municipality(row: MunicipalityRow, line: usize, problems: &mut Problems) -> Option<Municipality> {
    let mut check =
        |holds: bool, what: &str| problems.unless(holds, MUNICIPALITIES, || format!("line {line}: {what}"));
    let code = Tenant::try_new(&row.code4).ok();
    check(
        code.is_some_and(|code| row.code4.len() == 4 && code.code3() == row.code3),
        "code4 has four digits, code3 its last three",
    );
    check(!row.name.is_empty() && !row.official_name.is_empty(), "the name is missing");
    check(
        !row.domain.is_empty() && !row.domain.contains('/'),
        "domain is a host name, for example furesoe.dk",
    );
    check(
        row.phone.is_empty() || is_phone(&row.phone),
        "the phone number has eight digits, written \"12 34 56 78\"",
    );
    let hotline = match row.hotline.as_str() {
        "" => None,
        "ddh" => Some(Hotline::Digital),
        "syd" => Some(Hotline::South),
        _ => {
            check(false, "hotline is ddh, syd or empty");
            None
        }
    };
    let aliases = || row.aliases.split('|').filter(|alias| !alias.is_empty());
    Some(Municipality {
        code: code?,
        slug: row.slug,
        name: row.name,
        official_name: row.official_name,
        region: row.region,
        domain: row.domain,
        hotline,
        phone: row.phone,
        address: row.address,
        aliases: aliases().filter(|alias| !alias.starts_with('?')).map(str::to_owned).collect(),
        villages: aliases().filter_map(|alias| alias.strip_prefix('?')).map(str::to_owned).collect(),
    })
}

fn is_phone(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ')
        && text.bytes().filter(u8::is_ascii_digit).count() == 8
}

/// A source's date, if it is a full one. Most pages carry a year or nothing.
impl SourceNote {
    /// The full date that the page carries, if it carries one.
    pub fn date(&self) -> Option<Date> {
        self.page.parse().ok()
    }
}
