//! How people ask in the languages that are recognised but not spoken here, one file per language
//! (`foreign/de.toml`): for every topic the words on its button and some questions. The answer is the article, in
//! Danish or English. A file that a content folder leaves out is the built-in one.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Deserialize;
use skranke_domain::conversation::{Foreign, TopicSlug};

use crate::error::Problems;
use crate::files::Files;
use crate::register;

/// How many questions a topic needs in each language.
const QUESTIONS: usize = 4;

/// One topic in another language.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignTopic {
    /// What its button says.
    pub title: String,
    /// How people ask.
    pub questions: Vec<String>,
}

/// The topics in every other language.
#[derive(Clone, Debug, Default)]
pub struct ForeignTopics(HashMap<Foreign, File>);

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "present so that an unknown key is refused and this one is not")]
    #[serde(default)]
    schema: u32,
    /// What stands above the buttons.
    offer: String,
    #[serde(default)]
    topic: BTreeMap<TopicSlug, ForeignTopic>,
}

impl ForeignTopics {
    /// Reads the files; `topics` are those that people can ask for.
    pub(crate) fn read(files: &Files, topics: &[TopicSlug], problems: &mut Problems) -> Self {
        let builtin = Files::builtin();
        let mut all = HashMap::new();
        for language in Foreign::ALL {
            let file = format!("foreign/{}.toml", language.tag());
            let own = files.get(&file);
            let bytes = own.or_else(|| builtin.get(&file));
            let Some(mut read) = register::parse::<File>(&file, bytes, problems) else { continue };
            // The built-in file speaks of the built-in topics; a folder may have others.
            read.topic.retain(|slug, _| {
                let known = topics.contains(slug);
                problems.unless(known || own.is_none(), &file, || {
                    format!("{}: there is no such topic: correct it or take it out", slug.as_str())
                });
                known
            });
            check(&file, &read, topics, problems);
            all.insert(language, read);
        }
        Self(all)
    }

    /// The topics in a language.
    pub fn of(&self, language: Foreign) -> impl Iterator<Item = (&TopicSlug, &ForeignTopic)> {
        self.0.get(&language).into_iter().flat_map(|file| &file.topic)
    }

    /// The name of a topic in a language.
    pub fn title(&self, topic: &TopicSlug, language: Foreign) -> Option<&str> {
        self.0.get(&language)?.topic.get(topic).map(|topic| topic.title.as_str())
    }

    /// What stands above the topics in a language.
    pub fn offer(&self, language: Foreign) -> Option<&str> {
        self.0.get(&language).map(|file| file.offer.as_str())
    }
}

/// Whether every topic can be asked for and told from the others.
fn check(file: &str, read: &File, topics: &[TopicSlug], problems: &mut Problems) {
    problems.unless(!read.offer.trim().is_empty(), file, || {
        "offer: is empty: write what stands above the topics".to_owned()
    });
    let mut titles: HashSet<&str> = HashSet::new();
    let mut asked: HashMap<String, &TopicSlug> = HashMap::new();
    for topic in topics {
        let slug = topic.as_str();
        let Some(ForeignTopic { title, questions }) = read.topic.get(topic) else {
            problems.add(
                file,
                format!("{slug}: is missing: every topic needs a title and {QUESTIONS} questions"),
            );
            continue;
        };
        problems.unless(!title.trim().is_empty(), file, || {
            format!("{slug}: has no title: write what its button says")
        });
        problems.unless(titles.insert(title), file, || {
            format!("{slug}: another topic has the same title: nobody could tell the two buttons apart")
        });
        let count = questions.iter().filter(|question| !question.trim().is_empty()).count();
        problems.unless(count >= QUESTIONS, file, || {
            format!(
                "{slug}: has {count} questions and needs {QUESTIONS}: write {} more",
                QUESTIONS.saturating_sub(count)
            )
        });
        for question in questions {
            let before = asked.insert(question.trim().to_lowercase(), topic);
            if let Some(before) = before {
                problems.add(
                    file,
                    format!("{slug}: {question:?} stands under {} already: keep one", before.as_str()),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topics(slugs: &[&str]) -> Vec<TopicSlug> {
        slugs.iter().map(|slug| TopicSlug::new(*slug)).collect()
    }

    fn problems(text: &str, slugs: &[&str]) -> String {
        let mut problems = Problems::default();
        if let Some(read) = register::parse("foreign/de.toml", Some(text.as_bytes()), &mut problems) {
            check("foreign/de.toml", &read, &topics(slugs), &mut problems);
        }
        problems.finish().map_or_else(|error| error.to_string(), |()| String::new())
    }

    const OFFER: &str = "offer = \"Geht es darum?\"\n";
    const TOPIC: &str = "[topic.pas]\ntitle = \"Pass\"\nquestions = [\"neuer Pass\", \"pass weg\", \"Reisepass\", \"pass\"]\n";

    #[test]
    fn a_whole_file_has_no_faults_and_every_gap_is_named() {
        let whole = format!("{OFFER}{TOPIC}");
        assert_eq!(problems(&whole, &["pas"]), "");
        assert!(problems(&whole, &["pas", "hund"]).contains("hund: is missing"));
        assert!(problems(&whole.replace(", \"pass\"", ""), &["pas"]).contains("has 3 questions and needs 4"));
        assert!(problems(&whole.replace("\"Pass\"", "\" \""), &["pas"]).contains("has no title"));
        assert!(problems(&whole.replace("title", "titel"), &["pas"]).contains("unknown field"));
        assert!(problems(TOPIC, &["pas"]).contains("missing field `offer`"));
    }

    #[test]
    fn one_title_and_one_question_stand_for_one_topic() {
        let twice = format!("{OFFER}{TOPIC}{}", TOPIC.replace("topic.pas", "topic.hund"));
        let told = problems(&twice, &["pas", "hund"]);
        assert!(told.contains("hund: another topic has the same title"), "{told}");
        assert!(told.contains("stands under pas already"), "{told}");
    }

    #[test]
    fn the_built_in_files_stand_in_for_a_folder_that_has_none() {
        let mut problems = Problems::default();
        let read = ForeignTopics::read(&Files::default(), &topics(&["flytning"]), &mut problems);
        assert!(problems.finish().is_ok());
        for language in Foreign::ALL {
            assert_eq!(read.of(language).count(), 1);
            assert!(read.title(&TopicSlug::new("flytning"), language).is_some());
        }
    }
}
