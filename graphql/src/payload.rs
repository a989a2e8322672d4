//! What comes of an act: a union of success and refusals per mutation, so that each can grow members of its own.

/// Declares payloads whose success is `$changed`, each made from an [`Answer`](crate::case::Answer).
macro_rules! payloads {
    ($changed:ident: $($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(async_graphql::Union)]
        #[allow(clippy::large_enum_variant, reason = "the large one is the usual one, and lives for one answer")]
        pub enum $name {
            Done($changed),
            Refused($crate::refusal::Refused),
            Conflict($crate::refusal::Conflict),
        }

        impl From<$crate::case::Answer<$changed>> for $name {
            fn from(answer: $crate::case::Answer<$changed>) -> Self {
                match answer {
                    $crate::case::Answer::Done(changed) => Self::Done(changed),
                    $crate::case::Answer::Refused(refused) => Self::Refused(refused),
                    $crate::case::Answer::Conflict(conflict) => Self::Conflict(conflict),
                }
            }
        }
    )*};
}
pub(crate) use payloads;
