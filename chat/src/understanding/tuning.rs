//! How the weights in [`super::retrieval`] were found. Not part of the program: run it when the articles have changed
//! much, with `cargo test --release -p skranke-chat tuning -- --ignored --nocapture`.
//!
//! Every article question is held back once (five folds) and searched for in what was learned from the others; so is
//! every question that no article answers. The held-back list of the integration test plays no part here.

use std::fs;
use std::path::Path;

use skranke_domain::Lang;
use skranke_domain::conversation::TopicSlug;

use super::CorpusArticle;
use super::features::to_f32;
use super::intent::Examples;
use super::retrieval::{Found, Index};

struct Asked {
    found: Found,
    right: Option<usize>,
}

fn articles(lang: Lang) -> Vec<CorpusArticle> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../content/articles");
    let mut files: Vec<_> =
        fs::read_dir(root).expect("articles").map(|entry| entry.expect("entry").path()).collect();
    files.sort();
    let ending = format!(".{}.md", lang.tag());
    let mut articles = Vec::new();
    for path in files {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(slug) = name.strip_suffix(&ending) else { continue };
        let text = fs::read_to_string(&path).expect("article");
        let mut parts = text.splitn(3, "+++").skip(1);
        let front: toml::Table = parts.next().unwrap_or_default().parse().expect("front matter");
        let list = |key: &str| -> Vec<String> {
            let values = front.get(key).and_then(toml::Value::as_array).into_iter().flatten();
            values.filter_map(|value| value.as_str().map(ToOwned::to_owned)).collect()
        };
        articles.push(CorpusArticle {
            slug: TopicSlug::new(slug),
            lang,
            title: front.get("title").and_then(toml::Value::as_str).unwrap_or_default().to_owned(),
            keywords: list("keywords"),
            questions: list("questions"),
            body: parts.next().unwrap_or_default().to_owned(),
        });
    }
    articles
}

fn cross_validate(lang: Lang) -> Vec<Asked> {
    let all = articles(lang);
    let outside = Examples::of(lang).outside();
    let mut asked = Vec::new();
    for fold in 0..5 {
        let mut kept = all.clone();
        let mut held: Vec<(usize, String)> = Vec::new();
        for (topic, article) in kept.iter_mut().enumerate() {
            let questions = std::mem::take(&mut article.questions);
            for (n, question) in questions.into_iter().enumerate() {
                if (n + topic) % 5 == fold {
                    held.push((topic, question));
                } else {
                    article.questions.push(question);
                }
            }
        }
        let (none, some): (Vec<_>, Vec<_>) = outside.iter().enumerate().partition(|(n, _)| n % 5 == fold);
        let some: Vec<&str> = some.into_iter().map(|(_, text)| *text).collect();
        let index = Index::new(lang, &kept, &some);
        let held = held.iter().map(|(topic, text)| (Some(*topic), text.as_str()));
        for (right, text) in held.chain(none.into_iter().map(|(_, text)| (None, *text))) {
            let words = super::normalise::words(text);
            let words: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
            asked.push(Asked { found: index.judge(&words), right });
        }
    }
    asked
}

fn ranked(asked: &Asked, weights: [f32; 4]) -> Vec<(usize, f32)> {
    let [words, nearest, centre, learned] = weights;
    let mut sums: Vec<(usize, f32)> = asked
        .found
        .topics
        .iter()
        .map(|o| (o.topic, words * o.words + nearest * o.nearest + centre * o.centre + learned * o.learned))
        .collect();
    sums.sort_by(|a, b| b.1.total_cmp(&a.1));
    sums
}

fn at_one(asked: &[Asked], weights: [f32; 4]) -> (f32, f32) {
    let topical: Vec<&Asked> = asked.iter().filter(|asked| asked.right.is_some()).collect();
    let mut first = 0.0;
    let mut third = 0.0;
    for asked in &topical {
        let ranked = ranked(asked, weights);
        let place = ranked.iter().position(|(topic, _)| Some(*topic) == asked.right);
        first += f32::from(u8::from(place == Some(0)));
        third += f32::from(u8::from(place.is_some_and(|place| place < 3)));
    }
    (first / to_f32(topical.len()), third / to_f32(topical.len()))
}

const INPUTS: usize = 11;
const NAMES: [&str; INPUTS] =
    ["one", "sum", "lead", "covered", "outside", "words", "nearest", "learned", "out-near", "centre", "gap"];

