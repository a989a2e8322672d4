//! What stands beside every event: who, when, for which municipality, in which role, what for, and by which
//! program. The first two names are KurrentDB's own conventions, so its tools can follow a correlation.
//!
//! Invariant: written strictly, read leniently. A field or a role that this program does not know is passed
//! over; only tenant, actor and time must be there, because inventing them would be a lie.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as WordError, StrDeserializer};
use serde::{Deserialize, Serialize};
use skranke_domain::{Act, Actor, Purpose, Role, Roles, Tenant};
use uuid::Uuid;

/// An event's metadata.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// What belongs together across streams.
    #[serde(rename = "$correlationId")]
    pub correlation: Uuid,
    /// The event that led to this one, if one did.
    #[serde(rename = "$causationId", skip_serializing_if = "Option::is_none")]
    pub causation: Option<Uuid>,
    /// The municipality it happened in.
    pub tenant: Tenant,
    /// Who acted.
    pub actor: Actor,
    /// The roles the actor held.
    pub roles: Roles,
    /// What for, where a purpose was stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// When.
    pub recorded_at: Timestamp,
    /// The program that wrote it, with its version.
    pub software: String,
    /// The version of the event's own fields.
    pub schema: String,
}

/// Why bytes are no metadata of ours.
#[derive(Debug, thiserror::Error)]
#[error("the metadata of an event lacks tenant, actor or time")]
pub struct MetadataError(#[source] serde_json::Error);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored<'a> {
    #[serde(rename = "$correlationId", default)]
    correlation: Uuid,
    #[serde(rename = "$causationId", default)]
    causation: Option<Uuid>,
    tenant: Tenant,
    actor: Actor,
    #[serde(borrow, default)]
    roles: Vec<Cow<'a, str>>,
    #[serde(borrow, default)]
    purpose: Option<Cow<'a, str>>,
    recorded_at: Timestamp,
    #[serde(default)]
    software: String,
    #[serde(default)]
    schema: String,
}

impl Metadata {
    /// What an act says, written by `software`. The schema is 1.0 until the event says otherwise.
    pub fn from_act(act: &Act, software: &str) -> Self {
        Self {
            correlation: act.correlation,
            causation: act.causation,
            tenant: act.tenant,
            actor: act.actor,
            roles: act.roles,
            purpose: act.purpose,
            recorded_at: act.at,
            software: software.to_owned(),
            schema: "1.0".to_owned(),
        }
    }

    /// Reads what [`Self::to_json`] wrote, in this or any other version.
    pub fn parse(bytes: &[u8]) -> Result<Self, MetadataError> {
        let stored: Stored<'_> = serde_json::from_slice(bytes).map_err(MetadataError)?;
        Ok(Self {
            correlation: stored.correlation,
            causation: stored.causation,
            tenant: stored.tenant,
            actor: stored.actor,
            roles: stored
                .roles
                .iter()
                .filter_map(|name| Role::ALL.into_iter().find(|role| role.name() == name))
                .collect(),
            purpose: stored.purpose.as_deref().and_then(purpose),
            recorded_at: stored.recorded_at,
            software: stored.software,
            schema: stored.schema,
        })
    }

    /// The bytes as they are stored: one JSON object.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }
}

fn purpose(name: &str) -> Option<Purpose> {
    let word: StrDeserializer<'_, WordError> = name.into_deserializer();
    Purpose::deserialize(word).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act() -> Act {
        let mut act = Act::system(
            Tenant::try_new("0190").unwrap(),
            "2026-11-22T10:15:30Z".parse().unwrap(),
            Uuid::from_u128(7),
        );
        act.roles = Roles::default().with(Role::Auditor).with(Role::Caseworker);
        act.purpose = Some(Purpose::CitizenRequest);
        act.causation = Some(Uuid::from_u128(8));
        act
    }

    #[test]
    fn what_an_act_says_is_read_back() {
        let written = Metadata::from_act(&act(), "skranke/0.1.0");
        assert_eq!(Metadata::parse(&written.to_json().unwrap()).unwrap(), written);
    }

    #[test]
    fn the_names_are_kurrents_where_it_has_some() {
        let json = String::from_utf8(Metadata::from_act(&act(), "skranke/0.1.0").to_json().unwrap()).unwrap();
        assert_eq!(
            json,
            r#"{"$correlationId":"00000000-0000-0000-0000-000000000007","$causationId":"00000000-0000-0000-0000-000000000008","tenant":"0190","actor":"system","roles":["caseworker","auditor"],"purpose":"citizen-request","recordedAt":"2026-11-22T10:15:30Z","software":"skranke/0.1.0","schema":"1.0"}"#
        );
    }

    #[test]
    fn what_a_later_version_adds_is_passed_over_and_what_must_be_there_is_missed() {
        let later = br#"{"tenant":"0190","actor":"bot","roles":["auditor","mayor"],"purpose":"sightseeing","recordedAt":"2026-11-22T10:15:30Z","mood":"good"}"#;
        let read = Metadata::parse(later).unwrap();
        assert!(read.roles.has(Role::Auditor) && read.roles.iter().count() == 1);
        assert_eq!((read.purpose, read.correlation), (None, Uuid::nil()));
        assert!(Metadata::parse(br#"{"tenant":"0190"}"#).is_err());
    }
}
