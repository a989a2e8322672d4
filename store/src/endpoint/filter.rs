//! Which events of the whole log a client wants to see, and may.

use fancy_regex::{Regex, RegexBuilder};
use tonic::Status;

use super::auth::Scope;
use super::proto::event_store::client::streams::read_req::options as wire;
use super::proto::event_store::client::streams::read_req::options::filter_options as wire_filter;
use crate::port::{Filter, Recorded};

/// The longest regular expression, in bytes.
const LONGEST_REGEX: usize = 4096;
/// How many steps a match may go back. A name has at most 1024 bytes: an honest expression needs a few.
const BACKTRACKING: usize = 10_000;
/// How large an expression may become when it is compiled, in bytes.
const COMPILED: usize = 1 << 20;
/// The most prefixes in one filter.
const MOST_PREFIXES: usize = 256;
/// How many events KurrentDB's clients look at before a checkpoint when nobody says otherwise.
const WINDOW: u32 = 32;

/// A filter of a client, within what its user sees.
#[derive(Debug)]
pub(super) struct Sieve {
    scope: Scope,
    wanted: Wanted,
}

#[derive(Debug)]
enum Wanted {
    Everything,
    /// The log itself looks for these.
    Streams(Vec<String>),
    Types(Vec<String>),
    StreamRegex(Box<Regex>),
    TypeRegex(Box<Regex>),
}

impl Sieve {
    pub(super) fn new(scope: Scope, filter: Option<&wire::FilterOptions>) -> Result<Self, Status> {
        let wanted = match filter {
            None => Wanted::Everything,
            Some(filter) => match filter.filter.as_ref() {
                Some(wire_filter::Filter::StreamIdentifier(names)) => {
                    expression(names, Wanted::Streams, Wanted::StreamRegex)?
                }
                Some(wire_filter::Filter::EventType(types)) => {
                    expression(types, Wanted::Types, Wanted::TypeRegex)?
                }
                None => return Err(Status::invalid_argument("a filter is by stream name or by event type")),
            },
        };
        Ok(Self { scope, wanted })
    }

    /// The part of it that the log can do.
    pub(super) fn pushed_down(&self) -> Filter {
        match &self.wanted {
            Wanted::Streams(prefixes) => Filter { stream_prefixes: prefixes.clone(), ..Filter::default() },
            _ => Filter::default(),
        }
    }

    /// Whether everything that passes the log's own filter passes.
    pub(super) fn is_all_pushed_down(&self) -> bool {
        self.scope == Scope::All && matches!(self.wanted, Wanted::Everything | Wanted::Streams(_))
    }

    /// Whether an event that passed the log's own filter passes. Fails when the expression would take too long.
    pub(super) fn passes(&self, event: &Recorded) -> Result<bool, Status> {
        if !self.scope.covers(&event.stream) {
            return Ok(false);
        }
        let matches = |regex: &Regex, name: &str| {
            regex.is_match(name).map_err(|_| {
                Status::invalid_argument(
                    "the filter's regular expression takes too long: write a simpler one",
                )
            })
        };
        match &self.wanted {
            Wanted::Everything | Wanted::Streams(_) => Ok(true),
            Wanted::Types(prefixes) => {
                Ok(prefixes.iter().any(|prefix| event.event_type.as_str().starts_with(prefix.as_str())))
            }
            Wanted::StreamRegex(regex) => matches(regex, event.stream.as_str()),
            Wanted::TypeRegex(regex) => matches(regex, event.event_type.as_str()),
        }
    }

    /// The scope has become another.
    pub(super) fn narrow(&mut self, scope: Scope) {
        self.scope = scope;
    }
}

