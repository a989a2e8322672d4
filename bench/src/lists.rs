//! The lists that are asked of Skranke and of PostGraphile: the same rows, filters and orders.

/// A list of fifty cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    /// Every case that is not closed, by deadline: what the dashboard opens with.
    Due,
    /// The same, the newest case first.
    Newest,
    /// The same, the newest event first.
    LastEvent,
    /// The caller's own, by deadline.
    Mine,
    /// Those whose deadline has passed, by deadline.
    Overdue,
    /// Closed cases by number, from the middle of the list on.
    Deep,
}

impl List {
    /// All.
    pub(crate) const ALL: [Self; 6] =
        [Self::Due, Self::Newest, Self::LastEvent, Self::Mine, Self::Overdue, Self::Deep];

    /// What it is called in the lines and on the page.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Due => "list by deadline",
            Self::Newest => "list, newest case first",
            Self::LastEvent => "list, newest event first",
            Self::Mine => "list of own cases",
            Self::Overdue => "list of overdue cases",
            Self::Deep => "list of closed cases, deep page",
        }
    }
}

/// Rows of a page.
pub(crate) const PAGE: u32 = 50;
/// Rows that are walked over to a deep page, at most: half of the list where it is shorter.
pub(crate) const DEEP: usize = 10_000;
