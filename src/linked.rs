//! The process that shows a link between two cases in both.
//!
//! Linking writes the stream of the case in which somebody linked. This process hears it and tells the other case the same
//! link as seen from there. Its own events it hears too; telling them back changes nothing, so the two do not go round.

use std::sync::Arc;

use skranke_domain::case::{Case, CaseAct, CaseCommand, CaseEvent, Circumstances, CourseAct};
use skranke_domain::time::{Clock, local_date};
use skranke_domain::{Act, CaseId};
use skranke_graphql::RulesOn;
use skranke_store::{Desk, Filter, Left, LogError, Metadata, Recorded, read};

use crate::following::Process;

/// Linking of cases, under the rules of the day.
pub struct Linked(pub Arc<RulesOn>);

impl Process for Linked {
    const NAME: &'static str = "linked-cases";

    fn filter() -> Filter {
        Filter {
            event_types: vec!["CasesLinked".to_owned()],
            stream_prefixes: vec![format!("{}-", <Case as cqrs_es::Aggregate>::TYPE)],
        }
    }

    async fn hear(&self, desk: &Desk, clock: &dyn Clock, recorded: &Recorded) -> Result<bool, LogError> {
        let Ok(told) = read::<CaseEvent>(recorded) else { return Ok(true) };
        let linked = told.events().iter().find_map(|event| match event {
            CaseEvent::CasesLinked(linked) => Some(*linked),
            _ => None,
        });
        let (Some(linked), Ok(here)) = (linked, recorded.stream.key().parse::<CaseId>()) else {
            return Ok(true);
        };
        let Ok(metadata) = Metadata::parse(&recorded.metadata) else { return Ok(true) };
        let tenant = recorded.stream.tenant();
        let act =
            Act { causation: Some(recorded.id), ..Act::system(tenant, clock.now(), metadata.correlation) };
        let follow = CourseAct::FollowLink { other: here, link: linked.link.mirrored() };
        let command = CaseCommand {
            act: CaseAct::Course(Box::new(follow)),
            under: Circumstances::of(&act, (self.0)(act.tenant, local_date(act.at))),
        };
        match desk.execute::<Case>(&Case::stream(tenant, linked.other), command, &act).await {
            Ok(_) => Ok(true),
            Err(failure) => match failure.left()? {
                // A case that is not there was never linked by a rule of ours.
                Left::Nothing => Ok(true),
                // Somebody works on the other case: it is tried again.
                Left::Retry { actual } => Err(LogError::WrongExpected { actual }),
                Left::Newer(_) => Ok(false),
            },
        }
    }
}
