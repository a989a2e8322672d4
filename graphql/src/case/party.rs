//! The people in a case: who they are to it, who speaks for them, where they live, and what they answered.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use skranke_domain::access_log::{AccessEvent, AddressViewed};
use skranke_domain::case::{CaseAct, FIRST_PARTY, PartyAct, PartyOutcome as DomainOutcome, PartyState};
use skranke_domain::inquiry::Inquiry;
use skranke_domain::{CaseId, StreamId, SubjectId, Tenant};
use skranke_projections::{CaseSheet, PartySheet, ReplySheet, RepresentativeSheet};

use crate::access;
use crate::caller::{Caller, WORKERS, fault};
use crate::office::Office;
use crate::payload::{inputs, payloads};
use crate::personal::Personal;
use crate::reach;
use crate::scalars::{Date, DateTime, Outcome, PartyHearing, PartyRole, Purpose};
use crate::staff::Actor;
use crate::words;

use super::act::{CaseChanged, Sent, derived_by, perform};
use super::mutation::act;
use super::types::Case;

/// Somebody in a case: a party, or somebody else it has to do with.
#[derive(Clone, Debug)]
pub struct Party {
    tenant: Tenant,
    case: CaseSheet,
    sheet: PartySheet,
    state: PartyState,
}

impl Party {
    /// Everybody in a case.
    pub(super) fn all(tenant: Tenant, case: &CaseSheet) -> Vec<Self> {
        let known = case.parties.iter().filter_map(|sheet| {
            let state = case.file.party(sheet.number)?.clone();
            Some(Self { tenant, case: case.clone(), sheet: sheet.clone(), state })
        });
        known.collect()
    }

    fn stream(&self) -> StreamId {
        skranke_domain::case::Case::stream(self.tenant, self.case.id)
    }

    /// Where they live. Of whom the case was opened for, the inquiry it came from may know.
    async fn address_of(&self, office: &Office) -> Result<Option<Personal>> {
        if let Some(address) = &self.sheet.address {
            return office.personal(&self.stream(), address).map(Some);
        }
        let Some(inquiry) = self.case.file.inquiry.filter(|_| self.sheet.number == FIRST_PARTY) else {
            return Ok(None);
        };
        let found = office.views.inquiry(self.tenant, inquiry).await.map_err(|error| fault(&error))?;
        let Some(found) = found else { return Ok(None) };
        let contact = office.open(&Inquiry::stream(self.tenant, inquiry), &found.contact)?;
        Ok(match contact {
            Ok(contact) => contact.address.map(Personal::open),
            Err(erased) => Some(Personal::Erased(erased)),
        })
    }
}

/// Somebody in a case: a party, or somebody else it has to do with.
#[Object]
impl Party {
    /// Their number in the case; the first is whom it was opened for.
    async fn number(&self) -> u32 {
        self.sheet.number
    }

    /// Whom the fields about them are sealed for.
    async fn subject_id(&self) -> ID {
        ID(self.state.subject.to_string())
    }

    /// What they are to the case.
    async fn role(&self) -> PartyRole {
        self.state.role.into()
    }

    /// Whether they are a party, who is heard and gets a decision.
    async fn is_party(&self) -> bool {
        self.state.role.is_party()
    }

    /// Their name, if it is known.
    async fn name(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        ctx.data::<Office>()?.personal_if_any(&self.stream(), self.sheet.name.as_ref())
    }

    /// Whether their address is protected.
    async fn address_protected(&self) -> bool {
        self.state.protected
    }

    /// Their address, if it is known. A protected one is masked: ask for `partyAddress`, which is noted.
    async fn address(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        let address = self.address_of(ctx.data::<Office>()?).await?;
        Ok(if self.state.protected { address.map(|_| Personal::open(words::MASKED)) } else { address })
    }

    /// Who speaks for them.
    async fn representative(&self) -> Option<Representative> {
        let sheet = self.sheet.representative.clone()?;
        Some(Representative { stream: self.stream(), sheet })
    }

    /// How far hearing them has come.
    async fn hearing(&self) -> PartyHearing {
        self.state.hearing.into()
    }

    /// What they answered in hearings, oldest first.
    async fn replies(&self) -> Vec<HearingReply> {
        let replies = self.sheet.replies.iter().cloned();
        replies.map(|sheet| HearingReply { stream: self.stream(), sheet }).collect()
    }
}

/// Who speaks for a party (partsrepræsentant, FVL § 8).
#[derive(Clone, Debug)]
pub struct Representative {
    stream: StreamId,
    sheet: RepresentativeSheet,
}

/// Who speaks for a party (partsrepræsentant, FVL § 8).
#[Object]
impl Representative {
    /// The name.
    async fn name(&self, ctx: &Context<'_>) -> Result<Personal> {
        ctx.data::<Office>()?.personal(&self.stream, &self.sheet.name)
    }

