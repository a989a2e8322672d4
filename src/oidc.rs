//! Log-in through an identity provider: OpenID Connect Core 1.0, code flow with PKCE (S256).
//!
//! Whose roles hold: an account that came in through the provider has the roles that the provider says at each log-in,
//! and only those; an account with a password here has those that two administrators gave it. They are two accounts, even
//! of one person, with ids and log-in names of their own ([`skranke_domain::user::Origin`] says why).
//!
//! The browser that begins a log-in is the one that finishes it: `state`, `nonce` and the PKCE verifier wait under a
//! token that only its cookie holds, for ten minutes and for one use. What the provider says about a person is in no log
//! line and no error; a fault is told apart by its kind alone.

mod claims;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessToken, AdditionalClaims, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken,
    EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenFields, IssuerUrl, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, ProviderMetadataWithLogout, RedirectUrl,
    RequestTokenError, Scope, StandardErrorResponse, StandardTokenResponse, SubjectIdentifier, TokenResponse,
    UserInfoClaims, reqwest,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use skranke_domain::id::from_digest;
use skranke_domain::user::{User, UserAct, UserCommand, UserRefusal};
use skranke_domain::{Act, By, Roles, SubjectId, Tenant, UserId};
use skranke_store::Failure;

use crate::config::{Config, Secrets};
use crate::house::House;

use claims::{Described, Mapping, Unclear};

/// The address that the provider sends people back to.
pub const CALLBACK: &str = "/api/oidc/callback";
/// Where people are after they logged out at the provider.
const AFTER: &str = "/log-ind";
/// The longest that the provider is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// What the provider says about itself is asked for again after this time; after a change of keys at once.
const FRESH: SignedDuration = SignedDuration::from_hours(1);

/// All other claims.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct Others(Map<String, Value>);
impl AdditionalClaims for Others {}

type Fields = IdTokenFields<
    Others,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Tokens = StandardTokenResponse<Fields, CoreTokenType>;
type RelyingParty = Client<
    Others,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The provider that people log in through.
pub struct Provider {
    issuer: IssuerUrl,
    client: ClientId,
    secret: Option<SecretString>,
    scopes: Vec<Scope>,
    redirect: RedirectUrl,
    after: String,
    title: String,
    host: String,
    mapping: Mapping,
    http: reqwest::Client,
    known: RwLock<Option<(Arc<ProviderMetadataWithLogout>, Timestamp)>>,
}

/// A log-in that was begun and waits for its browser to come back.
#[derive(Clone, PartialEq, Eq)]
pub struct Pending {
    /// What the provider hands back, to tell this log-in from others.
    pub state: String,
    /// What the ID token must hold.
    pub nonce: String,
    /// What the code is redeemed with (RFC 7636).
    pub verifier: String,
    /// The page they wanted.
    pub next: String,
}

/// Why nobody came in through the provider.
#[derive(Debug)]
pub enum NotVouched {
    /// The provider does not answer, or not as a provider does.
    Down,
    /// The provider sent the person back without a code: they gave up, or may not use this program.
    Denied,
    /// This browser did not begin this log-in, or too long ago, or has come back already.
    Stale,
    /// What the provider sent proves nothing.
    Unproved(&'static str),
    /// No name.
    NoName,
    /// No municipality that staff of this house work in.
    NoMunicipality,
    /// No role.
    NoRole,
    /// An administrator keeps them out.
    KeptOut,
    /// The house is broken.
    Fault(anyhow::Error),
}

/// What the provider proved.
struct Proof {
    subject: String,
    claims: Map<String, Value>,
    id_token: String,
}

/// Somebody who came in.
pub struct Entered {
    /// Their session's token.
    pub token: String,
    /// The page they wanted.
    pub next: String,
}

impl Provider {
    /// The provider of the settings, if they name one. It is not asked for anything yet: it may be down.
    pub fn of(config: &Config, secrets: &Secrets) -> anyhow::Result<Option<Self>> {
        let oidc = &config.oidc;
        if oidc.issuer.is_empty() {
            anyhow::ensure!(
                config.session.passwords,
                "nobody could log in: set oidc.issuer, or session.passwords to true"
            );
            return Ok(None);
        }
        anyhow::ensure!(!oidc.client_id.is_empty(), "oidc.client_id is empty: the provider gives one");
        let issuer = IssuerUrl::new(oidc.issuer.clone()).context("oidc.issuer is no address")?;
        let host = issuer.url().host_str().context("oidc.issuer is no address")?.to_owned();
        let here = ["127.0.0.1", "[::1]", "localhost"].contains(&host.as_str());
        anyhow::ensure!(
            issuer.url().scheme() == "https" || here,
            "oidc.issuer must begin with https://, except on this machine"
        );
        let home = config.public_url.trim_end_matches('/');
        let redirect = RedirectUrl::new(format!("{home}{CALLBACK}")).context("public_url is no address")?;
        // A provider that could redirect us could make us ask anything of anybody.
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .context("no client for the identity provider")?;
        Ok(Some(Self {
            issuer,
            client: ClientId::new(oidc.client_id.clone()),
            secret: secrets.oidc_client_secret.clone(),
            scopes: oidc.scopes.split_whitespace().map(|scope| Scope::new(scope.to_owned())).collect(),
            redirect,
            after: format!("{home}{AFTER}"),
            title: if oidc.title.is_empty() { host.clone() } else { oidc.title.clone() },
            host,
            mapping: Mapping::try_new(oidc)?,
            http,
            known: RwLock::default(),
        }))
    }

