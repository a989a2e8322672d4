//! Accounts: taking people in, their roles (two administrators give one, one takes it away), locks and passwords.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use skranke_domain::id::from_digest;
use skranke_domain::user::{User as UserAggregate, UserAct, UserCommand};
use skranke_domain::{By, Roles, SubjectId, Tenant, UserId};
use skranke_projections::Member;

use crate::caller::{ADMINISTRATORS, Caller, coded, fault};
use crate::case::{Answer, Sent, answer};
use crate::connection::{PageInfo, connection, cursor, page_size};
use crate::office::{Office, OneTime};
use crate::payload::{inputs, payloads};
use crate::scalars::{DateTime, Position, Role};
use crate::staff::{self, Staff};

use super::act::{StaffChanged, changed, envelope, perform};

/// For how long a one-time password opens.
const ONE_TIME: SignedDuration = SignedDuration::from_hours(24);

/// The id that belongs to a log-in name: two people can never have the same one, whoever takes them in and wherever.
pub fn user_id(tenant: Tenant, login: &str) -> UserId {
    let digest = Sha256::digest(format!("user/{tenant}/{}", login.trim().to_lowercase()));
    UserId::new(from_digest(&digest.into()))
}

/// A role that waits for a second administrator.
#[derive(Clone, Copy, Debug)]
pub struct RoleProposal {
    role: Role,
    by: UserId,
}

/// A role that waits for a second administrator.
#[Object]
impl RoleProposal {
    /// Which.
    async fn role(&self) -> Role {
        self.role
    }

    /// Who proposed it, and may not approve it.
    async fn by(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        staff::find(ctx, self.by).await
    }
}

/// An account as administrators see it.
#[derive(Clone, Debug)]
pub struct Account {
    tenant: Tenant,
    member: Member,
}

/// An account as administrators see it.
#[Object]
impl Account {
    /// The member of staff.
    async fn staff(&self) -> Staff {
        Staff::new(self.tenant, self.member.clone())
    }

    /// The revision of its newest event: hand it in as `expectedVersion`.
    async fn revision(&self) -> i64 {
        i64::try_from(self.member.revision).unwrap_or(i64::MAX)
    }

    /// Roles that wait for a second administrator.
    async fn proposals(&self) -> Vec<RoleProposal> {
        let proposals = self.member.proposals.iter();
        proposals.map(|(role, by)| RoleProposal { role: (*role).into(), by: *by }).collect()
    }

    /// Whether it is locked now.
    async fn locked(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(self.member.is_locked(ctx.data::<Office>()?.clock.now()))
    }

    /// When a lock after wrong passwords ends by itself.
    async fn locked_until(&self) -> Option<DateTime> {
        self.member.lock.and_then(|lock| lock.until).map(DateTime)
    }

    /// Whether the password is a one-time password that must be changed at the first log-in.
    async fn must_change_password(&self) -> bool {
        self.member.one_time_until.is_some()
    }
}

connection! {
    /// A page of accounts.
    AccountConnection, AccountEdge, Account
}

/// Questions about accounts.
#[derive(Default)]
pub struct AccountQuery;

#[Object]
impl AccountQuery {
    /// For administrators: the accounts of the municipality, by log-in name.
    #[graphql(complexity = "usize::try_from(first).unwrap_or(100) * child_complexity + 1")]
    async fn accounts(
        &self,
        ctx: &Context<'_>,
        first: i32,
        after: Option<String>,
    ) -> Result<AccountConnection> {
        let tenant = Caller::with(ctx, ADMINISTRATORS).await?.tenant;
        let views = &ctx.data::<Office>()?.views;
        let page = views.accounts(tenant, cursor(after)?, page_size(first)?).await;
        let page = page.map_err(|error| fault(&error))?;
        let page_info = PageInfo::of(&page);
        let edges = page.items.into_iter().map(|item| {
            let cursor = item.cursor.to_string();
            AccountEdge { cursor, node: Account { tenant, member: item.row } }
        });
        Ok(AccountConnection { edges: edges.collect(), page_info })
    }
}

/// An account with a one-time password.
#[derive(SimpleObject, Clone, Debug)]
pub struct AccountOpened {
    /// The member of staff.
    pub staff: Staff,
    /// The one-time password, to be handed over; absent when the same request was answered before.
    pub one_time_password: Option<String>,
    /// Until when it opens.
    pub valid_until: DateTime,
    /// The revision of their newest event.
    pub revision: i64,
    /// The place of that event in the log.
    pub position: Position,
    /// Whether the read model has come this far.
    pub caught_up: bool,
}

payloads! {
    AccountOpened:
    /// What came of taking somebody in.
    UserRegisterPayload,
    /// What came of resetting a password.
    PasswordResetPayload,
}

payloads! {
    StaffChanged:
    /// What came of proposing a role.
    RoleGrantProposePayload,
    /// What came of approving a role.
    RoleGrantApprovePayload,
    /// What came of declining a role.
    RoleGrantDeclinePayload,
    /// What came of taking a role away.
    RoleRevokePayload,
    /// What came of locking an account.
    AccountLockPayload,
    /// What came of unlocking an account.
    AccountUnlockPayload,
}

/// Take a member of staff in. They begin without roles.
#[derive(InputObject)]
pub struct UserRegisterInput {
    /// The name they log in with.
    pub login: String,
    /// The name colleagues see.
    pub name: String,
    /// The sender's own name for this act: sent again, it is answered again and not done again.
    pub idempotency_key: String,
}

