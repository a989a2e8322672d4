//! (under construction)
pub mod redact;
pub mod understanding;