    /// What the log-in page calls it.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Begins a log-in: where to send the browser, and what waits for it to come back.
    pub async fn begin(&self, next: String, now: Timestamp) -> Result<(String, Pending), NotVouched> {
        let client = self.relying_party(self.metadata(now).await?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let (address, state, nonce) = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(self.scopes.iter().cloned())
            .set_pkce_challenge(challenge)
            .url();
        let pending = Pending {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
            next,
        };
        Ok((address.into(), pending))
    }

    /// Where to send a browser to log out at the provider as well, where it has such a place and answers.
    pub async fn log_out(&self, id_token: &str, now: Timestamp) -> Option<String> {
        let metadata = self.metadata(now).await.ok()?;
        let end = metadata.additional_metadata().end_session_endpoint.as_ref()?;
        let mut address = end.url().clone();
        address
            .query_pairs_mut()
            .append_pair("id_token_hint", id_token)
            .append_pair("client_id", self.client.as_str())
            .append_pair("post_logout_redirect_uri", &self.after);
        Some(address.into())
    }

    fn relying_party(&self, metadata: Arc<ProviderMetadataWithLogout>) -> RelyingParty {
        let secret = self.secret.as_ref().map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
        Client::from_provider_metadata(Arc::unwrap_or_clone(metadata), self.client.clone(), secret)
            .set_redirect_uri(self.redirect.clone())
    }

    /// What the provider says about itself, from memory while that is fresh.
    async fn metadata(&self, now: Timestamp) -> Result<Arc<ProviderMetadataWithLogout>, NotVouched> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).clone();
        match known {
            Some((metadata, at)) if now.duration_since(at) < FRESH => Ok(metadata),
            _ => self.discover(now).await,
        }
    }

    async fn discover(&self, now: Timestamp) -> Result<Arc<ProviderMetadataWithLogout>, NotVouched> {
        let found = ProviderMetadataWithLogout::discover_async(self.issuer.clone(), &self.http).await;
        let metadata = Arc::new(found.map_err(|error| {
            tracing::warn!(error = %error, "the identity provider could not be discovered");
            NotVouched::Down
        })?);
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some((Arc::clone(&metadata), now));
        Ok(metadata)
    }

    /// Redeems a code, and verifies what comes for it: signature, issuer, audience, expiry, nonce.
    async fn prove(&self, code: String, pending: &Pending, now: Timestamp) -> Result<Proof, NotVouched> {
        let mut client = self.relying_party(self.metadata(now).await?);
        let exchange = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_| NotVouched::Down)?
            .set_pkce_verifier(PkceCodeVerifier::new(pending.verifier.clone()));
        let tokens = exchange.request_async(&self.http).await.map_err(|error| match error {
            RequestTokenError::Request(_) => NotVouched::Down,
            RequestTokenError::ServerResponse(_) => NotVouched::Unproved("the code was not redeemed"),
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                NotVouched::Unproved("the answer to the code was not understood")
            }
        })?;
        let id_token = tokens.id_token().ok_or(NotVouched::Unproved("there is no ID token"))?;
        let nonce = Nonce::new(pending.nonce.clone());
        let mut verified = id_token.claims(&client.id_token_verifier(), &nonce);
        if matches!(verified, Err(openidconnect::ClaimsVerificationError::SignatureVerification(_))) {
            // The provider may have changed its keys since we last asked for them.
            client = self.relying_party(self.discover(now).await?);
            verified = id_token.claims(&client.id_token_verifier(), &nonce);
        }
        let verified = verified.map_err(|error| NotVouched::Unproved(kind(&error)))?;
        let subject = verified.subject().clone();
        let mut claims = object(verified);
        if client.user_info_url().is_some() {
            let told = self.user_info(&client, tokens.access_token().clone(), subject.clone()).await?;
            // What was signed for this log-in outweighs what was asked for afterwards.
            for (name, value) in told {
                claims.entry(name).or_insert(value);
            }
        }
        Ok(Proof { subject: subject.to_string(), claims, id_token: id_token.to_string() })
    }

    async fn user_info(
        &self,
        client: &RelyingParty,
        access: AccessToken,
        subject: SubjectIdentifier,
    ) -> Result<Map<String, Value>, NotVouched> {
        let request = client.user_info(access, Some(subject)).map_err(|_| NotVouched::Down)?;
        let told: Result<UserInfoClaims<Others, CoreGenderClaim>, _> =
            request.request_async(&self.http).await;
        match told {
            Ok(told) => Ok(object(&told)),
            Err(openidconnect::UserInfoError::Request(_)) => Err(NotVouched::Down),
            Err(_) => Err(NotVouched::Unproved("the user info is not of this person, or not understood")),
        }
    }
}