    /// How to reach them.
    async fn contact(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        ctx.data::<Office>()?.personal_if_any(&self.stream, self.sheet.contact.as_ref())
    }

    /// Who recorded it.
    async fn by(&self) -> Actor {
        Actor(self.sheet.by)
    }

    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.sheet.at)
    }
}

/// An answer in a hearing (høringssvar).
#[derive(Clone, Debug)]
pub struct HearingReply {
    stream: StreamId,
    sheet: ReplySheet,
}

/// An answer in a hearing (høringssvar).
#[Object]
impl HearingReply {
    /// The day it came.
    async fn received(&self) -> Date {
        Date(self.sheet.received)
    }

    /// What it says.
    async fn text(&self, ctx: &Context<'_>) -> Result<Personal> {
        ctx.data::<Office>()?.personal(&self.stream, &self.sheet.text)
    }

    /// Who noted it.
    async fn by(&self) -> Actor {
        Actor(self.sheet.by)
    }

    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.sheet.at)
    }
}

/// How a decision falls out for one party.
#[derive(SimpleObject, Clone, Copy, Debug)]
pub struct PartyOutcome {
    /// Who, by number.
    pub party: u32,
    /// The outcome.
    pub outcome: Outcome,
}

/// How a decision falls out for one party.
#[derive(InputObject, Clone, Copy, Debug)]
pub struct PartyOutcomeInput {
    /// Who, by number.
    pub party: u32,
    /// The outcome.
    pub outcome: Outcome,
}

impl From<PartyOutcomeInput> for DomainOutcome {
    fn from(said: PartyOutcomeInput) -> Self {
        Self { party: said.party, outcome: said.outcome.into() }
    }
}

/// The outcomes of a decision, the first party's first.
pub(super) fn outcomes(
    first: Option<skranke_domain::case::Outcome>,
    others: &[DomainOutcome],
) -> Vec<PartyOutcome> {
    let first = first.map(|outcome| PartyOutcome { party: FIRST_PARTY, outcome: outcome.into() });
    let others = others.iter().map(|said| PartyOutcome { party: said.party, outcome: said.outcome.into() });
    first.into_iter().chain(others).collect()
}

/// Questions about the people in a case.
#[derive(Default)]
pub struct PartyQuery;

#[Object]
impl PartyQuery {
    /// Opens the address of somebody in a case, protected or not. It states its purpose and is noted.
    async fn party_address(
        &self,
        ctx: &Context<'_>,
        case_id: ID,
        party: u32,
        #[graphql(default_with = "Purpose::CaseHandling")] purpose: Purpose,
    ) -> Result<Option<Personal>> {
        let caller = Caller::with(ctx, WORKERS).await?;
        let Ok(id) = case_id.parse::<CaseId>() else { return Ok(None) };
        let office = ctx.data::<Office>()?;
        let Some(case) = Case::find(office, caller.tenant, id).await? else { return Ok(None) };
        reach::open_case(office, caller, (id, &case.sheet.file), ctx.field().name()).await?;
        let found = Party::all(caller.tenant, &case.sheet).into_iter().find(|one| one.sheet.number == party);
        let Some(found) = found else { return Ok(None) };
        let event = AccessEvent::AddressViewed(AddressViewed { case: id, party });
        access::viewed(office, caller, purpose.into(), event).await?;
        found.address_of(office).await
    }
}

payloads! { CaseChanged:
    /// What came of adding somebody.
    PartyAddPayload,
    /// What came of changing a role.
    PartyRoleChangePayload,
    /// What came of recording a representative.
    RepresentativeRecordPayload,
    /// What came of ending a representation.
    RepresentativeEndPayload,
    /// What came of protecting an address.
    AddressProtectPayload,
    /// What came of protecting an address no more.
    AddressUnprotectPayload,
    /// What came of noting an answer.
    HearingReplyPayload,
}

inputs! { case_id "The case.":
    /// Add somebody to a case.
    PartyAddInput {
        /// What they are to it.
        role: PartyRole,
        /// Their name.
        name: String,
        /// Their address, if it is known.
        address: String = "",
    }
    /// Say what else somebody is to a case.
    PartyRoleChangeInput {
        /// Who, by number.
        party: u32,
        /// What they are.
        role: PartyRole,
        /// Why.
        reason: String,
    }
    /// Record who speaks for a party.
    RepresentativeRecordInput {
        /// For whom, by number.
        party: u32,
        /// The representative's name.
        name: String,
        /// How to reach them.
        contact: String = "",
    }
    /// Record that nobody speaks for a party any more.
    RepresentativeEndInput {
        /// For whom, by number.
        party: u32,
        /// Why.
        reason: String,
    }
    /// Protect somebody's address.
    AddressProtectInput {
        /// Whose, by number.
        party: u32,
    }
    /// Protect somebody's address no more.
    AddressUnprotectInput {
        /// Whose, by number.
        party: u32,
        /// Why.
        reason: String,
    }
    /// Note what a party answered in a hearing.
    HearingReplyInput {
        /// Who, by number.
        party: u32,
        /// The day it came; today if it is not said.
        received: Option<Date>,
        /// What it says.
        text: String,
    }
}

