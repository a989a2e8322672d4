//! The templates of letters: headings and paragraphs with places in braces, one file per kind and language
//! (`letters/decision.da.md`). A file that a content folder leaves out is the built-in one.
//!
//! The format is the least that letters need: a line that begins with `#` is a heading, lines between blank lines are
//! a paragraph, `---` ends what stands under a heading. A paragraph in which a place stays empty is left out, and so is
//! a heading with nothing under it.

use std::collections::BTreeMap;

use skranke_domain::Lang;
use skranke_domain::letter::{LetterKind, PLACES};

use crate::LANGS;
use crate::error::{ContentError, Problems};
use crate::files::Files;
use crate::publication::{Fault, FaultKind};

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A heading and its level, from 1.
    Heading(u16, String),
    /// A paragraph; its line breaks count.
    Paragraph(String),
    /// What follows is under no heading.
    End,
}

/// The templates of every kind of letter, in both languages.
#[derive(Clone, Debug)]
pub struct LetterTemplates(BTreeMap<(LetterKind, Lang), Vec<Part>>);

impl LetterTemplates {
    /// Reads and checks the templates of a folder, or the built-in ones.
    pub fn load(files: &Files) -> Result<Self, ContentError> {
        let builtin = Files::builtin();
        let mut problems = Problems::default();
        let mut templates = BTreeMap::new();
        for kind in LetterKind::ALL {
            for lang in LANGS {
                let file = format!("letters/{}.{}.md", kind.name(), lang.tag());
                let bytes = files.get(&file).or_else(|| builtin.get(&file)).unwrap_or_default();
                if let Ok(text) = std::str::from_utf8(bytes) {
                    templates.insert((kind, lang), parse(&file, text, &mut problems));
                } else {
                    problems.add(&file, "is not UTF-8: save it as such");
                }
            }
        }
        problems.finish().map(|()| Self(templates))
    }

    /// One template.
    pub fn get(&self, kind: LetterKind, lang: Lang) -> &[Part] {
        self.0.get(&(kind, lang)).map_or(&[], Vec::as_slice)
    }
}

/// The template of one letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Which letter.
    pub kind: LetterKind,
    /// In which language.
    pub lang: Lang,
    /// What it says.
    pub parts: Vec<Part>,
}

/// Reads a template that an administrator hands in for the letter of that name (`decision.da`). Every place that is none
/// is told with its line.
pub fn read_template(name: &str, text: &str) -> Result<Template, Vec<Fault>> {
    let rule = |line, what: String| Fault { line, kind: FaultKind::Rule(what) };
    let mut letters = LetterKind::ALL.into_iter().flat_map(|kind| LANGS.map(|lang| (kind, lang)));
    let known = letters.find(|(kind, lang)| name == format!("{}.{}", kind.name(), lang.tag()));
    let (kind, lang) = known.ok_or_else(|| {
        let kinds = LetterKind::ALL.map(LetterKind::name).join(", ");
        vec![rule(None, format!("{name} is no letter: write one of {kinds} and .da or .en"))]
    })?;
    let mut faults = Vec::new();
    for (row, line) in text.lines().enumerate() {
        for place in places(line).filter(|place| !PLACES.contains(place)) {
            let what = format!("{{{place}}} is no place: write one of {}", PLACES.join(", "));
            faults.push(rule(Some(row + 1), what));
        }
    }
    let parts = parse(name, text, &mut Problems::default());
    if !matches!(parts.first(), Some(Part::Heading(1, _))) {
        faults.push(rule(Some(1), "the first line is `# ` and the letter's title".to_owned()));
    }
    if faults.is_empty() { Ok(Template { kind, lang, parts }) } else { Err(faults) }
}

fn parse(file: &str, text: &str, problems: &mut Problems) -> Vec<Part> {
    for place in places(text) {
        problems.unless(PLACES.contains(&place), file, || {
            format!("{{{place}}} is no place: write one of {}", PLACES.join(", "))
        });
    }
    let text = text.replace("\r\n", "\n");
    let parts = text.split("\n\n").map(str::trim).filter(|part| !part.is_empty()).flat_map(headed);
    let parts: Vec<Part> = parts.collect();
    problems.unless(matches!(parts.first(), Some(Part::Heading(1, _))), file, || {
        "does not begin with a heading: its first line is `# ` and the letter's title".to_owned()
    });
    parts
}

/// A heading may be followed at once by its first paragraph.
fn headed(part: &str) -> Vec<Part> {
    if part == "---" {
        return vec![Part::End];
    }
    let (first, rest) = part.split_once('\n').unwrap_or((part, ""));
    let level = first.bytes().take_while(|byte| *byte == b'#').count();
    match u16::try_from(level) {
        Ok(level @ 1..=3) => {
            let heading = Part::Heading(level, first.trim_start_matches('#').trim().to_owned());
            let rest = (!rest.trim().is_empty()).then(|| headed(rest.trim()));
            std::iter::once(heading).chain(rest.into_iter().flatten()).collect()
        }
        _ => vec![Part::Paragraph(part.to_owned())],
    }
}

/// The names in braces.
pub fn places(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_templates_load_and_a_folder_replaces_one_of_them() {
        let builtin = LetterTemplates::load(&Files::builtin()).unwrap();
        for kind in LetterKind::ALL {
            for lang in LANGS {
                assert!(builtin.get(kind, lang).len() > 3, "{kind:?} {lang:?}");
            }
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("letters")).unwrap();
        std::fs::write(folder.path().join("letters/receipt.da.md"), "# Tak\n{title}\n\nHilsen {sender}")
            .unwrap();
        let ours = LetterTemplates::load(&Files::from_dir(folder.path()).unwrap()).unwrap();
        let expected = [
            Part::Heading(1, "Tak".to_owned()),
            Part::Paragraph("{title}".to_owned()),
            Part::Paragraph("Hilsen {sender}".to_owned()),
        ];
        assert_eq!(ours.get(LetterKind::Receipt, Lang::Da), expected);
        let decision = LetterKind::Decision;
        assert_eq!(ours.get(decision, Lang::Da), builtin.get(decision, Lang::Da));
    }

    #[test]
    fn a_template_that_is_handed_in_is_told_where_it_is_wrong() {
        let read = read_template("receipt.da", "# Tak\n\nVi har fået {title}.").unwrap();
        assert_eq!((read.kind, read.lang, read.parts.len()), (LetterKind::Receipt, Lang::Da, 2));
        let faults = read_template("receipt.da", "Tak\n\nKære {navn}").unwrap_err();
        assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [Some(3), Some(1)]);
        assert!(read_template("poem.da", "# Tak").unwrap_err()[0].to_string().contains("delay-notice"));
    }

    #[test]
    fn an_unknown_place_and_a_missing_title_are_told_with_their_file() {
        let mut problems = Problems::default();
        parse("letters/x.md", "Kære {navn}", &mut problems);
        let told = problems.finish().unwrap_err().to_string();
        assert!(
            told.contains("letters/x.md") && told.contains("{navn}") && told.contains("heading"),
            "{told}"
        );
    }
}