/// What kind of fault an ID token has. Its own words could hold what stands in the token.
const fn kind(error: &openidconnect::ClaimsVerificationError) -> &'static str {
    use openidconnect::ClaimsVerificationError as Fault;
    match error {
        Fault::Expired(_) => "the ID token has expired",
        Fault::InvalidAudience(_) => "the ID token is for another program",
        Fault::InvalidIssuer(_) => "the ID token is from another provider",
        Fault::InvalidNonce(_) => "the ID token is for another log-in",
        Fault::SignatureVerification(_) => "the ID token is not signed with a key of the provider",
        _ => "the ID token is not valid",
    }
}

fn object(claims: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(claims) {
        Ok(Value::Object(object)) => object,
        Ok(_) | Err(_) => Map::new(),
    }
}

/// The id of whom a provider vouches for: the same person of the same provider and municipality is always one account.
fn account(tenant: Tenant, issuer: &str, subject: &str) -> UserId {
    let digest = Sha256::digest(format!("provided-user/{tenant}/{issuer}/{subject}"));
    UserId::new(from_digest(&digest.into()))
}

/// Finishes a log-in: takes the person in or lets their roles follow the provider, and begins a session.
pub async fn enter(
    house: &House,
    provider: &Provider,
    pending: Pending,
    code: String,
) -> Result<Entered, NotVouched> {
    let proof = provider.prove(code, &pending, house.clock.now()).await?;
    let described = provider.mapping.describe(&proof.claims, &provider.host);
    let Described { tenant, login, name, roles } = described.map_err(|unclear| match unclear {
        Unclear::NoName => NotVouched::NoName,
        Unclear::NoMunicipality => NotVouched::NoMunicipality,
    })?;
    if !house.offices.contains(&tenant) {
        return Err(NotVouched::NoMunicipality);
    }
    let issuer = provider.issuer.to_string();
    let user = account(tenant, &issuer, &proof.subject);
    let now = house.clock.now();
    let act = Act::system(tenant, now, house.desk.ids().next());
    let subject = SubjectId::new(house.desk.ids().next());
    let vouch = UserAct::Vouch { subject, login, name, issuer, roles };
    let command = UserCommand { user, act: vouch, under: By::of(&act) };
    let stream = User::stream(tenant, user);
    let receipt = match house.desk.execute::<User>(&stream, command, &act).await {
        Ok(receipt) => receipt,
        Err(Failure::Refused(UserRefusal::NoRoleFromProvider)) => return Err(NotVouched::NoRole),
        Err(failure) => return Err(NotVouched::Fault(failure.into())),
    };
    let (known, _) =
        house.desk.load::<User>(&stream).await.map_err(|error| NotVouched::Fault(error.into()))?;
    if roles == Roles::default() {
        house.sessions.end_all(tenant, user).map_err(NotVouched::Fault)?;
        return Err(NotVouched::NoRole);
    }
    if known.account().is_some_and(|account| account.lock.is_some_and(|lock| lock.holds(now))) {
        return Err(NotVouched::KeptOut);
    }
    // The first request finds the account in the views.
    house.views.wait_for(receipt.position, Duration::from_secs(3)).await;
    let token = house.sessions.begin(tenant, user, now).map_err(NotVouched::Fault)?;
    house.sessions.keep_id_token(&token, &proof.id_token).map_err(NotVouched::Fault)?;
    Ok(Entered { token, next: pending.next })
}
