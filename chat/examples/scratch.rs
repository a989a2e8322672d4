#![allow(missing_docs, clippy::all, clippy::pedantic, clippy::unwrap_used)]
use std::io::BufRead;
use skranke_chat::{corpus::corpus, understanding::{Hint, Understanding}};
use skranke_domain::{Lang, conversation::Dialogue};
fn main() {
    let library = skranke_content::Library::builtin().unwrap();
    let u = Understanding::new(corpus(&library));
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let (lang, text) = line.split_once('\t').unwrap();
        let e = u.explain(text, &Hint { page: Lang::from_tag(lang), dialogue: Dialogue::default() });
        let k: Vec<String> = e.kinds.iter().map(|(k, o)| format!("{k:?} {o:.2}")).filter(|s| !s.ends_with("0.00")).collect();
        let t: Vec<String> = e.topics.iter().take(3).map(|t| format!("{} {} w{:.2} n{:.2} c{:.2} l{:.2}", t.topic.as_str(), t.score, t.words, t.nearest, t.centre, t.learned)).collect();
        println!("{text}\n   {:?} {} {:?} | {} | cov {:.2} out {:.2} | {}", e.intent, e.because, e.band, k.join(", "), e.covered, e.outside, t.join("; "));
    }
}
