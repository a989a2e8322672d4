//! Service accounts: how systems outside come in. An administrator opens one with scopes and gives it tokens; two
//! administrators give it the role of a caseworker, as they would a person, and put it into teams. A token is shown once.

use std::str::FromStr;
use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use skranke_domain::user::{Origin, User as UserAggregate, UserAct, UserCommand, UserRefusal};
use skranke_domain::{By, SubjectId, Tenant, TokenId, UserId, user};
use skranke_projections::Member;

use crate::caller::{ADMINISTRATORS, Caller, fault};
use crate::case::{Answer, Sent, answer};
use crate::office::Office;
use crate::payload::{inputs, payloads};
use crate::refusal::Refused;
use crate::scalars::{DateTime, Position, mirrored};
use crate::staff::Staff;

use super::account::user_id;
use super::act::{StaffChanged, changed, envelope, perform};

mirrored! {
    /// What a service account may be used for.
    Scope = user::Scope { CasesRead, CasesWrite, InquiriesRead, InquiriesWrite, Webhooks, Articles }
}

/// A bearer token: whose it is, and 256 random bits that nobody guesses.
pub struct BearerToken {
    /// The municipality.
    pub tenant: Tenant,
    /// The service account.
    pub account: UserId,
    /// The SHA-256 of the whole, in hexadecimal.
    hash: String,
}

/// What every token begins with, so that a scanner of source code finds those that were lost in one.
const PREFIX: &str = "skranke_";

impl BearerToken {
    /// The text of a token.
    fn text(tenant: Tenant, account: UserId, secret: &str) -> String {
        format!("{PREFIX}{tenant}_{}_{secret}", account.uuid().simple())
    }

    /// Whether it is one of an account's tokens that opens at a moment.
    pub fn opens(&self, account: &UserAggregate, now: jiff::Timestamp) -> Option<user::Scopes> {
        let account =
            account.account().filter(|account| !account.lock.is_some_and(|lock| lock.holds(now)))?;
        let access = account.origin.service()?;
        // Hashes are compared, so the time it takes tells nothing of a token.
        let right = |token: &&user::Token| token.hash == self.hash && now < token.expires;
        access.tokens.values().find(right).map(|_| access.scopes)
    }
}

impl FromStr for BearerToken {
    type Err = ();

    /// The error says nothing: what was sent is nobody's business.
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.strip_prefix(PREFIX).ok_or(())?.splitn(3, '_');
        let tenant = parts.next().and_then(|code| code.parse().ok()).ok_or(())?;
        let account = parts.next().and_then(|id| uuid::Uuid::try_parse(id).ok()).ok_or(())?;
        Ok(Self { tenant, account: UserId::new(account), hash: hash_of(text) })
    }
}

fn hash_of(token: &str) -> String {
    Sha256::digest(token).iter().fold(String::with_capacity(64), |hash, byte| hash + &format!("{byte:02x}"))
}

/// A service account as administrators see it.
#[derive(Clone, Debug)]
pub struct ServiceAccount {
    tenant: Tenant,
    member: Member,
    access: user::ServiceAccess,
}

/// A service account (systemkonto).
#[Object]
impl ServiceAccount {
    /// The account among the staff: its id, name and roles.
    async fn staff(&self) -> Staff {
        Staff::new(self.tenant, self.member.clone())
    }

    /// The revision of its newest event: hand it in as `expectedVersion`.
    async fn revision(&self) -> i64 {
        i64::try_from(self.member.revision).unwrap_or(i64::MAX)
    }

    /// What it may be used for.
    async fn scopes(&self) -> Vec<Scope> {
        self.access.scopes.iter().map(Scope::from).collect()
    }

    /// Its tokens that were not revoked, without what opens.
    async fn tokens(&self) -> Vec<ServiceToken> {
        let each = self.access.tokens.iter();
        each.map(|(id, token)| ServiceToken { id: ID(id.to_string()), expires: DateTime(token.expires) })
            .collect()
    }

    /// Whether it is locked now.
    async fn locked(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(self.member.is_locked(ctx.data::<Office>()?.clock.now()))
    }
}

/// A token's name and term.
#[derive(SimpleObject, Clone, Debug)]
pub struct ServiceToken {
    /// Its name, to revoke it by.
    pub id: ID,
    /// When it stops opening.
    pub expires: DateTime,
}

/// A token, shown once.
#[derive(SimpleObject, Clone, Debug)]
pub struct ServiceTokenIssued {
    /// The account.
    pub staff: Staff,
    /// Its name, to revoke it by.
    pub token_id: ID,
    /// The token itself; absent when the same request was answered before.
    pub token: Option<String>,
    /// When it stops opening.
    pub expires: DateTime,
    /// The revision of the account's newest event.
    pub revision: i64,
    /// The place of that event in the log.
    pub position: Position,
    /// Whether the read model has come this far.
    pub caught_up: bool,
}

