//! Letting a case follow a complaint over one of its decisions.
//!
//! The complaint's stream is written first, the case's after it. Whoever carried out the act on the complaint lets the
//! case follow; so does the process that follows complaints, for what a crash cut short. Both begin behind the last of the
//! complaint's events that the case knows, so every step is taken once and in order, whoever takes it.

use std::ops::ControlFlow;

use skranke_domain::case::{Case, CaseAct, CaseCommand, CaseRefusal, Circumstances};
use skranke_domain::complaint::{Complaint, ComplaintEvent};
use skranke_domain::{Act, ComplaintId};
use skranke_store::{Desk, Failure, LoadError, LogError, Receipt, read};

/// Why a case did not follow a complaint.
#[derive(Debug, thiserror::Error)]
pub enum NotFollowed {
    /// One of the two streams could not be read, or only a newer program can.
    #[error("the complaint or its case could not be read")]
    Unread(#[from] LoadError),
    /// The case did not take the step.
    #[error("the case could not follow the complaint")]
    Case(#[source] Failure<CaseRefusal>),
}

impl From<LogError> for NotFollowed {
    fn from(error: LogError) -> Self {
        Self::Unread(error.into())
    }
}

/// Lets the case take every step of the complaint that it has not taken; the receipt of the last one.
pub async fn follow_complaint(
    desk: &Desk,
    complaint: ComplaintId,
    act: &Act,
) -> Result<Option<Receipt>, NotFollowed> {
    let stream = Complaint::stream(act.tenant, complaint);
    let (state, _) = desk.load::<Complaint>(&stream).await?;
    let Some(case) = state.case() else { return Ok(None) };
    let case_stream = Case::stream(act.tenant, case);
    let (case, _) = desk.load::<Case>(&case_stream).await?;
    let behind = match case {
        Case::File(file) => file.followed_to(complaint).map_or(0, |known| known + 1),
        Case::Unopened => 0,
    };
    let (mut steps, mut damaged) = (Vec::new(), None);
    desk.log()
        .fold_stream(&stream, behind, &mut |recorded| match read::<ComplaintEvent>(&recorded) {
            Ok(told) => {
                steps.extend(told.events().iter().map(|event| (recorded.revision, event.step())));
                ControlFlow::Continue(())
            }
            Err(error) => {
                damaged = Some(LogError::Damaged(error.to_string()));
                ControlFlow::Break(())
            }
        })
        .await?;
    if let Some(error) = damaged {
        return Err(error.into());
    }
    let mut last = None;
    for (revision, step) in steps {
        let act = act.step(&format!("case-{revision}"));
        let follow = CaseAct::FollowComplaint { complaint, revision, step };
        // What happened elsewhere is noted under whatever rules: none are asked.
        let command = CaseCommand { act: follow, under: Circumstances::of(&act, std::sync::Arc::default()) };
        let receipt = desk.execute::<Case>(&case_stream, command, &act).await;
        last = Some(receipt.map_err(NotFollowed::Case)?);
    }
    Ok(last)
}
