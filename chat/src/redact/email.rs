//! E-mail addresses.

use super::{Span, What};

/// E-mail addresses, also with blanks around the at sign or with "(at)" for it.
pub(super) fn emails(raw: &str) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    let local = |c: char| c.is_alphanumeric() || "._%+-'".contains(c);
    let domain = |c: char| c.is_alphanumeric() || c == '.' || c == '-';
    for (at, c) in raw.char_indices() {
        let width = match c {
            '@' | '＠' | '﹫' => c.len_utf8(),
            '(' | '[' | '{' => {
                let rest = raw.get(at + 1..).unwrap_or_default();
                let signs =
                    ["at)", "at]", "at}", "a)", "a]", "snabel-a)", "snabela)", "AT)", "AT]", "@)", "@]"];
                match signs.iter().find(|sign| rest.starts_with(**sign)) {
                    Some(sign) => 1 + sign.len(),
                    None => continue,
                }
            }
            _ => continue,
        };
        let left = raw.get(..at).unwrap_or_default();
        let blanks = left.len() - left.trim_end_matches(' ').len();
        let left = if blanks <= 2 { left.trim_end_matches(' ') } else { left };
        let name: usize = left.chars().rev().take(80).take_while(|c| local(*c)).map(char::len_utf8).sum();
        let right = raw.get(at + width..).unwrap_or_default();
        let skipped = right.chars().take(2).take_while(|c| *c == ' ').count();
        let right = right.get(skipped..).unwrap_or_default();
        let host: usize = right.chars().take(255).take_while(|c| domain(*c)).map(char::len_utf8).sum();
        let host = right.get(..host).unwrap_or_default().trim_end_matches(['.', '-']);
        let tight = blanks == 0 && skipped == 0;
        let dotted = host.rsplit_once('.').is_some_and(|(name, end)| {
            !name.is_empty() && end.len() >= 2 && end.chars().all(char::is_alphabetic)
        });
        let named = left.get(left.len() - name..).unwrap_or_default().contains(char::is_alphanumeric);
        if !named || !(dotted || (tight && host.len() >= 2)) {
            continue;
        }
        let (from, to) = (left.len() - name, at + width + skipped + host.len());
        let from = from.max(found.last().map_or(0, |last| last.to));
        if from < at {
            found.push(Span { from, to, what: What::Email });
        }
    }
    found
}
