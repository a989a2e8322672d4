//! A template and a letter become blocks of text.

use skranke_content::letters::{Part, places};
use skranke_domain::letter::Letter;

/// What stands on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// 1 to 3 for a heading; 0 for a paragraph.
    pub(crate) level: u16,
    /// Its lines, before they are broken.
    pub(crate) lines: Vec<String>,
}

/// Fills the places. A paragraph in which one stays empty is left out, and a heading with nothing under it too.
pub(crate) fn fill(template: &[Part], letter: &Letter) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for part in template {
        match part {
            Part::Heading(level, text) => {
                drop_empty_headings(&mut blocks, *level);
                blocks.push(Block { level: *level, lines: vec![with_values(text, letter)] });
            }
            Part::Paragraph(text) if places(text).any(|place| letter.place(place).trim().is_empty()) => {}
            Part::Paragraph(text) => blocks.extend(paragraphs(&with_values(text, letter))),
            Part::End => drop_empty_headings(&mut blocks, 1),
        }
    }
    drop_empty_headings(&mut blocks, 1);
    blocks
}

/// Takes headings of this level or a deeper one off the end. The letter's own title stays.
fn drop_empty_headings(blocks: &mut Vec<Block>, level: u16) {
    while blocks.len() > 1 && blocks.last().is_some_and(|last| last.level >= level.max(1)) {
        blocks.pop();
    }
}

/// What people wrote may hold paragraphs of its own.
fn paragraphs(text: &str) -> impl Iterator<Item = Block> {
    let mut blocks = Vec::new();
    let mut lines = Vec::new();
    for line in text.lines().map(str::trim_end).chain([""]) {
        if !line.is_empty() {
            lines.push(line.to_owned());
        } else if !lines.is_empty() {
            blocks.push(Block { level: 0, lines: std::mem::take(&mut lines) });
        }
    }
    blocks.into_iter()
}

/// What is filled in is never searched for places itself.
fn with_values(text: &str, letter: &Letter) -> String {
    let values: Vec<(&str, String)> = places(text).map(|place| (place, letter.place(place))).collect();
    let values: Vec<(&str, &str)> = values.iter().map(|(place, value)| (*place, value.as_str())).collect();
    skranke_content::fill(text, &values)
}
