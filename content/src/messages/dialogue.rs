//! What the counter says in the course of a dialogue: things in other words, and what comes along with an answer.

use serde::Deserialize;
use skranke_domain::conversation::{Kin, Minor};

/// Other words for what was said before, taken one after the other: nothing is said twice in a row in the same words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the list of its name in messages.*.toml")]
pub struct AgainTexts {
    pub greeting: Vec<String>,
    pub welcome: Vec<String>,
    pub ask_matter: Vec<String>,
    pub ask_municipality: Vec<String>,
    pub ask_among: Vec<String>,
    pub offer: Vec<String>,
    pub abstain: Vec<String>,
    pub concrete_case: Vec<String>,
    pub person: Vec<String>,
    pub only_removed: Vec<String>,
    pub answer: Vec<String>,
    pub card: Vec<String>,
}

/// What comes along with an answer or a card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the sentence of its name in messages.*.toml")]
pub struct BesidesTexts {
    pub assumed: String,
    pub also: String,
    pub reminder: String,
    pub namesakes: String,
    pub no_municipality: String,
    pub no_address: String,
    pub for_other: String,
    pub under_fifteen: String,
    pub under_eighteen: String,
    pub only_beginning: String,
}

impl BesidesTexts {
    /// What holds for somebody under age.
    pub const fn minor(&self, minor: Minor) -> &String {
        match minor {
            Minor::UnderFifteen => &self.under_fifteen,
            Minor::UnderEighteen => &self.under_eighteen,
        }
    }
}

/// Those that people write for: "din mor".
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the person of its name in messages.*.toml")]
pub struct KinTexts {
    pub mother: String,
    pub father: String,
    pub parents: String,
    pub grandparent: String,
    pub partner: String,
    pub son: String,
    pub daughter: String,
    pub sibling: String,
    pub neighbour: String,
    pub other: String,
}

impl KinTexts {
    /// How the counter speaks of somebody.
    pub const fn of(&self, kin: Kin) -> &String {
        match kin {
            Kin::Mother => &self.mother,
            Kin::Father => &self.father,
            Kin::Parents => &self.parents,
            Kin::Grandparent => &self.grandparent,
            Kin::Partner => &self.partner,
            Kin::Son => &self.son,
            Kin::Daughter => &self.daughter,
            Kin::Sibling => &self.sibling,
            Kin::Neighbour => &self.neighbour,
            Kin::Other => &self.other,
        }
    }
}
