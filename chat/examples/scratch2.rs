#![allow(missing_docs, clippy::all, clippy::pedantic, clippy::unwrap_used)]
use std::io::BufRead;
fn main() { for line in std::io::stdin().lock().lines() { let line = line.unwrap(); let (t, r) = skranke_chat::redact::redact(&line, skranke_domain::Lang::Da); println!("{} {:?}  <- {line}", t.as_str(), r.cpr); } }
