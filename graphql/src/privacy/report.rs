//! What a person is told of what is stored about them (GDPR art. 15): every event that holds something about them, and
//! every look at it: when and what for, never which employee.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use async_graphql::{ID, Result, SimpleObject};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cqrs_es::Aggregate;
use serde_json::Value;
use skranke_domain::case::Case;
use skranke_domain::engagement::{Engagement, EngagementEvent};
use skranke_domain::sealed::{Opener, SealError};
use skranke_domain::{CaseId, ExemptionId, InquiryId, Lang, ServiceId, StreamId, SubjectId};
use skranke_projections::LookedAt;
use skranke_store::{LogError, Recorded, read, subjects_in};
use uuid::Uuid;

use crate::caller::{Caller, fault};
use crate::office::Office;
use crate::personal::{Erased, Personal};
use crate::scalars::{DateTime, Purpose};
use crate::words;

use super::matters::Found;

/// What is stored about a person, and who looked at it.
#[derive(SimpleObject, Clone, Debug)]
pub struct SubjectReport {
    /// Whom it is about.
    pub subject_id: ID,
    /// Everything that was noted, oldest first.
    pub events: Vec<ReportedEvent>,
    /// Every look at it, oldest first. It is not told who looked.
    pub looks: Vec<ReportedLook>,
}

/// Something that was noted.
#[derive(SimpleObject, Clone, Debug)]
pub struct ReportedEvent {
    /// When.
    pub at: DateTime,
    /// What kind of thing it was noted on: `case`, `inquiry`, `complaint`, `accessrequest`, `exemption`,
    /// `audit`.
    pub kind: String,
    /// Which one.
    pub about_id: ID,
    /// The stored type.
    #[graphql(name = "type")]
    pub event_type: String,
    /// What it is called in the language of the request.
    pub title: String,
    /// What it says.
    pub fields: Vec<ReportedField>,
}

/// A value that was noted.
#[derive(SimpleObject, Clone, Debug)]
pub struct ReportedField {
    /// Its stored name.
    pub key: String,
    /// What it is called in the language of the request.
    pub label: String,
    /// What it says.
    pub value: Personal,
}

/// A look at what is stored.
#[derive(SimpleObject, Clone, Debug)]
pub struct ReportedLook {
    /// When.
    pub at: DateTime,
    /// What for, where it was stated.
    pub purpose: Option<Purpose>,
    /// What was done, in the language of the request.
    pub title: String,
}

/// Puts the report together.
pub(super) async fn make(
    office: &Office,
    caller: &Caller,
    subject: SubjectId,
    found: &Found,
) -> Result<SubjectReport> {
    let of_a_case = |stream: &StreamId| stream.category() == Case::TYPE;
    let cases: BTreeSet<CaseId> = found
        .streams
        .iter()
        .filter(|stream| of_a_case(stream))
        .filter_map(|stream| stream.key().parse().ok())
        .collect();
    let mut streams: BTreeSet<StreamId> = found.streams.iter().cloned().collect();
    for &case in &cases {
        let drawn_in = office.views.drawn_in(caller.tenant, case).await.map_err(|error| fault(&error))?;
        streams.extend(drawn_in.into_iter().map(|id| Engagement::stream(caller.tenant, id)));
    }
    let mut recorded = Vec::new();
    for stream in &streams {
        // The stream of a case is all about its person; that of an engagement is about many people, and only what is
        // sealed for this one, and how a case of theirs was drawn, is told to them.
        let of_many = stream.category() == Engagement::TYPE;
        let mut take = |event: Recorded| {
            if !of_many || subjects_in(&event.data).any(|one| one == subject) || draws_one(&event, &cases) {
                recorded.push(event);
            }
            ControlFlow::Continue(())
        };
        let read: Result<(), LogError> = office.desk.log().fold_stream(stream, 0, &mut take).await;
        read.map_err(|error| fault(&error))?;
    }
    recorded.sort_unstable_by_key(|event| event.position);
    let events: Result<Vec<_>> =
        recorded.iter().map(|event| told(office, subject, event, caller.lang)).collect();
    let looks = office.views.looks(caller.tenant, looked_at(subject, &found.streams)).await;
    let looks = looks.map_err(|error| fault(&error))?.into_iter().map(|look| ReportedLook {
        at: DateTime(look.at),
        purpose: look.purpose.map(Purpose::from),
        title: words::event_title(&look.event_type, caller.lang),
    });
    Ok(SubjectReport { subject_id: ID(subject.to_string()), events: events?, looks: looks.collect() })
}

