//! How the counter's conversations went, in numbers per day: no text, no topic that could tell on anybody.

use jiff::civil::Date;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use skranke_domain::Tenant;
use skranke_domain::conversation::{ConversationEvent, Withheld};
use skranke_domain::time::local_date;

use crate::event::Event;
use crate::projection::{FoldFault, Projection};
use crate::rows;
use crate::views::{Views, ViewsError};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConversationKind {
    /// Conversations that began.
    Started,
    /// Answers from an article.
    Answered,
    /// Questions back for a detail.
    Asked,
    /// Turns without a direct answer, for whatever reason.
    Withheld,
    /// Those of them where the counter knew no answer, or was not sure enough.
    Unanswered,
    /// Cards that send the citizen somewhere.
    Routed,
    /// Advice in acute danger.
    SafetyAdvised,
    /// Inquiries left for a person.
    HandedOver,
    /// Answers that helped, as the citizen says.
    Helpful,
    /// Answers that did not.
    NotHelpful,
}

/// How often something happened on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConversationCount {
    /// The day, in Copenhagen.
    pub day: Date,
    /// What.
    pub kind: ConversationKind,
    /// How often.
    pub count: u64,
}

/// The table of counts.
pub(crate) struct Conversations;

impl Projection for Conversations {
    fn name(&self) -> &'static str {
        "conversations"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["conversation_counts"]
    }

    fn schema(&self) -> &'static str {
        "CREATE TABLE conversation_counts (
            tenant TEXT NOT NULL,
            day TEXT NOT NULL,
            kind TEXT NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (tenant, day, kind)
         ) STRICT, WITHOUT ROWID;"
    }

    fn fold(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault> {
        let Some(told) = event.conversation()? else { return Ok(()) };
        let day = local_date(told.info.at).to_string();
        for kind in told.events.iter().flat_map(kinds) {
            let mut write = rows.prepare_cached(
                "INSERT INTO conversation_counts (tenant, day, kind, count) VALUES (?1, ?2, ?3, 1)
                 ON CONFLICT (tenant, day, kind) DO UPDATE SET count = count + 1",
            )?;
            write.execute((event.tenant().code(), &day, rows::name(kind)?))?;
        }
        Ok(())
    }
}

const fn kinds(event: &ConversationEvent) -> &'static [ConversationKind] {
    use ConversationKind as Kind;
    match event {
        ConversationEvent::ConversationStarted(_) => &[Kind::Started],
        ConversationEvent::AnswerGiven(_) => &[Kind::Answered],
        ConversationEvent::DetailAsked(_) => &[Kind::Asked],
        ConversationEvent::AnswerWithheld(withheld) => match withheld.reason {
            Withheld::Unknown | Withheld::Unsure => &[Kind::Withheld, Kind::Unanswered],
            Withheld::ConcreteCase
            | Withheld::PersonWanted
            | Withheld::SmallTalk
            | Withheld::OtherLanguage
            | Withheld::OnlyRemoved => &[Kind::Withheld],
        },
        ConversationEvent::RoutedToAuthority(_) => &[Kind::Routed],
        ConversationEvent::SafetyAdviceGiven(_) => &[Kind::SafetyAdvised],
        ConversationEvent::HandedOver(_) => &[Kind::HandedOver],
        ConversationEvent::FeedbackGiven(feedback) if feedback.helpful => &[Kind::Helpful],
        ConversationEvent::FeedbackGiven(_) => &[Kind::NotHelpful],
        ConversationEvent::MessageReceived(_)
        | ConversationEvent::MunicipalityNamed(_)
        | ConversationEvent::MatterNamed(_)
        | ConversationEvent::MattersNoted(_)
        | ConversationEvent::SituationTold(_)
        | ConversationEvent::ConversationEnded(_) => &[],
    }
}

impl Views {
    /// How the conversations of some days went, day by day. A count of zero has no entry.
    pub async fn conversation_counts(
        &self,
        tenant: Tenant,
        from: Date,
        to: Date,
    ) -> Result<Vec<ConversationCount>, ViewsError> {
        self.ask(move |rows| {
            let mut find = rows.prepare_cached(
                "SELECT day, kind, count FROM conversation_counts WHERE tenant = ?1 AND day BETWEEN ?2 AND ?3
                 ORDER BY day, kind",
            )?;
            let counts = find.query_map((tenant.code(), from.to_string(), to.to_string()), |row| {
                Ok(ConversationCount {
                    day: rows::date(row, 0)?,
                    kind: rows::word(row, 1)?,
                    count: rows::unsigned(row, 2)?,
                })
            })?;
            Ok(counts.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
}