inputs! {
    staff_id "The member of staff.":
    /// Give somebody a one-time password.
    PasswordResetInput {}
    /// Propose that somebody be given a role.
    RoleGrantProposeInput {
        /// Which.
        role: Role,
    }
    /// Give somebody a role that another administrator proposed.
    RoleGrantApproveInput {
        /// Which.
        role: Role,
    }
    /// Turn a proposal down, or take it back.
    RoleGrantDeclineInput {
        /// Which.
        role: Role,
    }
    /// Take a role away, at once.
    RoleRevokeInput {
        /// Which.
        role: Role,
    }
    /// Keep somebody out.
    AccountLockInput {}
    /// Let somebody in again.
    AccountUnlockInput {}
}

/// Acts on accounts.
#[derive(Default)]
pub struct AccountMutation;

/// Translates an input into its act, calls, and translates the answer.
macro_rules! act {
    ($ctx:expr, $input:expr, $act:expr) => {{
        let sent = Sent { key: $input.idempotency_key, expected: $input.expected_version };
        perform($ctx, &$input.staff_id, $act, sent).await.map(Into::into)
    }};
}

#[Object]
impl AccountMutation {
    /// Take a member of staff in, with a one-time password and without roles (opret bruger).
    async fn user_register(
        &self,
        ctx: &Context<'_>,
        input: UserRegisterInput,
    ) -> Result<UserRegisterPayload> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
        let id = user_id(caller.tenant, &input.login);
        let subject = SubjectId::new(office.desk.ids().next());
        let sent = Sent { key: input.idempotency_key, expected: None };
        let (login, name) = (input.login, input.name);
        let register = |hash, until| UserAct::Register {
            subject,
            login,
            name,
            password_hash: hash,
            roles: Roles::default(),
            one_time_until: Some(until),
        };
        with_one_time_password(ctx, id, sent, register).await.map(Into::into)
    }

    /// Give somebody a one-time password, which they must change at the first log-in (nulstil adgangskode).
    async fn password_reset(
        &self,
        ctx: &Context<'_>,
        input: PasswordResetInput,
    ) -> Result<PasswordResetPayload> {
        let id = input.staff_id.parse::<UserId>().map_err(|_| coded("staffId is not an id", "BAD_ID"))?;
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        let reset = |password_hash, until| UserAct::ResetPassword { password_hash, until };
        with_one_time_password(ctx, id, sent, reset).await.map(Into::into)
    }

    /// Propose that somebody be given a role (foreslå rolle). Another administrator approves it.
    async fn role_grant_propose(
        &self,
        ctx: &Context<'_>,
        input: RoleGrantProposeInput,
    ) -> Result<RoleGrantProposePayload> {
        act!(ctx, input, UserAct::ProposeRole { role: input.role.into() })
    }

    /// Give somebody a role that another administrator proposed (godkend rolle).
    async fn role_grant_approve(
        &self,
        ctx: &Context<'_>,
        input: RoleGrantApproveInput,
    ) -> Result<RoleGrantApprovePayload> {
        act!(ctx, input, UserAct::ApproveRole { role: input.role.into() })
    }

    /// Turn a proposal down, or take it back.
    async fn role_grant_decline(
        &self,
        ctx: &Context<'_>,
        input: RoleGrantDeclineInput,
    ) -> Result<RoleGrantDeclinePayload> {
        act!(ctx, input, UserAct::DeclineRole { role: input.role.into() })
    }

    /// Take a role away, at once (fratag rolle).
    async fn role_revoke(&self, ctx: &Context<'_>, input: RoleRevokeInput) -> Result<RoleRevokePayload> {
        act!(ctx, input, UserAct::RevokeRole { role: input.role.into() })
    }

    /// Keep somebody out, at once (spær).
    async fn account_lock(&self, ctx: &Context<'_>, input: AccountLockInput) -> Result<AccountLockPayload> {
        act!(ctx, input, UserAct::Lock { until: None })
    }

    /// Let somebody in again (ophæv spærring).
    async fn account_unlock(
        &self,
        ctx: &Context<'_>,
        input: AccountUnlockInput,
    ) -> Result<AccountUnlockPayload> {
        act!(ctx, input, UserAct::Unlock)
    }
}

/// Carries out an act that gives somebody a one-time password.
async fn with_one_time_password(
    ctx: &Context<'_>,
    id: UserId,
    sent: Sent,
    wish: impl FnOnce(String, jiff::Timestamp) -> UserAct,
) -> Result<Answer<AccountOpened>> {
    // The hash is dear: whoever may not is told so before it is made.
    Caller::with(ctx, ADMINISTRATORS).await?;
    let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
    let act = envelope(office, caller, sent).await?;
    let credentials = Arc::clone(&office.credentials);
    let made = tokio::task::spawn_blocking(move || credentials.one_time()).await;
    let OneTime { password, hash } = made.map_err(|error| fault(&error))?.map_err(|error| fault(&*error))?;
    let until = act.at + ONE_TIME;
    let command = UserCommand { user: id, act: wish(hash, until), under: By::of(&act) };
    let stream = UserAggregate::stream(caller.tenant, id);
    let outcome = office.desk.execute::<UserAggregate>(&stream, command, &act).await;
    answer(ctx, outcome, None, async |receipt| {
        let repeated = receipt.repeated;
        let StaffChanged { staff, revision, position, caught_up } = changed(ctx, office, id, receipt).await?;
        Ok(AccountOpened {
            staff,
            one_time_password: (!repeated).then_some(password),
            valid_until: DateTime(until),
            revision,
            position,
            caught_up,
        })
    })
    .await
}
