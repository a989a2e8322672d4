//! Who asks: made by the binary from the session, once per request, and never from anything in the request's body.

use std::hash::{DefaultHasher, Hash, Hasher};

use async_graphql::{Context, Error, ErrorExtensions, Result};
use skranke_domain::user::Scopes;
use skranke_domain::{Act, Actor, Lang, Purpose, Role, Roles, Tenant, UserId};
use skranke_store::{LoadError, NewerEvent};

use crate::office::Office;

/// The person behind a request.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    /// Their municipality: nothing else is ever asked for.
    pub tenant: Tenant,
    /// Who.
    pub user: UserId,
    /// The roles they hold now.
    pub roles: Roles,
    /// The language of messages.
    pub lang: Lang,
    /// What a service account may be used for; a person has none.
    pub scopes: Option<Scopes>,
}

impl Caller {
    /// The caller of this request.
    pub fn of<'a>(ctx: &Context<'a>) -> Result<&'a Self> {
        ctx.data::<Self>()
    }

    /// The caller, if they hold one of `roles`; a refused look-up is noted in the access log.
    pub async fn with<'a>(ctx: &Context<'a>, roles: &[Role]) -> Result<&'a Self> {
        let caller = Self::of(ctx)?;
        if caller.roles.any(roles) {
            return Ok(caller);
        }
        crate::access::refused(ctx.data::<Office>()?, caller, ctx.field().name(), "NOT_ALLOWED", None).await;
        Err(not_allowed(caller.lang))
    }

    /// Whether this may be done: a person may, and a service account with the scope.
    pub fn has_scope(&self, scope: skranke_domain::user::Scope) -> bool {
        self.scopes.is_none_or(|scopes| scopes.has(scope))
    }

    /// An act of this caller, now.
    pub fn act(&self, office: &Office, purpose: Option<Purpose>) -> Act {
        Act {
            tenant: self.tenant,
            actor: Actor::Staff(self.user),
            roles: self.roles,
            purpose,
            at: office.clock.now(),
            correlation: office.desk.ids().next(),
            causation: None,
            idempotency: None,
            expected: None,
        }
    }
}

/// Those who work on cases.
pub(crate) const WORKERS: &[Role] = &[Role::Caseworker, Role::TeamLead];
/// Those who read what concerns no single case.
pub(crate) const READERS: &[Role] = &[Role::Caseworker, Role::TeamLead, Role::Administrator];
/// Those who administer.
pub(crate) const ADMINISTRATORS: &[Role] = &[Role::Administrator];
/// Those who audit.
pub(crate) const AUDITORS: &[Role] = &[Role::Auditor];

/// The error for a question that the caller's roles do not allow.
pub(crate) fn not_allowed(lang: Lang) -> Error {
    let text = lang.pick("Dine roller giver ikke adgang til dette.", "Your roles do not allow this.");
    coded(text, "NOT_ALLOWED")
}

/// An error with a code that programs can switch on.
pub(crate) fn coded(text: &str, code: &'static str) -> Error {
    Error::new(text).extend_with(|_, extensions| extensions.set("code", code))
}

/// A newer program wrote what the act is about: people are told what stands in the way and who can clear it.
pub(crate) fn newer(event: &NewerEvent, lang: Lang) -> Error {
    tracing::warn!(event = %event, "an act was refused: {event}");
    let kind = event.event_type.as_str();
    let text = match lang {
        Lang::Da => format!(
            "Her står hændelsen {kind}, som denne version af Skranke ikke kender. Alt kan læses, men intet ændres, \
             før den nyere version, der skrev den, er startet."
        ),
        Lang::En => format!(
            "The event {kind} stands here, which this version of Skranke does not know. Everything can be read and \
             nothing changed until the newer version that wrote it is started."
        ),
    };
    coded(&text, "NEWER_PROGRAM")
}

/// An aggregate was not loaded.
pub(crate) fn not_loaded(error: &LoadError, lang: Lang) -> Error {
    match error {
        LoadError::Newer(event) => newer(event, lang),
        LoadError::Log(error) => fault(error),
    }
}

/// The house is broken: people get a reference, the log gets the cause.
pub(crate) fn fault(cause: &(dyn std::error::Error + 'static)) -> Error {
    let mut chain = cause.to_string();
    let mut next = cause.source();
    while let Some(source) = next {
        chain.push_str(": ");
        chain.push_str(&source.to_string());
        next = source.source();
    }
    // The same fault has the same reference, so that two calls to support can be seen to be one matter.
    let mut hasher = DefaultHasher::new();
    chain.hash(&mut hasher);
    let reference = format!("F-{:08X}", hasher.finish() & 0xFFFF_FFFF);
    tracing::error!(reference, cause = chain, "a request failed");
    coded(&format!("Noget gik galt. Opgiv referencen {reference}, hvis du kontakter support."), "FAULT")
}
