//! Where the content files come from: built into the binary, or a folder that editors change.

use std::collections::BTreeMap;
use std::path::Path;

use rust_embed::RustEmbed;

use crate::error::{ContentError, Problem};

/// No content file is anywhere near this; a larger one is a slip (a video in the folder).
const LARGEST: u64 = 4 * 1024 * 1024;

/// The kinds of file that are content: a folder (empty for the top) and the ending.
const KINDS: [(&str, &str); 6] = [
    ("", "toml"),
    ("", "csv"),
    ("articles", "md"),
    ("foreign", "toml"),
    ("letters", "md"),
    ("rules", "toml"),
];

#[derive(RustEmbed)]
#[folder = "."]
#[include = "*.toml"]
#[include = "*.csv"]
#[include = "articles/*.md"]
#[include = "foreign/*.toml"]
#[include = "letters/*.md"]
#[include = "rules/*.toml"]
#[exclude = "Cargo.toml"]
#[exclude = "src/*"]
struct Embedded;

/// All content files, by their path inside the content folder (`articles/flytning.da.md`).
#[derive(Clone, Debug, Default)]
pub struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    /// The files that were built in.
    pub fn builtin() -> Self {
        let named = |path: std::borrow::Cow<'static, str>| {
            let file = Embedded::get(&path)?;
            is_content(&path).then(|| (path.into_owned(), file.data.into_owned()))
        };
        Self(Embedded::iter().filter_map(named).collect())
    }

    /// The files of a folder.
    pub fn from_dir(dir: &Path) -> Result<Self, ContentError> {
        let fault = |file: String, what: &str| ContentError {
            problems: vec![Problem { file, what: what.to_owned() }],
        };
        let mut files = BTreeMap::new();
        for folder in ["", "articles", "foreign", "letters", "rules"] {
            let path = if folder.is_empty() { dir.to_owned() } else { dir.join(folder) };
            let entries = match std::fs::read_dir(&path) {
                Ok(entries) => entries,
                Err(_) if !folder.is_empty() => continue,
                Err(_) => {
                    let what = "cannot be read: check that the folder exists and that this user may read it";
                    return Err(fault(path.display().to_string(), what));
                }
            };
            for entry in entries.flatten() {
                let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
                let inside = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                if !is_content(&inside) {
                    continue;
                }
                let size = entry.path().metadata().map_or(u64::MAX, |meta| meta.len());
                if size > LARGEST {
                    return Err(fault(
                        inside,
                        "is unreadable or larger than 4 MB: take it out of the folder",
                    ));
                }
                match std::fs::read(entry.path()) {
                    Ok(bytes) => files.insert(inside, bytes),
                    Err(_) => return Err(fault(inside, "cannot be read: check who owns it")),
                };
            }
        }
        Ok(Self(files))
    }

    /// The bytes of one file.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.0.get(path).map(Vec::as_slice)
    }

    /// Every file, in the order of their paths.
    pub fn all(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// The files of a folder (`articles`), in the order of their names.
    pub fn under(&self, folder: &str) -> impl Iterator<Item = (&str, &[u8])> {
        let prefix = format!("{folder}/");
        self.0
            .iter()
            .filter(move |(path, _)| path.starts_with(&prefix))
            .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }
}

fn is_content(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    // Editors' backup and hidden files are not content.
    let usable = !name.starts_with('.') && name != "Cargo.toml";
    usable
        && KINDS
            .iter()
            .any(|(dir, end)| *dir == folder && name.rsplit_once('.').is_some_and(|(_, e)| e == *end))
}
