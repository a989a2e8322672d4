//! A reply in the words and buttons of Telegram.

use skranke_content::{Messages, fill};
use skranke_domain::conversation::Reply;

use crate::hours;

/// The longest message Telegram takes, in UTF-16 units.
const TEXT_LIMIT: usize = 4_096;

/// The reply as plain text.
pub(super) fn text_of(reply: &Reply, texts: &Messages) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(reply.notice.clone());
    let mut prose = String::new();
    for paragraph in &reply.paragraphs {
        if !prose.is_empty() {
            // The items of a list stand close together.
            prose.push_str(if paragraph.starts_with("- ") { "\n" } else { "\n\n" });
        }
        prose.push_str(paragraph);
    }
    parts.extend(Some(prose).filter(|prose| !prose.is_empty()));
    if let Some(card) = &reply.card {
        let mut lines = vec![card.title.clone()];
        lines.extend(card.open_text.clone());
        lines.extend(card.lines.iter().map(|line| format!("{}: {}", line.label, line.text)));
        lines.push(format!("{}: {}", texts.card.link, card.link));
        parts.push(lines.join("\n"));
    }
    parts.extend(reply.next_step.as_ref().map(|next| format!("{}: {next}", texts.page.next_step)));
    let names: Vec<&str> = reply.sources.iter().map(|source| source.name.as_str()).collect();
    let reviewed = reply.reviewed.as_deref().and_then(|date| date.parse().ok());
    let reviewed = reviewed
        .map(|date| fill(&texts.counter.reviewed, &[("date", &hours::date(&texts.hours, reply.lang, date))]));
    let sources = (!names.is_empty()).then(|| format!("{}: {}", texts.page.sources, names.join("; ")));
    let foot: Vec<String> = sources.into_iter().chain(reviewed).collect();
    parts.extend(Some(foot.join("\n")).filter(|foot| !foot.is_empty()));
    parts.join("\n\n")
}

/// Splits a text into pieces that Telegram takes, at line breaks where there are any.
pub(super) fn split(text: &str) -> Vec<String> {
    let units = |text: &str| text.encode_utf16().count();
    let mut pieces: Vec<String> = Vec::new();
    let mut piece = String::new();
    for line in text.split_inclusive('\n') {
        if units(&piece) + units(line) > TEXT_LIMIT {
            pieces.push(std::mem::take(&mut piece));
        }
        if units(line) <= TEXT_LIMIT {
            piece.push_str(line);
            continue;
        }
        for c in line.chars() {
            if units(&piece) + c.len_utf16() > TEXT_LIMIT {
                pieces.push(std::mem::take(&mut piece));
            }
            piece.push(c);
        }
    }
    pieces.push(piece);
    pieces.retain(|piece| !piece.trim().is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_split_within_the_limit_and_nothing_is_lost() {
        let text = format!("{}\n{}\n{}", "a".repeat(3_000), "🙂".repeat(3_000), "ø".repeat(10));
        let pieces = split(&text);
        assert!(pieces.iter().all(|piece| piece.encode_utf16().count() <= TEXT_LIMIT));
        assert_eq!(pieces.concat(), text);
        assert_eq!(split("kort"), ["kort"]);
    }
}
