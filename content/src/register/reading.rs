//! The registers as they lie in the content folder: their files, read and checked line by line.

use jiff::civil::Date;
use serde::Deserialize;
use skranke_domain::Tenant;
use skranke_domain::authority::Kind;
use skranke_domain::conversation::TopicSlug;
use skranke_domain::exemption::Ground;
use skranke_domain::hours::{Hours, OnHolidays};
use skranke_domain::service::Requirement;

use super::{Authority, Hotline, Municipality, Service, Topic};
use crate::error::{Problems, toml_fault};

pub(crate) const SERVICES: &str = "services.toml";
pub(crate) const TOPICS: &str = "topics.toml";
pub(crate) const AUTHORITIES: &str = "authorities.toml";
pub(crate) const MUNICIPALITIES: &str = "municipalities.csv";
pub(crate) const SOURCES: &str = "sources.toml";
pub(crate) const GROUNDS: &str = "grounds.toml";
pub(crate) const REQUIREMENTS: &str = "requirements.toml";

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
    reviewed: Date,
    review_before: Date,
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
        check(service.reviewed < service.review_before, "review_before must lie after reviewed");
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
    if entry.reviewed >= entry.review_before {
        note("review_before must lie after reviewed".to_owned());
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
        reviewed: entry.reviewed,
        review_before: entry.review_before,
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
