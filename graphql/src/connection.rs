//! Pages of lists, as Relay connections: stable cursors, and a page size that must be between 1 and 100.

use async_graphql::{Result, SimpleObject};
use skranke_projections::{Cursor, Page};

use crate::access_request::AccessRequestRow;
use crate::audit::AccessEntry;
use crate::caller::coded;
use crate::case::CaseRow;
use crate::complaint::ComplaintRow;
use crate::inquiry::InquiryRow;

/// The largest page.
const LARGEST: i32 = 100;

/// Whether there is more, and where to go on: Relay's page info. Lists are paged forwards.
#[derive(SimpleObject, Clone, Debug)]
pub struct PageInfo {
    /// Whether this page was asked for behind a cursor: something comes before it.
    pub has_previous_page: bool,
    /// Whether there is more after this page.
    pub has_next_page: bool,
    /// The cursor of the first row.
    pub start_cursor: Option<String>,
    /// The cursor of the last row: hand it in as `after` for the next page.
    pub end_cursor: Option<String>,
}

impl PageInfo {
    pub(crate) fn of<T>(page: &Page<T>) -> Self {
        Self {
            has_previous_page: page.behind,
            has_next_page: page.more,
            start_cursor: page.start().map(ToString::to_string),
            end_cursor: page.end().map(ToString::to_string),
        }
    }
}

macro_rules! connection {
    ($(#[$doc:meta])* $connection:ident, $edge:ident, $node:ty $(, $total:ident)?) => {
        $(#[$doc])*
        #[derive(async_graphql::SimpleObject)]
        pub struct $connection {
            /// The rows with their cursors.
            pub edges: Vec<$edge>,
            /// Whether there is more.
            pub page_info: PageInfo,
            $(
                /// How many there are in all.
                pub $total: u64,
            )?
        }

        $(#[$doc])*
        #[derive(async_graphql::SimpleObject)]
        pub struct $edge {
            /// Where this row stands in its order.
            pub cursor: String,
            /// The row.
            pub node: $node,
        }
    };
}

pub(crate) use connection;

connection! {
    /// A page of cases.
    CaseConnection, CaseEdge, CaseRow, total_count
}
connection! {
    /// A page of complaints.
    ComplaintConnection, ComplaintEdge, ComplaintRow, total_count
}
connection! {
    /// A page of requests for access.
    AccessRequestConnection, AccessRequestEdge, AccessRequestRow, total_count
}
connection! {
    /// A page of inquiries.
    InquiryConnection, InquiryEdge, InquiryRow, total_count
}
connection! {
    /// A page of the access log.
    AccessEntryConnection, AccessEntryEdge, AccessEntry
}

/// A page size that may be asked for.
pub(crate) fn page_size(first: i32) -> Result<usize> {
    match usize::try_from(first) {
        Ok(size) if (1..=LARGEST).contains(&first) => Ok(size),
        _ => Err(coded("first must be between 1 and 100", "PAGE_SIZE")),
    }
}

/// A cursor that was handed out before.
pub(crate) fn cursor(after: Option<String>) -> Result<Option<Cursor>> {
    let read =
        |text: String| text.parse().map_err(|_| coded("after is not a cursor of this list", "BAD_CURSOR"));
    after.map(read).transpose()
}