payloads! {
    StaffChanged:
    /// What came of opening a service account.
    ServiceAccountOpenPayload,
    /// What came of revoking a token.
    ServiceTokenRevokePayload,
}

payloads! {
    ServiceTokenIssued:
    /// What came of issuing a token.
    ServiceTokenIssuePayload,
}

/// Open an account for a system outside. It begins without a role, a team and a token.
#[derive(InputObject)]
pub struct ServiceAccountOpenInput {
    /// What it is called in lists; unique within the municipality.
    pub login: String,
    /// The name colleagues see.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// The sender's own name for this act: sent again, it is answered again and not done again.
    pub idempotency_key: String,
}

inputs! {
    staff_id "The service account.":
    /// Give a service account a token.
    ServiceTokenIssueInput {
        /// For how many days it opens, 366 at most.
        days: i32,
    }
    /// Take a token back, at once.
    ServiceTokenRevokeInput {
        /// Its name.
        token_id: ID,
    }
}

/// Questions about service accounts.
#[derive(Default)]
pub struct ServiceAccountQuery;

#[Object]
impl ServiceAccountQuery {
    /// For administrators: every service account of the municipality, by log-in name.
    async fn service_accounts(&self, ctx: &Context<'_>) -> Result<Vec<ServiceAccount>> {
        let tenant = Caller::with(ctx, ADMINISTRATORS).await?.tenant;
        let members = ctx.data::<Office>()?.views.staff(tenant).await.map_err(|error| fault(&error))?;
        let services = members.into_iter().filter_map(|member| match &member.origin {
            Origin::Service(access) => Some(ServiceAccount { tenant, access: access.clone(), member }),
            Origin::BuiltIn | Origin::Provider => None,
        });
        Ok(services.collect())
    }
}

/// Acts on service accounts.
#[derive(Default)]
pub struct ServiceAccountMutation;

#[Object]
impl ServiceAccountMutation {
    /// Open an account for a system outside (opret systemkonto).
    async fn service_account_open(
        &self,
        ctx: &Context<'_>,
        input: ServiceAccountOpenInput,
    ) -> Result<ServiceAccountOpenPayload> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
        let id = ID(user_id(caller.tenant, &input.login).to_string());
        let open = UserAct::OpenService {
            subject: SubjectId::new(office.desk.ids().next()),
            login: input.login,
            name: input.name,
            scopes: input.scopes.into_iter().map(user::Scope::from).collect(),
        };
        let sent = Sent { key: input.idempotency_key, expected: None };
        perform(ctx, &id, open, sent).await.map(Into::into)
    }

    /// Give a service account a token (udsted adgangsnøgle). It is shown once. Several may open at the same time, so that
    /// one follows another without a gap.
    async fn service_token_issue(
        &self,
        ctx: &Context<'_>,
        input: ServiceTokenIssueInput,
    ) -> Result<ServiceTokenIssuePayload> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
        let Ok(id) = input.staff_id.parse::<UserId>() else {
            return Ok(Answer::Refused(Refused::new(&UserRefusal::NotFound, caller.lang)).into());
        };
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        let act = envelope(office, caller, sent).await?;
        let secret = Arc::clone(&office.credentials).secret().map_err(|error| fault(&*error))?;
        let text = BearerToken::text(caller.tenant, id, &secret);
        let token = TokenId::new(office.desk.ids().next());
        // A term that no calendar holds is refused as one that is too long.
        let days = input.days.clamp(0, user::LONGEST_TOKEN_DAYS + 1);
        let expires = act.at + SignedDuration::from_hours(24 * i64::from(days));
        let issue = UserAct::IssueToken { token, hash: hash_of(&text), expires };
        let command = UserCommand { user: id, act: issue, under: By::of(&act) };
        let stream = UserAggregate::stream(caller.tenant, id);
        let outcome = office.desk.execute::<UserAggregate>(&stream, command, &act).await;
        let issued = answer(ctx, outcome, None, async |receipt| {
            let repeated = receipt.repeated;
            let StaffChanged { staff, revision, position, caught_up } =
                changed(ctx, office, id, receipt).await?;
            Ok(ServiceTokenIssued {
                staff,
                token_id: ID(token.to_string()),
                token: (!repeated).then_some(text),
                expires: DateTime(expires),
                revision,
                position,
                caught_up,
            })
        });
        issued.await.map(Into::into)
    }

    /// Take a token back, at once (tilbagekald adgangsnøgle).
    async fn service_token_revoke(
        &self,
        ctx: &Context<'_>,
        input: ServiceTokenRevokeInput,
    ) -> Result<ServiceTokenRevokePayload> {
        // What is no id is the id of no token, and revoking that is done already.
        let token = input.token_id.parse().unwrap_or(TokenId::new(uuid::Uuid::nil()));
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        perform(ctx, &input.staff_id, UserAct::RevokeToken { token }, sent).await.map(Into::into)
    }
}