fn about(act: PartyAct) -> CaseAct {
    CaseAct::Party(Box::new(act))
}

/// A subject of their own for somebody new. Sent again, the key means the same person.
fn new_subject(ctx: &Context<'_>, key: &str) -> Result<SubjectId> {
    let caller = Caller::of(ctx)?;
    let who = skranke_domain::Actor::Staff(caller.user);
    Ok(SubjectId::new(derived_by(caller.tenant, who, key, "party subject")))
}

/// Acts on the people in a case.
#[derive(Default)]
pub struct PartyMutation;

#[Object]
impl PartyMutation {
    /// Add somebody to a case: a party, or somebody else it has to do with (tilføj part).
    async fn party_add(&self, ctx: &Context<'_>, input: PartyAddInput) -> Result<PartyAddPayload> {
        let subject = new_subject(ctx, &input.idempotency_key)?;
        let (role, name, address) = (input.role.into(), input.name, input.address);
        act!(ctx, input, about(PartyAct::Add { subject, role, name, address }))
    }

    /// Say what else somebody is to a case (ret rolle).
    async fn party_role_change(
        &self,
        ctx: &Context<'_>,
        input: PartyRoleChangeInput,
    ) -> Result<PartyRoleChangePayload> {
        let (party, role, reason) = (input.party, input.role.into(), input.reason);
        act!(ctx, input, about(PartyAct::ChangeRole { party, role, reason }))
    }

    /// Record who speaks for a party (partsrepræsentant, FVL § 8).
    async fn representative_record(
        &self,
        ctx: &Context<'_>,
        input: RepresentativeRecordInput,
    ) -> Result<RepresentativeRecordPayload> {
        let subject = new_subject(ctx, &input.idempotency_key)?;
        let (party, name, contact) = (input.party, input.name, input.contact);
        act!(ctx, input, about(PartyAct::Represent { party, subject, name, contact }))
    }

    /// Record that nobody speaks for a party any more.
    async fn representative_end(
        &self,
        ctx: &Context<'_>,
        input: RepresentativeEndInput,
    ) -> Result<RepresentativeEndPayload> {
        act!(ctx, input, about(PartyAct::EndRepresentation { party: input.party, reason: input.reason }))
    }

    /// Protect somebody's address (adressebeskyttelse): it is masked until it is opened, and that is noted.
    async fn address_protect(
        &self,
        ctx: &Context<'_>,
        input: AddressProtectInput,
    ) -> Result<AddressProtectPayload> {
        act!(ctx, input, about(PartyAct::ProtectAddress { party: input.party }))
    }

    /// Protect somebody's address no more.
    async fn address_unprotect(
        &self,
        ctx: &Context<'_>,
        input: AddressUnprotectInput,
    ) -> Result<AddressUnprotectPayload> {
        act!(ctx, input, about(PartyAct::UnprotectAddress { party: input.party, reason: input.reason }))
    }

    /// Note what a party answered in a hearing (høringssvar).
    async fn hearing_reply(
        &self,
        ctx: &Context<'_>,
        input: HearingReplyInput,
    ) -> Result<HearingReplyPayload> {
        let (party, received, text) = (input.party, input.received.map(|date| date.0), input.text);
        act!(ctx, input, about(PartyAct::Reply { party, received, text }))
    }
}

/// Whether the address of whom a case was opened for is protected: the inquiry it came from shows it masked then too.
pub(crate) async fn first_is_protected(office: &Office, tenant: Tenant, case: CaseId) -> Result<bool> {
    let sheet = office.views.case_sheet(tenant, case).await.map_err(|error| fault(&error))?;
    Ok(sheet.is_some_and(|sheet| sheet.file.party(FIRST_PARTY).is_some_and(|party| party.protected)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outcomes_begin_with_the_first_party() {
        use skranke_domain::case::Outcome::{Granted, Refused};
        let others = [DomainOutcome { party: 2, outcome: Refused }];
        let told: Vec<_> =
            outcomes(Some(Granted), &others).iter().map(|one| (one.party, one.outcome)).collect();
        assert_eq!(told, [(1, Outcome::Granted), (2, Outcome::Refused)]);
        assert_eq!(outcomes(None, &[]).len(), 0);
    }
}
