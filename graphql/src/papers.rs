//! The papers of a case, read from its own stream: a list that people pick from, and what a package is made of, must be
//! what the log holds and not what a view has got round to.

use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;

use async_graphql::{ID, Object, Result};
use skranke_domain::case::{Case as CaseAggregate, CaseEvent, OfCase, Papers};
use skranke_domain::time::local;
use skranke_domain::{CaseId, Lang, StreamId, Tenant};
use skranke_store::{Desk, LoadError, LogError, read};

use crate::caller::{fault, not_loaded};
use crate::office::Office;
use crate::scalars::DateTime;

/// A paper of a case (akt).
#[derive(Clone, Debug)]
pub struct Paper {
    paper: skranke_domain::case::Paper,
    title: String,
}

/// A paper of a case (akt).
#[Object]
impl Paper {
    /// Its name within the case, for good.
    async fn reference(&self) -> &str {
        &self.paper.reference
    }

    /// Its title in the journal; of a document, with its theme.
    async fn title(&self) -> &str {
        &self.title
    }

    /// The journalised document that it is, if it is one.
    async fn document_id(&self) -> Option<ID> {
        self.paper.document.as_ref().map(|document| ID(document.id.to_string()))
    }

    /// Which version of it, from 1.
    async fn document_version(&self) -> Option<u32> {
        self.paper.document.as_ref().map(|document| document.version)
    }

    /// When it was made.
    async fn at(&self) -> DateTime {
        DateTime(self.paper.at)
    }
}

impl Paper {
    pub(crate) async fn of_case(office: &Office, tenant: Tenant, case: CaseId) -> Result<Vec<Self>> {
        let papers = papers(&office.desk, tenant, case).await.map_err(|error| fault(&error))?;
        let shown =
            |paper: &skranke_domain::case::Paper| Self { title: papers.title(paper), paper: paper.clone() };
        Ok(papers.papers.list().map(shown).collect())
    }
}

/// The title of a paper in the journal: what it is, and of which day; of a document, which version and what about, as
/// long as that can be read.
fn title(desk: &Desk, stream: &StreamId, paper: &skranke_domain::case::Paper) -> String {
    let mut title = format!("{} {}", paper.kind.title(), local(paper.at).strftime("%-d.%-m.%Y"));
    if let Some(document) = &paper.document {
        if document.version > 1 {
            title = format!("{title} (version {})", document.version);
        }
        let mut theme = document.theme.clone();
        if theme.open_with(&desk.keys().for_stream(stream)).is_ok()
            && let Some(theme) = theme.value()
        {
            title = format!("{title}: {theme}");
        }
    }
    title
}

/// The papers of a case, each with its title.
#[derive(Default)]
pub(crate) struct CasePapers {
    pub(crate) papers: Papers,
    titles: HashMap<String, String>,
}

impl CasePapers {
    fn title(&self, paper: &skranke_domain::case::Paper) -> String {
        self.titles.get(&paper.reference).cloned().unwrap_or_default()
    }
}

/// The papers of a case. Events that this version does not know are no papers to it.
pub(crate) async fn papers(desk: &Desk, tenant: Tenant, case: CaseId) -> Result<CasePapers, LogError> {
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
    if let Some(damaged) = damaged {
        return Err(damaged);
    }
    let with_title =
        |paper: &skranke_domain::case::Paper| (paper.reference.clone(), title(desk, &stream, paper));
    let titles = papers.list().map(with_title).collect();
    Ok(CasePapers { papers, titles })
}

/// The papers that were picked, by reference, each with its title; all of them where nothing was picked. The error is
/// the reference of one that the case does not have.
pub(crate) fn picked(
    papers: &CasePapers,
    references: Option<Vec<String>>,
) -> Result<Vec<(String, String)>, String> {
    let listed = |paper: &skranke_domain::case::Paper| (paper.reference.clone(), papers.title(paper));
    match references {
        None => Ok(papers.papers.list().map(listed).collect()),
        Some(references) => {
            let find = |reference: String| papers.papers.find(&reference).map(listed).ok_or(reference);
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
