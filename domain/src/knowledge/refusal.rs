//! Why a wish about an article is not granted.

use crate::{Lang, Refusal};

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KnowledgeRefusal {
    /// The role is missing.
    #[error("your roles do not allow this")]
    NotAllowed,
    /// No file and no publication has it.
    #[error("there is no such article")]
    NotFound,
    /// Nobody is ever asked for it.
    #[error("the article is about no topic that the counter knows: name the file after one of them")]
    UnknownTopic,
    /// A newer one answers.
    #[error("version {newest} is published: give the new text a higher version")]
    LowerVersion {
        /// The version to go beyond.
        newest: u32,
    },
    /// Another text has the number.
    #[error("version {version} is published with another text: give the new text a higher version")]
    VersionTaken {
        /// The number.
        version: u32,
    },
    /// The date of the review has not come.
    #[error("the article is reviewed on a later day: review it, and write today's date")]
    NotReviewed,
    /// The review is too old.
    #[error("the article's review has expired: review it, and write until when it holds")]
    ReviewExpired,
}

impl Refusal for KnowledgeRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotAllowed => "NOT_ALLOWED",
            Self::NotFound => "ARTICLE_NOT_FOUND",
            Self::UnknownTopic => "UNKNOWN_TOPIC",
            Self::LowerVersion { .. } => "LOWER_VERSION",
            Self::VersionTaken { .. } => "VERSION_TAKEN",
            Self::NotReviewed => "NOT_REVIEWED",
            Self::ReviewExpired => "REVIEW_EXPIRED",
        }
    }

    fn message(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        match self {
            Self::NotAllowed => "Dine roller giver ikke adgang til dette.".to_owned(),
            Self::NotFound => "Artiklen findes ikke.".to_owned(),
            Self::UnknownTopic => {
                "Artiklen handler ikke om et emne, skranken kender. Giv filen navn efter et af dem."
                    .to_owned()
            }
            Self::LowerVersion { newest } => {
                format!("Version {newest} er offentliggjort. Giv den nye tekst et højere versionsnummer.")
            }
            Self::VersionTaken { version } => format!(
                "Version {version} er offentliggjort med en anden tekst. Giv den nye tekst et højere versionsnummer."
            ),
            Self::NotReviewed => {
                "Artiklen er først gennemset på en senere dag. Gennemse den, og skriv dags dato.".to_owned()
            }
            Self::ReviewExpired => {
                "Artiklens gennemsyn er udløbet. Gennemse den, og skriv, hvor længe den gælder.".to_owned()
            }
        }
    }

    fn path(&self) -> &'static str {
        match self {
            Self::NotAllowed | Self::NotFound => "",
            Self::UnknownTopic => "slug",
            Self::LowerVersion { .. } | Self::VersionTaken { .. } => "version",
            Self::NotReviewed => "reviewed",
            Self::ReviewExpired => "reviewBefore",
        }
    }
}
