//! Inquiries: the inbox, an inquiry with its conversation, and what can be done with it.

mod intake;

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use skranke_domain::access_log::{AccessEvent, InquiryViewed};
use skranke_domain::inquiry::{Contact, Inquiry as InquiryAggregate, InquiryCommand, InquiryRefusal};
use skranke_domain::{Act, InquiryId, Purpose, StreamId, Tenant};
use skranke_projections::InquirySheet;
use skranke_store::Receipt;

use crate::access;
use crate::caller::{Caller, WORKERS, coded, fault};
use crate::case::{Answer, Note, NoteKind, Sent, Topic, answer, first_is_protected};
use crate::connection::{InquiryConnection, InquiryEdge, PageInfo, cursor, page_size};
use crate::office::Office;
use crate::payload::payloads;
use crate::personal::Personal;
use crate::refusal::Refused;
use crate::scalars::{Channel, DateTime, InquiryKind, Position, Speaker};
use crate::words;

pub use intake::IntakeMutation;
use intake::{ForwardedFrom, Forwarding};
pub(crate) use intake::{addressee, municipality};

/// An inquiry as the inbox shows it: nothing personal until it is opened.
#[derive(Clone, Debug)]
pub struct InquiryRow {
    sheet: InquirySheet,
}

/// An inquiry as the inbox shows it: nothing personal until it is opened.
#[Object]
impl InquiryRow {
    /// The id.
    async fn id(&self) -> ID {
        ID(self.sheet.id.to_string())
    }

    /// The reference the citizen was given.
    async fn reference(&self) -> &str {
        &self.sheet.reference
    }

    /// Call-back or written.
    async fn kind(&self) -> InquiryKind {
        self.sheet.kind.into()
    }

    /// How it came in.
    async fn channel(&self) -> Channel {
        self.sheet.channel.into()
    }

    /// The topic.
    async fn topic(&self, ctx: &Context<'_>) -> Result<Option<Topic>> {
        topic(ctx, &self.sheet)
    }

    /// When it came in.
    async fn received_at(&self) -> DateTime {
        DateTime(self.sheet.received)
    }

    /// Whether it waits for somebody.
    async fn open(&self) -> bool {
        self.sheet.open
    }

    /// The case it became.
    async fn case_id(&self) -> Option<ID> {
        self.sheet.case.map(|case| ID(case.to_string()))
    }

    /// When a call suits: `morning`, `afternoon` or `any`.
    async fn call_when(&self) -> Option<&str> {
        self.sheet.call_when.as_deref()
    }
}

fn topic(ctx: &Context<'_>, sheet: &InquirySheet) -> Result<Option<Topic>> {
    let (office, lang) = (ctx.data::<Office>()?, Caller::of(ctx)?.lang);
    Ok(sheet.topic.as_ref().map(|slug| Topic::of(office, slug, lang)))
}

/// One line of the conversation that an inquiry came from.
#[derive(SimpleObject, Clone, Debug)]
pub struct TranscriptLine {
    /// Who.
    pub speaker: Speaker,
    /// What, with personal numbers removed.
    pub text: String,
    /// When.
    pub at: DateTime,
}

/// An inquiry.
#[derive(Clone, Debug)]
pub struct Inquiry {
    pub(crate) tenant: Tenant,
    pub(crate) sheet: InquirySheet,
}

impl Inquiry {
    fn stream(&self) -> StreamId {
        InquiryAggregate::stream(self.tenant, self.sheet.id)
    }

    fn contact(
        &self,
        ctx: &Context<'_>,
        pick: impl FnOnce(Contact) -> Option<String>,
    ) -> Result<Option<Personal>> {
        Ok(match ctx.data::<Office>()?.open(&self.stream(), &self.sheet.contact)? {
            Ok(contact) => pick(contact).map(Personal::open),
            Err(erased) => Some(Personal::Erased(erased)),
        })
    }
}

/// An inquiry.
#[Object]
impl Inquiry {
    /// The id.
    pub(crate) async fn id(&self) -> ID {
        ID(self.sheet.id.to_string())
    }

    /// The revision of its newest event.
    async fn revision(&self) -> i64 {
        i64::try_from(self.sheet.revision).unwrap_or(i64::MAX)
    }

    /// The reference the citizen was given.
    async fn reference(&self) -> &str {
        &self.sheet.reference
    }

    /// Call-back or written.
    async fn kind(&self) -> InquiryKind {
        self.sheet.kind.into()
    }

    /// How it came in.
    async fn channel(&self) -> Channel {
        self.sheet.channel.into()
    }

