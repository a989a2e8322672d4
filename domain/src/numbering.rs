//! Case numbers that people can say over the phone: one running series per municipality and year.
//!
//! The series is a stream of its own, and the number is the place in it: two cases can never get the same one, on
//! any engine and from any node. A number whose case was never opened (a crash in between) stays unused.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::codec;
use crate::id::{CaseId, StreamId, Tenant};
use crate::sealed::{SealError, SealVisitor, Sealable};
use crate::upcast::{Evolving, Step};

/// What has happened in a series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant holds the struct of its name, which is documented")]
pub enum NumberingEvent {
    CaseNumberTaken(CaseNumberTaken),
}

/// The next number was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseNumberTaken {
    /// For which case.
    pub case: CaseId,
}

/// The stream of a series.
pub fn series(tenant: Tenant, year: i16) -> StreamId {
    StreamId::new("numbering", tenant, year)
}

/// The number that the event with this revision took: `S2026-00042`.
pub fn case_number(on: Date, revision: u64) -> String {
    format!("S{}-{:05}", on.year(), revision + 1)
}

impl Sealable for NumberingEvent {
    fn seals(&mut self, _: &mut SealVisitor<'_>) -> Result<(), SealError> {
        Ok(())
    }
}

impl Evolving for NumberingEvent {
    const STEPS: &'static [Step] = &[];
}

impl cqrs_es::DomainEvent for NumberingEvent {
    fn event_type(&self) -> String {
        codec::type_of(self).to_owned()
    }
    fn event_version(&self) -> String {
        self.version().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_number_of_a_year_is_one() {
        assert_eq!(case_number(jiff::civil::date(2026, 3, 1), 0), "S2026-00001");
        assert_eq!(case_number(jiff::civil::date(2026, 3, 1), 123_455), "S2026-123456");
    }
}