fn expression(
    expression: &wire_filter::Expression,
    prefixes: impl FnOnce(Vec<String>) -> Wanted,
    regex: impl FnOnce(Box<Regex>) -> Wanted,
) -> Result<Wanted, Status> {
    match (expression.regex.as_str(), expression.prefix.as_slice()) {
        ("", []) => Err(Status::invalid_argument("a filter needs a regular expression or a prefix")),
        ("", some) if some.len() > MOST_PREFIXES => {
            Err(Status::invalid_argument(format!("a filter has at most {MOST_PREFIXES} prefixes")))
        }
        ("", some) => Ok(prefixes(some.to_vec())),
        (text, _) if text.len() > LONGEST_REGEX => {
            Err(Status::invalid_argument(format!("a regular expression has at most {LONGEST_REGEX} bytes")))
        }
        (text, _) => RegexBuilder::new(text)
            .backtrack_limit(BACKTRACKING)
            .delegate_size_limit(COMPILED)
            .build()
            .map(|compiled| regex(Box::new(compiled)))
            .map_err(|_| Status::invalid_argument("the filter's regular expression is not valid")),
    }
}

/// After how many events a subscription with this filter wants to hear how far it has come.
pub(super) fn checkpoint_interval(filter: &wire::FilterOptions) -> u64 {
    let window = match filter.window {
        Some(wire_filter::Window::Max(most)) => most.max(1),
        Some(wire_filter::Window::Count(_)) | None => WINDOW,
    };
    u64::from(window) * u64::from(filter.checkpoint_interval_multiplier.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use skranke_domain::{StreamId, Tenant};

    use crate::port::Position;

    fn event(stream: &str, event_type: &str) -> Recorded {
        Recorded {
            position: Position(1),
            stream: StreamId::parse(stream).unwrap(),
            revision: 0,
            id: uuid::Uuid::nil(),
            event_type: event_type.into(),
            data: Bytes::new(),
            metadata: Bytes::new(),
            recorded_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    fn by_type(regex: &str, prefixes: &[&str]) -> Result<Sieve, Status> {
        let prefix = prefixes.iter().map(|prefix| (*prefix).to_owned()).collect();
        let expression = wire_filter::Expression { regex: regex.into(), prefix };
        let filter = wire::FilterOptions {
            filter: Some(wire_filter::Filter::EventType(expression)),
            ..wire::FilterOptions::default()
        };
        Sieve::new(Scope::All, Some(&filter))
    }

    #[test]
    fn look_ahead_and_prefixes_are_understood() {
        // What the Python client sends when nobody gives a filter.
        let python = by_type(r"^(?!(?:\$.+|PersistentConfig\d+)$).*", &[]).unwrap();
        assert!(python.passes(&event("a", "CaseOpened")).unwrap());
        assert!(!python.passes(&event("a", "$metadata")).unwrap());
        let prefixes = by_type("", &["Case", "Inquiry"]).unwrap();
        assert!(prefixes.passes(&event("a", "InquiryReceived")).unwrap());
        assert!(!prefixes.passes(&event("a", "UserRegistered")).unwrap());
    }

    #[test]
    fn what_cannot_be_matched_in_bounded_time_is_refused() {
        assert!(by_type("(", &[]).is_err() && by_type("", &[]).is_err());
        assert!(by_type(&"a".repeat(LONGEST_REGEX + 1), &[]).is_err());
        let costly = by_type(r"^(?=(a+)+$)\1b", &[]).or_else(|_| by_type(r"^(a|a)*\1b$", &[])).unwrap();
        let began = std::time::Instant::now();
        let _ = costly.passes(&event("a", &"a".repeat(1000)));
        assert!(began.elapsed().as_secs() < 5);
    }

    #[test]
    fn the_scope_holds_whatever_the_filter_says() {
        let sieve = Sieve::new(Scope::Tenant(Tenant::try_new("0190").unwrap()), None).unwrap();
        assert!(sieve.passes(&event("case-0190-a", "T")).unwrap());
        assert!(!sieve.passes(&event("case-0751-a", "T")).unwrap());
        assert!(!sieve.is_all_pushed_down());
    }
}
