//! The papers of a case, read from its own stream: a list that people pick from, and what a package is made of, must be
//! what the log holds and not what a view has got round to.

use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;

use async_graphql::{Object, Result};
use skranke_domain::case::{Case as CaseAggregate, CaseEvent, OfCase, Papers};
use skranke_domain::time::local;
use skranke_domain::{CaseId, Lang, Tenant};
use skranke_store::{Desk, LoadError, LogError, read};

use crate::caller::{fault, not_loaded};
use crate::office::Office;
use crate::scalars::DateTime;

/// A paper of a case (akt).
#[derive(Clone, Debug)]
pub struct Paper(skranke_domain::case::Paper);

/// A paper of a case (akt).
#[Object]
impl Paper {
    /// Its name within the case, for good.
    async fn reference(&self) -> &str {
        &self.0.reference
    }

    /// Its title in the journal.
    async fn title(&self) -> String {
        title(&self.0)
    }

    /// When it was made.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }
}

impl Paper {
    pub(crate) async fn of_case(office: &Office, tenant: Tenant, case: CaseId) -> Result<Vec<Self>> {
        let papers = papers(&office.desk, tenant, case).await.map_err(|error| fault(&error))?;
        Ok(papers.list().iter().cloned().map(Self).collect())
    }
}

/// The title of a paper in the journal: what it is, and of which day.
pub(crate) fn title(paper: &skranke_domain::case::Paper) -> String {
    format!("{} {}", paper.kind.title(), local(paper.at).strftime("%-d.%-m.%Y"))
}

/// The papers of a case. Events that this version does not know are no papers to it.
pub(crate) async fn papers(desk: &Desk, tenant: Tenant, case: CaseId) -> Result<Papers, LogError> {
    let (mut papers, mut damaged) = (Papers::default(), None);
    let stream = CaseAggregate::stream(tenant, case);
    desk.log()
        .fold_stream(&stream, 0, &mut |recorded| match read::<CaseEvent>(&recorded) {
            Ok(told) => {
                let (revision, at) = (recorded.revision, recorded.recorded_at);
                for event in told.events() {
                    papers.take(revision, at, event);
                }
                ControlFlow::Continue(())
            }
            Err(error) => {
                damaged = Some(LogError::Damaged(error.to_string()));
                ControlFlow::Break(())
            }
        })
        .await?;
    damaged.map_or(Ok(papers), Err)
}

/// The papers that were picked, by reference, each with its title; all of them where nothing was picked. The error is
/// the reference of one that the case does not have.
pub(crate) fn picked(
    papers: &Papers,
    references: Option<Vec<String>>,
) -> Result<Vec<(String, String)>, String> {
    let listed = |paper: &skranke_domain::case::Paper| (paper.reference.clone(), title(paper));
    match references {
        None => Ok(papers.list().iter().map(listed).collect()),
        Some(references) => {
            let find = |reference: String| papers.find(&reference).map(listed).ok_or(reference);
            references.into_iter().map(find).collect()
        }
    }
}

/// The case that something belongs to, from its own stream; a case that never was for an id that is none.
pub(crate) async fn of_case(desk: &Desk, tenant: Tenant, case: Option<CaseId>, lang: Lang) -> Result<OfCase> {
    let Some(id) = case else {
        return Ok(OfCase { id: CaseId::new(uuid::Uuid::nil()), case: CaseAggregate::default() });
    };
    let loaded: Result<_, LoadError> = desk.load::<CaseAggregate>(&CaseAggregate::stream(tenant, id)).await;
    let (case, _) = loaded.map_err(|error| not_loaded(&error, lang))?;
    Ok(OfCase { id, case })
}

/// The numbers of cases, for a list of what belongs to them: one question for the whole page.
pub(crate) async fn case_numbers(
    office: &Office,
    tenant: Tenant,
    cases: impl Iterator<Item = CaseId>,
) -> Result<HashMap<CaseId, String>> {
    let cases = cases.collect::<BTreeSet<_>>().into_iter().collect();
    let rows = office.views.work_rows(tenant, cases).await.map_err(|error| fault(&error))?;
    Ok(rows.into_iter().map(|row| (row.id, row.number)).collect())
}
