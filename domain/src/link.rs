//! Addresses on borger.dk with the municipality chosen beforehand (direkte links).
//!
//! The portal reads the municipality from a field of the query, whose name has been seen in two spellings and whose
//! value is the code without its leading zero. Only borger.dk reads it: other hosts' addresses stay as they are.

use crate::id::Tenant;

/// The name of the field, read without regard to case.
const KEY: &str = "kommunekode";

/// How the name of the field is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// `kommunekode`.
    Lower,
    /// `KommuneKode`.
    Camel,
}

impl Spelling {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Lower, Self::Camel];

    const fn key(self) -> &'static str {
        match self {
            Self::Lower => KEY,
            Self::Camel => "KommuneKode",
        }
    }
}

/// The address with the municipality chosen; one that stands there already is replaced.
pub fn with_municipality(address: &str, municipality: Tenant, spelling: Spelling) -> String {
    if !is_on_the_portal(address) {
        return address.to_owned();
    }
    let (path, query, fragment) = parts(address);
    let mut pairs: Vec<&str> =
        query.split('&').filter(|pair| !pair.is_empty() && value_of(pair).is_none()).collect();
    let chosen = format!("{}={}", spelling.key(), municipality.code3());
    pairs.push(&chosen);
    let fragment = fragment.map_or_else(String::new, |part| format!("#{part}"));
    format!("{path}?{}{fragment}", pairs.join("&"))
}

/// The municipality that an address chooses: in any case of letters, with three digits or four.
pub fn municipality_of(address: &str) -> Option<Tenant> {
    let (_, query, _) = parts(address);
    query.split('&').find_map(value_of).and_then(|code| Tenant::try_new(code).ok())
}

/// Whether borger.dk or one of its own hosts serves this address.
pub fn is_on_the_portal(address: &str) -> bool {
    let host =
        address.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or(""));
    host == "borger.dk" || host.ends_with(".borger.dk")
}

/// Path, query and fragment.
fn parts(address: &str) -> (&str, &str, Option<&str>) {
    let (address, fragment) =
        address.split_once('#').map_or((address, None), |(address, part)| (address, Some(part)));
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    (path, query, fragment)
}

/// The value, if the pair is the municipality's.
fn value_of(pair: &str) -> Option<&str> {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    name.eq_ignore_ascii_case(KEY).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_municipality_is_added_to_borger_dk_addresses_once() {
        let furesoe = Tenant::try_new("0190").unwrap();
        for (link, expected) in [
            ("https://www.borger.dk/", "https://www.borger.dk/?kommunekode=190"),
            ("https://www.borger.dk/flytning", "https://www.borger.dk/flytning?kommunekode=190"),
            (
                "https://www.borger.dk/H?selfserviceId=2b",
                "https://www.borger.dk/H?selfserviceId=2b&kommunekode=190",
            ),
            ("https://www.borger.dk/S.aspx?KommuneKode=530", "https://www.borger.dk/S.aspx?kommunekode=190"),
            ("https://borger.dk/a?KOMMUNEKODE=530&b=1#c", "https://borger.dk/a?b=1&kommunekode=190#c"),
            ("https://lifeindenmark.borger.dk/x", "https://lifeindenmark.borger.dk/x?kommunekode=190"),
            ("https://www.skat.dk/x?y=1", "https://www.skat.dk/x?y=1"),
            ("https://notborger.dk/x", "https://notborger.dk/x"),
        ] {
            assert_eq!(with_municipality(link, furesoe, Spelling::Lower), expected);
        }
        assert_eq!(
            with_municipality("https://www.borger.dk/S.aspx?a=1", furesoe, Spelling::Camel),
            "https://www.borger.dk/S.aspx?a=1&KommuneKode=190"
        );
    }

    #[test]
    fn a_municipality_is_read_in_any_spelling() {
        for address in [
            "https://www.borger.dk/x?kommunekode=190",
            "https://www.borger.dk/x?a=1&KommuneKode=0190#top",
            "https://www.borger.dk/x?KOMMUNEKODE=190&b=2",
        ] {
            assert_eq!(municipality_of(address), Tenant::try_new("0190").ok(), "{address}");
        }
        for address in ["https://www.borger.dk/x", "https://www.borger.dk/x?kommunekode=", "kommunekode=19a"]
        {
            assert_eq!(municipality_of(address), None, "{address}");
        }
    }
}
