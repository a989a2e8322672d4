//! Blocks are broken into lines, lines into pages, and pages become a tagged PDF.

use std::num::NonZeroU16;

use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::Point;
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, SpanTag, Tag, TagGroup, TagKind, TagTree};
use krilla::text::TextDirection;
use krilla::{Document, SerializeSettings};
use skranke_domain::letter::{LONGEST, Letter, NotPrinted};

use crate::fill::Block;
use crate::font::{Fonts, Weight};

/// A4, in points.
const WIDTH: f32 = 595.28;
const HEIGHT: f32 = 841.89;
/// 25 mm, as letters have it.
const MARGIN: f32 = 70.87;
const FOOTER: f32 = HEIGHT - 42.5;
const FOOTER_SIZE: f32 = 9.0;
const TITLE_LIMIT: usize = 120;

/// How a block looks.
struct Style {
    size: f32,
    leading: f32,
    above: f32,
}

const fn style(level: u16) -> Style {
    match level {
        1 => Style { size: 20.0, leading: 26.0, above: 0.0 },
        2 => Style { size: 14.0, leading: 19.0, above: 20.0 },
        3 => Style { size: 11.0, leading: 16.0, above: 14.0 },
        _ => Style { size: 11.0, leading: 16.0, above: 10.0 },
    }
}

fn weight(fonts: &Fonts, level: u16) -> &Weight {
    if level == 0 { &fonts.regular } else { &fonts.semi_bold }
}

/// One line where it stands.
struct Line {
    block: usize,
    text: String,
    page: usize,
    baseline: f32,
}

pub(crate) fn print(blocks: &[Block], letter: &Letter, fonts: &Fonts) -> Result<Vec<u8>, NotPrinted> {
    let lines = lines(blocks, fonts)?;
    let pages = lines.last().map_or(1, |line| line.page + 1);
    if pages > LONGEST {
        return Err(NotPrinted::TooLong);
    }
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| NotPrinted::NotConforming(format!("{error:?}")))?;
    let settings = SerializeSettings { configuration, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    let mut groups: Vec<TagGroup> = blocks.iter().map(group).collect();
    let mut outline = Outline::new();
    let mut lines = lines.iter().peekable();
    for number in 0..pages {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or(NotPrinted::TooLong)?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        let mut draw = |tag: ContentTag<'_>, weight: &Weight, at: Point, size: f32, text: &str| {
            let identifier = surface.start_tagged(tag);
            surface.draw_text(at, weight.font.clone(), size, text, false, TextDirection::LeftToRight);
            surface.end_tagged();
            identifier
        };
        while let Some(line) = lines.next_if(|line| line.page == number) {
            let Block { level, .. } = blocks[line.block];
            let (Style { size, .. }, at) = (style(level), Point::from_xy(MARGIN, line.baseline));
            let span = ContentTag::Span(SpanTag::empty());
            groups[line.block].push(draw(span, weight(fonts, level), at, size, &line.text));
            if level > 0 {
                let top = Point::from_xy(MARGIN, line.baseline - size);
                let destination = XyzDestination::new(number, top);
                outline.push_child(OutlineNode::new(line.text.trim_end().to_owned(), destination));
            }
        }
        let footer = format!(
            "{} · {} {} {} {pages}",
            letter.number,
            letter.lang.pick("Side", "Page"),
            number + 1,
            letter.lang.pick("af", "of")
        );
        fonts.regular.can_draw(&footer)?;
        let artifact = ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer));
        draw(artifact, &fonts.regular, Point::from_xy(MARGIN, FOOTER), FOOTER_SIZE, &footer);
        surface.finish();
        page.finish();
    }
    let mut tree = TagTree::new().with_lang(Some(letter.lang.tag().to_owned()));
    for group in groups {
        tree.push(group);
    }
    document.set_tag_tree(tree);
    document.set_outline(outline);
    document.set_metadata(metadata(blocks, letter));
    document.finish().map_err(|error| NotPrinted::NotConforming(format!("{error:?}")))
}

fn group(block: &Block) -> TagGroup {
    let tag: TagKind = match NonZeroU16::new(block.level) {
        Some(level) => Tag::Hn(level, Some(block.lines.join(" "))).into(),
        None => Tag::P.into(),
    };
    TagGroup::new(tag)
}

/// No name and nothing of the matter stands in the file's own data: programs index that.
fn metadata(blocks: &[Block], letter: &Letter) -> Metadata {
    let heading = blocks.first().map_or_else(String::new, |block| block.lines.join(" "));
    let title: String = format!("{heading} – {}", letter.number).chars().take(TITLE_LIMIT).collect();
    let part = |number: i8| u8::try_from(number).unwrap_or(1);
    let written = DateTime::new(u16::try_from(letter.date.year()).unwrap_or_default())
        .month(part(letter.date.month()))
        .day(part(letter.date.day()));
    Metadata::new()
        .title(title)
        .authors(vec![letter.municipality.clone()])
        .language(letter.lang.tag().to_owned())
        .creator("Skranke".to_owned())
        .creation_date(written)
}

/// Breaks blocks into lines and places them. A heading never stands alone at the foot of a page.
fn lines(blocks: &[Block], fonts: &Fonts) -> Result<Vec<Line>, NotPrinted> {
    const BOTTOM: f32 = HEIGHT - MARGIN;
    let mut placed = Vec::new();
    let (mut page, mut foot) = (0, MARGIN);
    for (number, block) in blocks.iter().enumerate() {
        let (Style { size, leading, above }, weight) = (style(block.level), weight(fonts, block.level));
        let broken: Vec<String> = block
            .lines
            .iter()
            .map(|line| broken(line, weight, size))
            .collect::<Result<Vec<_>, _>>()?
            .concat();
        let space = if placed.is_empty() { 0.0 } else { above };
        let together = if block.level > 0 { 3.0 * leading } else { leading };
        if foot + space + together > BOTTOM {
            (page, foot) = (page + 1, MARGIN);
        } else {
            foot += space;
        }
        for text in broken {
            if foot + leading > BOTTOM {
                (page, foot) = (page + 1, MARGIN);
            }
            foot += leading;
            placed.push(Line { block: number, text, page, baseline: foot - (leading - size) });
        }
    }
    Ok(placed)
}

/// Breaks one line where it is too wide. Each but the last ends with the space it was broken at, so that whoever reads
/// the file aloud hears two words.
fn broken(line: &str, weight: &Weight, size: f32) -> Result<Vec<String>, NotPrinted> {
    const COLUMN: f32 = WIDTH - 2.0 * MARGIN;
    let space = weight.width(" ", size);
    let mut lines = Vec::new();
    let (mut current, mut filled) = (String::new(), 0.0);
    for word in line.split_whitespace() {
        weight.can_draw(word)?;
        let width = weight.width(word, size);
        if !current.is_empty() && filled + space + width > COLUMN {
            lines.push(std::mem::take(&mut current) + " ");
            filled = 0.0;
        }
        if !current.is_empty() {
            current.push(' ');
            filled += space;
        }
        if width <= COLUMN {
            current.push_str(word);
            filled += width;
            continue;
        }
        // A word that fits on no line is broken where it must be.
        for character in word.chars() {
            let width = weight.width(character.encode_utf8(&mut [0; 4]), size);
            if filled + width > COLUMN {
                lines.push(std::mem::take(&mut current));
                filled = 0.0;
            }
            current.push(character);
            filled += width;
        }
    }
    lines.push(current);
    Ok(lines)
}