    /// The topic.
    async fn topic(&self, ctx: &Context<'_>) -> Result<Option<Topic>> {
        topic(ctx, &self.sheet)
    }

    /// When it came in.
    async fn received_at(&self) -> DateTime {
        DateTime(self.sheet.received)
    }

    /// Who asks.
    async fn name(&self, ctx: &Context<'_>) -> Result<Personal> {
        Ok(self.contact(ctx, |contact| Some(contact.name))?.unwrap_or_else(|| Personal::open("")))
    }

    /// The phone number, if one was left.
    async fn phone(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        self.contact(ctx, |contact| contact.phone)
    }

    /// The e-mail address, if one was left.
    async fn email(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        self.contact(ctx, |contact| contact.email)
    }

    /// The postal address, if one was left. Masked where the case it became protects it: ask for `partyAddress`.
    async fn address(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        let address = self.contact(ctx, |contact| contact.address)?;
        let protected = match self.sheet.case {
            Some(case) => first_is_protected(ctx.data::<Office>()?, self.tenant, case).await?,
            None => false,
        };
        Ok(if protected { address.map(|_| Personal::open(words::MASKED)) } else { address })
    }

    /// Whom it is about: hand it in when an exemption is asked for, so that it is found for the same person.
    async fn subject_id(&self) -> ID {
        ID(self.sheet.subject.to_string())
    }

    /// Where it was passed on to, if it was.
    async fn forwarded(&self) -> Option<Forwarding> {
        let passed = self.sheet.forwarded.clone()?;
        Some(Forwarding { stream: self.stream(), passed })
    }

    /// Where it was passed on from, if it was.
    async fn forwarded_from(&self, ctx: &Context<'_>) -> Result<Option<ForwardedFrom>> {
        let office = ctx.data::<Office>()?;
        let inquiry = self.sheet.forwarded_from.map(|origin| origin.municipality);
        let case = self.sheet.forwarded_case.map(|origin| origin.municipality);
        Ok(inquiry.or(case).map(|from| ForwardedFrom::of(office, from)))
    }

    /// The message.
    async fn message(&self, ctx: &Context<'_>) -> Result<Personal> {
        ctx.data::<Office>()?.personal(&self.stream(), &self.sheet.message)
    }

    /// When a call suits: `morning`, `afternoon` or `any`.
    async fn call_when(&self) -> Option<&str> {
        self.sheet.call_when.as_deref()
    }

    /// The conversation it came from, as it was; empty when there was none or it was erased.
    async fn transcript(&self, ctx: &Context<'_>) -> Result<Vec<TranscriptLine>> {
        let Some(transcript) = &self.sheet.transcript else { return Ok(Vec::new()) };
        let lines = ctx.data::<Office>()?.open(&self.stream(), transcript)?.unwrap_or_default();
        let line = |line: skranke_domain::inquiry::Line| TranscriptLine {
            speaker: line.speaker.into(),
            text: line.text,
            at: DateTime(line.at),
        };
        Ok(lines.into_iter().map(line).collect())
    }

    /// The guidance that was given.
    async fn guidance(&self) -> Vec<Note> {
        let notes = self.sheet.guidance.iter().cloned();
        notes
            .map(|note| Note {
                stream: self.stream(),
                kind: NoteKind::Step,
                direction: None,
                text: note.text,
                source: None,
                by: note.by,
                at: note.at,
            })
            .collect()
    }

    /// Whether it waits for somebody.
    async fn open(&self) -> bool {
        self.sheet.open
    }

    /// The case it became.
    async fn case_id(&self) -> Option<ID> {
        self.sheet.case.map(|case| ID(case.to_string()))
    }
}

/// Questions about inquiries.
#[derive(Default)]
pub struct InquiryQuery;

#[Object]
impl InquiryQuery {
    /// The inbox, whoever has waited longest first.
    #[graphql(complexity = "usize::try_from(first).unwrap_or(100) * child_complexity + 1")]
    async fn inquiries(
        &self,
        ctx: &Context<'_>,
        open: Option<bool>,
        #[graphql(default = 50)] first: i32,
        after: Option<String>,
    ) -> Result<InquiryConnection> {
        let caller = Caller::with(ctx, WORKERS).await?;
        let views = &ctx.data::<Office>()?.views;
        let (after, first) = (cursor(after)?, page_size(first)?);
        let page = views.inbox(caller.tenant, open, after, first).await.map_err(|error| fault(&error))?;
        let total_count = views.inbox_count(caller.tenant, open).await.map_err(|error| fault(&error))?;
        let page_info = PageInfo::of(&page);
        let edges = page.items.into_iter().map(|item| InquiryEdge {
            cursor: item.cursor.to_string(),
            node: InquiryRow { sheet: item.row },
        });
        Ok(InquiryConnection { edges: edges.collect(), page_info, total_count })
    }

