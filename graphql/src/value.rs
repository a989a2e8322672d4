//! Labelled values: how a field of an event or of a state reads in the caller's language.

use async_graphql::{Context, Result, SimpleObject};
use skranke_domain::{Actor, Lang, StreamId, Tenant};
use skranke_projections::{FieldChange as SheetChange, FieldValue, HearingState, SheetField};

use crate::caller::Caller;
use crate::office::Office;
use crate::people::Team;
use crate::personal::Personal;
use crate::staff::name_of;
use crate::words;

/// One labelled value of an event or of a state.
#[derive(SimpleObject, Clone, Debug)]
pub struct Field {
    /// Its stable name.
    pub key: String,
    /// What it is called in the language of the request.
    pub label: String,
    /// The value, in words.
    pub value: Personal,
}

/// What became of one value between two states.
#[derive(SimpleObject, Clone, Debug)]
pub struct FieldChange {
    /// Its stable name.
    pub key: String,
    /// What it is called in the language of the request.
    pub label: String,
    /// Before, if it was there.
    pub before: Option<Personal>,
    /// After, if it is there.
    pub after: Option<Personal>,
}

/// Puts fields of one stream into words.
pub(crate) async fn fields(
    ctx: &Context<'_>,
    stream: &StreamId,
    fields: Vec<SheetField>,
) -> Result<Vec<Field>> {
    let lang = Caller::of(ctx)?.lang;
    let mut labelled = Vec::with_capacity(fields.len());
    for SheetField { key, value } in fields {
        let value = words_for(ctx, stream, value).await?;
        labelled.push(Field { key: key.to_owned(), label: words::field_label(key, lang), value });
    }
    Ok(labelled)
}

/// Puts changes of one stream into words.
pub(crate) async fn changes(
    ctx: &Context<'_>,
    stream: &StreamId,
    changes: Vec<SheetChange>,
) -> Result<Vec<FieldChange>> {
    let lang = Caller::of(ctx)?.lang;
    let mut labelled = Vec::with_capacity(changes.len());
    for SheetChange { key, before, after } in changes {
        let mut sides = [None, None];
        for (side, value) in sides.iter_mut().zip([before, after]) {
            if let Some(value) = value {
                *side = Some(words_for(ctx, stream, value).await?);
            }
        }
        let [before, after] = sides;
        labelled.push(FieldChange {
            key: key.to_owned(),
            label: words::field_label(key, lang),
            before,
            after,
        });
    }
    Ok(labelled)
}

async fn words_for(ctx: &Context<'_>, stream: &StreamId, value: FieldValue) -> Result<Personal> {
    let office = ctx.data::<Office>()?;
    let lang = Caller::of(ctx)?.lang;
    Ok(Personal::open(match value {
        FieldValue::Sealed(sealed) => return office.personal(stream, &sealed),
        FieldValue::Staff(user) | FieldValue::Actor(Actor::Staff(user)) => return name_of(ctx, user).await,
        FieldValue::Plain(text) => text,
        FieldValue::Actor(actor) => words::actor(actor, lang).to_owned(),
        FieldValue::Date(date) => words::date(date, lang),
        FieldValue::At(instant) => words::instant(instant, lang),
        FieldValue::Number(number) => number.to_string(),
        FieldValue::Flag(flag) => lang_flag(flag, lang).to_owned(),
        FieldValue::Phase(phase) => words::phase(phase, lang).to_owned(),
        FieldValue::Outcome(outcome) => words::outcome(outcome, lang).to_owned(),
        FieldValue::Channel(channel) => words::channel(channel, lang).to_owned(),
        FieldValue::Topic(topic) => office.topic_title(&topic, lang),
        FieldValue::Kle(number) => kle(office, stream.tenant(), &number),
        FieldValue::Facet(facet) => facet.to_string(),
        FieldValue::Hearing(state) => match state {
            HearingState::Open => lang.pick("i gang", "under way").to_owned(),
            HearingState::Held => lang.pick("afholdt", "held").to_owned(),
            HearingState::Waived => lang.pick("undladt", "waived").to_owned(),
        },
        FieldValue::Deadline(kind) => words::deadline::kind(kind, lang).to_owned(),
        FieldValue::DeadlineEnd(end) => words::deadline::end(end, lang).to_owned(),
        FieldValue::WaitingFor(whom) => words::deadline::waiting_for(whom, lang).to_owned(),
        FieldValue::Direction(direction) => words::direction(direction, lang).to_owned(),
        FieldValue::Inquiry(inquiry) => inquiry.to_string(),
        FieldValue::Team(team) => Team::name_of(ctx, team).await?,
        FieldValue::PartyRole(role) => words::party_role(role, lang).to_owned(),
        FieldValue::Confidentiality(level) => words::confidentiality(level, lang).to_owned(),
        FieldValue::Link(link) => words::case_link(link, lang).to_owned(),
        FieldValue::Complaint(complaint) => complaint.to_string(),
        FieldValue::ComplaintStanding(standing) => words::complaint_standing(standing, lang).to_owned(),
    }))
}

const fn lang_flag(flag: bool, lang: Lang) -> &'static str {
    if flag { lang.pick("ja", "yes") } else { lang.pick("nej", "no") }
}

fn kle(office: &Office, tenant: Tenant, number: &skranke_domain::kle::KleNumber) -> String {
    match office.rules_today(tenant).kle.subject(number, office.today()) {
        Some(entry) => format!("{number} {}", entry.title),
        None => number.to_string(),
    }
}