/// Whether an event is the drawing of a sample with one of these cases in it.
fn draws_one(event: &Recorded, cases: &BTreeSet<CaseId>) -> bool {
    let Ok(reading) = read::<EngagementEvent>(event) else { return false };
    reading.events().iter().any(|event| match event {
        EngagementEvent::SampleDrawn(drawn) => drawn.cases.iter().any(|case| cases.contains(case)),
        EngagementEvent::EngagementOpened(_)
        | EngagementEvent::EngagementEnded(_)
        | EngagementEvent::FindingRecorded(_)
        | EngagementEvent::FindingAnswered(_) => false,
    })
}

/// What of a person can be looked at.
fn looked_at(subject: SubjectId, streams: &[StreamId]) -> Vec<LookedAt> {
    let of = |stream: &StreamId| {
        let key = stream.key();
        match stream.category() {
            "case" => key.parse().ok().map(LookedAt::Case),
            "inquiry" => key.parse::<InquiryId>().ok().map(LookedAt::Inquiry),
            "exemption" => key.parse().ok().map(|id: ExemptionId| LookedAt::Thing(id.uuid())),
            "service" => key.parse().ok().map(|id: ServiceId| LookedAt::Thing(id.uuid())),
            _ => None,
        }
    };
    streams.iter().filter_map(of).chain([LookedAt::Thing(subject.uuid())]).collect()
}

fn told(office: &Office, subject: SubjectId, event: &Recorded, lang: Lang) -> Result<ReportedEvent> {
    let data: Value = serde_json::from_slice(&event.data).map_err(|error| fault(&error))?;
    let mut fields = Vec::new();
    let mut reader = Reader { office, subject, stream: &event.stream, lang, fields: &mut fields };
    reader.take("", &data)?;
    Ok(ReportedEvent {
        at: DateTime(event.recorded_at),
        kind: event.stream.category().to_owned(),
        about_id: ID(event.stream.key().to_owned()),
        event_type: event.event_type.as_str().to_owned(),
        title: words::event_title(&event.event_type, lang),
        fields,
    })
}

/// Reads the values out of an event as it is stored, whatever its type: also one that a newer program wrote is told.
struct Reader<'a> {
    office: &'a Office,
    subject: SubjectId,
    stream: &'a StreamId,
    lang: Lang,
    fields: &'a mut Vec<ReportedField>,
}

impl Reader<'_> {
    fn take(&mut self, key: &str, value: &Value) -> Result<()> {
        match value {
            Value::Object(fields) => {
                let text = |name: &str| fields.get(name).and_then(Value::as_str);
                if let (Some(subject), Some(field), Some(sealed)) =
                    (text("subject"), text("field"), text("sealed"))
                {
                    return self.open(key, (subject, field, sealed));
                }
                fields.iter().try_for_each(|(name, value)| self.take(name, value))
            }
            Value::Array(values) => values.iter().try_for_each(|value| self.take(key, value)),
            // Ids say nothing about the person, and some are those of employees.
            Value::String(text) if Uuid::try_parse(text).is_ok() => Ok(()),
            Value::String(text) => {
                self.note(key, Personal::open(text));
                Ok(())
            }
            Value::Bool(_) | Value::Number(_) => {
                self.note(key, Personal::open(value.to_string()));
                Ok(())
            }
            Value::Null => Ok(()),
        }
    }

    /// What is sealed for somebody else is theirs.
    fn open(&mut self, key: &str, (subject, field, sealed): (&str, &str, &str)) -> Result<()> {
        if subject.parse() != Ok(self.subject) {
            return Ok(());
        }
        let erased = || Personal::Erased(Erased { subject: ID(self.subject.to_string()) });
        if sealed.is_empty() {
            self.note(key, erased());
            return Ok(());
        }
        let bytes = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| fault(&SealError::Altered))?;
        let seals = self.office.desk.keys().for_stream(self.stream);
        match seals.open(self.subject, field, &bytes).map_err(|error| fault(&error))? {
            None => {
                self.note(key, erased());
                Ok(())
            }
            Some(plain) => {
                let plain: Value = serde_json::from_slice(&plain).map_err(|_| fault(&SealError::Shape))?;
                self.take(key, &plain)
            }
        }
    }

    fn note(&mut self, key: &str, value: Personal) {
        let label = words::field_label(key, self.lang);
        self.fields.push(ReportedField { key: key.to_owned(), label, value });
    }
}