fn inputs(asked: &Asked, weights: [f32; 4]) -> ([f32; INPUTS], bool) {
    let ranked = ranked(asked, weights);
    let (best, second) = (ranked[0], ranked[1]);
    let opinion = asked.found.topics.iter().find(|o| o.topic == best.0).expect("opinion");
    let found = &asked.found;
    let inputs = [
        1.0,
        best.1,
        best.1 - second.1,
        found.covered,
        found.outside,
        opinion.words,
        opinion.nearest,
        opinion.learned,
        found.outside_near,
        opinion.centre,
        (found.outside_near - opinion.nearest).max(0.0),
    ];
    (inputs, asked.right == Some(best.0))
}

fn fit(rows: &[([f32; INPUTS], bool)], used: [bool; INPUTS]) -> [f32; INPUTS] {
    let mut weights = [0.0_f32; INPUTS];
    for _ in 0..6000 {
        let mut slope = [0.0_f32; INPUTS];
        for (inputs, right) in rows {
            let x: f32 = inputs.iter().zip(&weights).map(|(a, b)| a * b).sum();
            let off = f32::from(u8::from(*right)) - 1.0 / (1.0 + (-x).exp());
            for (slope, input) in slope.iter_mut().zip(inputs) {
                *slope += off * input;
            }
        }
        for ((weight, slope), used) in weights.iter_mut().zip(slope).zip(used) {
            if used {
                *weight += 2.0 * (slope / to_f32(rows.len()) - 0.0005 * *weight);
            }
        }
    }
    weights
}

fn curve(rows: &[([f32; INPUTS], bool)], weights: [f32; INPUTS], outside_from: usize) {
    let score = |inputs: &[f32; INPUTS]| {
        let x: f32 = inputs.iter().zip(&weights).map(|(a, b)| a * b).sum();
        1000.0 / (1.0 + (-x).exp())
    };
    for threshold in [150.0, 200.0, 250.0, 300.0, 400.0, 500.0, 600.0, 650.0, 700.0, 800.0] {
        let (topical, outside) = rows.split_at(outside_from);
        let direct = topical.iter().filter(|(i, right)| *right && score(i) >= threshold).count();
        let wrong = topical.iter().filter(|(i, right)| !*right && score(i) >= threshold).count();
        let answered = outside.iter().filter(|(i, _)| score(i) >= threshold).count();
        println!(
            "  {threshold}: direct {:.3} wrong {:.3} outside answered {:.3}",
            to_f32(direct) / to_f32(topical.len()),
            to_f32(wrong) / to_f32(topical.len()),
            to_f32(answered) / to_f32(outside.len().max(1))
        );
    }
}

#[test]
#[ignore = "prints figures for people who change the weights"]
fn tuning() {
    let both = [cross_validate(Lang::Da), cross_validate(Lang::En)];
    let single = [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]];
    for weights in single {
        println!("{weights:?} {:?} {:?}", at_one(&both[0], weights), at_one(&both[1], weights));
    }
    let mut best = (0.0, [1.0, 0.4, 1.1, 1.0]);
    let steps = [0.0, 0.3, 0.6, 1.0, 1.5];
    for words in steps {
        for nearest in steps {
            for centre in steps {
                let weights = [words, nearest, centre, 1.0];
                let value = at_one(&both[0], weights).0 + at_one(&both[1], weights).0;
                if value > best.0 {
                    best = (value, weights);
                }
            }
        }
    }
    println!("best {best:?} {:?} {:?}", at_one(&both[0], best.1), at_one(&both[1], best.1));
    let chosen = [1.0, 0.4, 1.1, 1.0];
    for weights in [chosen, best.1] {
        let mut rows: Vec<([f32; INPUTS], bool)> = Vec::new();
        let topical = both.iter().flatten().filter(|asked| asked.right.is_some());
        rows.extend(topical.map(|asked| inputs(asked, weights)));
        let count = rows.len();
        let outside = both.iter().flatten().filter(|asked| asked.right.is_none());
        rows.extend(outside.map(|asked| inputs(asked, weights)));
        println!("{weights:?} topical {count} outside {}", rows.len() - count);
        for used in [
            // Those that are in use, then all of them.
            [true, true, true, true, true, false, false, false, true, false, false],
            [true; INPUTS],
        ] {
            let fitted = fit(&rows, used);
            let named: Vec<String> =
                NAMES.iter().zip(fitted).map(|(name, w)| format!("{name} {w:.2}")).collect();
            println!(" {}", named.join(", "));
            curve(&rows, fitted, count);
        }
    }
}
