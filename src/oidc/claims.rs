//! What a provider says about somebody, and what we make of it.

use std::collections::BTreeMap;

use anyhow::Context;
use serde_json::{Map, Value};
use skranke_domain::{Role, Roles, Tenant};

use crate::config::Oidc;

/// The longest log-in name or name that is taken from a provider, in characters.
const LONGEST: usize = 200;

/// What claims mean.
#[derive(Debug)]
pub(super) struct Mapping {
    login: String,
    name: String,
    roles_claim: String,
    roles: BTreeMap<String, Role>,
    municipality_claim: String,
    /// By value; `*` is everybody. Empty where the claim holds the code itself.
    municipalities: BTreeMap<String, Tenant>,
}

/// Somebody as the provider describes them, in our words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Described {
    /// Their municipality.
    pub tenant: Tenant,
    /// The log-in name there.
    pub login: String,
    /// The name colleagues see.
    pub name: String,
    /// Their roles, all of them; none where nothing that the provider says is a role here.
    pub roles: Roles,
}

/// What the claims do not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unclear {
    /// No log-in name or no name.
    NoName,
    /// No municipality that we know.
    NoMunicipality,
}

impl Mapping {
    /// Reads the settings.
    pub(super) fn try_new(config: &Oidc) -> anyhow::Result<Self> {
        let role = |name: &str| Role::ALL.into_iter().find(|role| role.name() == name);
        let roles = pairs(&config.roles, role).context(
            "oidc.roles: write \"value=role; value=role\" with the roles caseworker, team-lead, auditor, administrator",
        )?;
        let municipalities = pairs(&config.municipalities, |code| code.parse().ok()).context(
            "oidc.municipalities: write \"value=0190; value=0751\" with the codes of municipalities",
        )?;
        Ok(Self {
            login: config.login_claim.clone(),
            name: config.name_claim.clone(),
            roles_claim: config.roles_claim.clone(),
            roles,
            municipality_claim: config.municipality_claim.clone(),
            municipalities,
        })
    }

    /// Describes somebody of whom these claims are said by the provider at `host`.
    pub(super) fn describe(&self, claims: &Map<String, Value>, host: &str) -> Result<Described, Unclear> {
        let text = |claim| texts(claims, claim).into_iter().next().map(|text| short(&text));
        let login = text(&self.login).filter(|login| !login.is_empty()).ok_or(Unclear::NoName)?;
        let name = text(&self.name).filter(|name| !name.is_empty()).ok_or(Unclear::NoName)?;
        // A name of a built-in account has no host behind it, so that the two are never taken for one another.
        let login = if login.contains('@') { login } else { format!("{login}@{host}") };
        let said = texts(claims, &self.roles_claim);
        let roles = said.iter().filter_map(|value| self.roles.get(value).copied()).collect();
        let tenant = self.municipality(claims).ok_or(Unclear::NoMunicipality)?;
        Ok(Described { tenant, login, name, roles })
    }

    fn municipality(&self, claims: &Map<String, Value>) -> Option<Tenant> {
        let said = texts(claims, &self.municipality_claim);
        if self.municipalities.is_empty() {
            return said.first()?.parse().ok();
        }
        let known = said.iter().find_map(|value| self.municipalities.get(value));
        known.or_else(|| self.municipalities.get("*")).copied()
    }
}

/// `value=meaning; value=meaning`. A value may hold equals signs itself, as names in directories do.
fn pairs<T>(text: &str, meaning: impl Fn(&str) -> Option<T>) -> Option<BTreeMap<String, T>> {
    let each = text.split(';').map(str::trim).filter(|pair| !pair.is_empty());
    let read = each.map(|pair| {
        let (value, means) = pair.rsplit_once('=')?;
        Some((value.trim().to_owned(), meaning(means.trim())?))
    });
    read.collect()
}

/// The texts of a claim, by its name or by a path with dots; numbers too, for codes are written in both ways.
fn texts(claims: &Map<String, Value>, claim: &str) -> Vec<String> {
    let found = claims.get(claim).or_else(|| {
        let (first, rest) = claim.split_once('.')?;
        rest.split('.').try_fold(claims.get(first)?, |value, part| value.get(part))
    });
    let one = |value: &Value| match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match found {
        Some(Value::Array(values)) => values.iter().filter_map(one).collect(),
        Some(value) => one(value).into_iter().collect(),
        None => Vec::new(),
    }
}

fn short(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn describe(config: &Oidc, claims: Value) -> Result<Described, Unclear> {
        let Value::Object(claims) = claims else { panic!("claims are an object") };
        Mapping::try_new(config).unwrap().describe(&claims, "id.example.dk")
    }

    fn config() -> Oidc {
        Oidc { roles: "CN=Skranke,OU=Sag=caseworker; ledere=team-lead".to_owned(), ..Oidc::default() }
    }

    #[test]
    fn claims_become_a_person_with_the_roles_that_are_known() {
        let said = json!({ "preferred_username": "anna", "name": "Anna Opdigtet", "municipality": 190,
            "groups": ["CN=Skranke,OU=Sag", "kantinen", "ledere"] });
        let anna = describe(&config(), said).unwrap();
        assert_eq!(anna.tenant, Tenant::try_new("0190").unwrap());
        assert_eq!((anna.login.as_str(), anna.name.as_str()), ("anna@id.example.dk", "Anna Opdigtet"));
        assert_eq!(anna.roles, [Role::Caseworker, Role::TeamLead].into_iter().collect());
    }

    #[test]
    fn a_value_that_means_nothing_gives_no_role() {
        let said = json!({ "preferred_username": "anna@furesoe.example.dk", "name": "Anna", "municipality": "0190",
            "groups": "caseworker" });
        let anna = describe(&config(), said).unwrap();
        assert_eq!(anna.roles, Roles::default());
        assert_eq!(anna.login, "anna@furesoe.example.dk");
    }

    #[test]
    fn who_has_no_name_or_no_municipality_is_not_described() {
        let all = json!({ "preferred_username": "anna", "name": "Anna", "municipality": "0190" });
        for (gone, unclear) in [
            ("preferred_username", Unclear::NoName),
            ("name", Unclear::NoName),
            ("municipality", Unclear::NoMunicipality),
        ] {
            let mut some = all.clone();
            some.as_object_mut().unwrap().remove(gone);
            assert_eq!(describe(&config(), some), Err(unclear), "{gone}");
        }
    }

    #[test]
    fn municipalities_are_mapped_and_a_star_is_everybody() {
        let furesoe = Tenant::try_new("0190").unwrap();
        let at = |municipalities: &str, cvr: &str| {
            let config = Oidc {
                municipalities: municipalities.to_owned(),
                municipality_claim: "org.cvr".to_owned(),
                ..config()
            };
            let said = json!({ "preferred_username": "anna", "name": "Anna", "org": { "cvr": cvr } });
            describe(&config, said).map(|anna| anna.tenant)
        };
        assert_eq!(at("29188327=0190", "29188327"), Ok(furesoe));
        assert_eq!(at("29188327=0190", "11111111"), Err(Unclear::NoMunicipality));
        assert_eq!(at("*=0190", "11111111"), Ok(furesoe));
    }

    #[test]
    fn settings_that_mean_nothing_are_refused() {
        for (roles, municipalities) in [("a=chef", ""), ("caseworker", ""), ("a=caseworker", "a=1")] {
            let config =
                Oidc { roles: roles.into(), municipalities: municipalities.into(), ..Oidc::default() };
            assert!(Mapping::try_new(&config).is_err(), "{roles} {municipalities}");
        }
    }
}
