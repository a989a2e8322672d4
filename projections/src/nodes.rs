//! What an id is about. Ids are UUIDs, so no two things share one, and one question finds which table holds it.

use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};
use skranke_domain::Tenant;
use uuid::Uuid;

use crate::rows;
use crate::views::{Views, ViewsError};

/// A kind of thing that has an id and a page of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeKind {
    /// A case.
    Case,
    /// An inquiry.
    Inquiry,
    /// A complaint.
    Complaint,
    /// A request for access.
    AccessRequest,
    /// An exemption from self-service.
    Exemption,
    /// A self-service solution.
    Service,
    /// A team.
    Team,
    /// A member of staff.
    Staff,
    /// An engagement of an auditor.
    Engagement,
    /// A sample of cases.
    Sample,
    /// A finding of an auditor.
    Finding,
}

/// One row of one primary key at most: an id that the municipality does not have is in none.
const KIND: &str = "
    SELECT 'case' FROM cases WHERE tenant = ?1 AND case_id = ?2
    UNION ALL SELECT 'inquiry' FROM inquiries WHERE tenant = ?1 AND inquiry_id = ?2
    UNION ALL SELECT 'complaint' FROM complaints WHERE tenant = ?1 AND id = ?2
    UNION ALL SELECT 'access-request' FROM access_requests WHERE tenant = ?1 AND id = ?2
    UNION ALL SELECT 'exemption' FROM exemptions WHERE tenant = ?1 AND exemption_id = ?2
    UNION ALL SELECT 'service' FROM services WHERE tenant = ?1 AND service_id = ?2
    UNION ALL SELECT 'team' FROM teams WHERE tenant = ?1 AND team_id = ?2
    UNION ALL SELECT 'staff' FROM staff WHERE tenant = ?1 AND user_id = ?2
    UNION ALL SELECT 'engagement' FROM engagements WHERE tenant = ?1 AND engagement_id = ?2
    UNION ALL SELECT 'sample' FROM samples WHERE tenant = ?1 AND sample_id = ?2
    UNION ALL SELECT 'finding' FROM findings WHERE tenant = ?1 AND finding_id = ?2
    LIMIT 1";

impl Views {
    /// What an id of a municipality is about; `None` when it has no such id.
    pub async fn kind_of(&self, tenant: Tenant, id: Uuid) -> Result<Option<NodeKind>, ViewsError> {
        self.ask(move |rows| {
            let mut find = rows.prepare_cached(KIND)?;
            Ok(find.query_row((tenant.code(), id.as_bytes()), |row| rows::word(row, 0)).optional()?)
        })
        .await
    }

    /// How the database would answer [`Self::kind_of`], line by line.
    pub async fn explain_kind_of(&self, tenant: Tenant, id: Uuid) -> Result<Vec<String>, ViewsError> {
        self.ask(move |rows| rows::plan(rows, KIND, (tenant.code(), id.as_bytes()))).await
    }
}