    /// Opens an inquiry. The look is logged.
    pub(crate) async fn inquiry(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Inquiry>> {
        let caller = Caller::with(ctx, WORKERS).await?;
        let Ok(id) = id.parse::<InquiryId>() else { return Ok(None) };
        let office = ctx.data::<Office>()?;
        let found = office.views.inquiry(caller.tenant, id).await.map_err(|error| fault(&error))?;
        let Some(sheet) = found else { return Ok(None) };
        let event = AccessEvent::InquiryViewed(InquiryViewed { inquiry: id });
        access::viewed(office, caller, Purpose::CaseHandling, event).await?;
        Ok(Some(Inquiry { tenant: caller.tenant, sheet }))
    }
}

/// The act was carried out.
#[derive(SimpleObject, Clone, Debug)]
pub struct InquiryChanged {
    /// The inquiry.
    pub inquiry: Inquiry,
    /// The place of the newest event in the log.
    pub position: Position,
    /// Whether the read model has come this far.
    pub caught_up: bool,
}

payloads! { InquiryChanged:
    /// What came of giving guidance.
    InquiryGuidePayload,
    /// What came of closing.
    InquiryClosePayload,
}

/// Note the guidance that was given.
#[derive(InputObject)]
pub struct InquiryGuideInput {
    /// The inquiry.
    pub inquiry_id: ID,
    /// What was said.
    pub text: String,
    /// The sender's own name for this act.
    pub idempotency_key: String,
}

/// Close an inquiry.
#[derive(InputObject)]
pub struct InquiryCloseInput {
    /// The inquiry.
    pub inquiry_id: ID,
    /// The sender's own name for this act.
    pub idempotency_key: String,
}

/// Acts on inquiries.
#[derive(Default)]
pub struct InquiryMutation;

#[Object]
impl InquiryMutation {
    /// Note the guidance that was given (vejledning).
    async fn inquiry_guide(
        &self,
        ctx: &Context<'_>,
        input: InquiryGuideInput,
    ) -> Result<InquiryGuidePayload> {
        let command = InquiryCommand::GiveGuidance { text: input.text };
        let sent = Sent { key: input.idempotency_key, expected: None };
        perform(ctx, &input.inquiry_id, command, sent).await.map(Into::into)
    }

    /// Close an inquiry (afslut).
    async fn inquiry_close(
        &self,
        ctx: &Context<'_>,
        input: InquiryCloseInput,
    ) -> Result<InquiryClosePayload> {
        let sent = Sent { key: input.idempotency_key, expected: None };
        perform(ctx, &input.inquiry_id, InquiryCommand::Close {}, sent).await.map(Into::into)
    }
}

/// Carries out an act on an inquiry that is there.
async fn perform(
    ctx: &Context<'_>,
    id: &ID,
    command: InquiryCommand,
    sent: Sent,
) -> Result<Answer<InquiryChanged>> {
    // The inquiry has no roles of its own to ask about; the matrix says that caseworkers and team leads handle it.
    let caller = Caller::with(ctx, WORKERS).await?;
    let Ok(id) = id.parse::<InquiryId>() else {
        return Ok(Answer::Refused(Refused::new(&InquiryRefusal::NotFound, caller.lang)));
    };
    let act = sent.act(ctx.data::<Office>()?, caller)?;
    perform_on(ctx, caller, id, command, &act).await
}

async fn perform_on(
    ctx: &Context<'_>,
    caller: &Caller,
    id: InquiryId,
    command: InquiryCommand,
    act: &Act,
) -> Result<Answer<InquiryChanged>> {
    let office = ctx.data::<Office>()?;
    let stream = InquiryAggregate::stream(caller.tenant, id);
    let outcome = office.desk.execute::<InquiryAggregate>(&stream, command, act).await;
    answer(ctx, outcome, None, async |receipt: Receipt| {
        let caught_up = office.views.wait_for(receipt.position, office.patience).await;
        let sheet = office.views.inquiry(caller.tenant, id).await.map_err(|error| fault(&error))?;
        let sheet =
            sheet.ok_or_else(|| coded("the act was stored, but the views lag: read again", "VIEWS_LAG"))?;
        let inquiry = Inquiry { tenant: caller.tenant, sheet };
        Ok(InquiryChanged { inquiry, position: Position(receipt.position), caught_up })
    })
    .await
}
