//! The registers: self-service areas, general topics, authorities, municipalities and sources.

mod reading;

use jiff::civil::Date;
use serde::Deserialize;
use skranke_domain::authority::{Card, Kind};
use skranke_domain::conversation::TopicSlug;
use skranke_domain::hours::Hours;
use skranke_domain::{Lang, Tenant};

pub(crate) use reading::{
    AUTHORITIES, GROUNDS, MUNICIPALITIES, REQUIREMENTS, SERVICES, SOURCES, TOPICS, authorities, grounds,
    municipalities, parse, requirements, services, topics,
};

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
    /// When somebody last read it against its sources.
    pub reviewed: Date,
    /// From this date on somebody is to read it again.
    pub review_before: Date,
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
    /// When somebody last read it against its sources.
    pub reviewed: Date,
    /// From this date on somebody is to read it again.
    pub review_before: Date,
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

impl SourceNote {
    /// The full date that the page carries, if it carries one. Most carry a year or nothing.
    pub fn date(&self) -> Option<Date> {
        self.page.parse().ok()
    }
}
