//! What comes of an act: one union per mutation, so that each can grow members of its own.

/// Unions of success, refusal and conflict, each for one mutation: `payloads! { Changed: /// What came of it. NamePayload, … }`.
macro_rules! payloads {
    ($done:ty: $($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(async_graphql::Union)]
        #[allow(clippy::large_enum_variant, reason = "the large one is the usual one, and lives for one answer")]
        pub enum $name {
            Done($done),
            Refused($crate::refusal::Refused),
            Conflict($crate::refusal::Conflict),
        }

        impl From<$crate::case::Answer<$done>> for $name {
            fn from(answer: $crate::case::Answer<$done>) -> Self {
                match answer {
                    $crate::case::Answer::Done(changed) => Self::Done(changed),
                    $crate::case::Answer::Refused(refused) => Self::Refused(refused),
                    $crate::case::Answer::Conflict(conflict) => Self::Conflict(conflict),
                }
            }
        }
    )*};
}

/// Inputs about one thing that is there: its id, its own fields, the sender's key and the revision on screen:
/// `inputs! { case_id "The case.": /// Close a case. CaseCloseInput {} … }`.
macro_rules! inputs {
    ($id:ident $id_doc:literal: $($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty $(= $default:literal)?),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(async_graphql::InputObject)]
        pub struct $name {
            #[doc = $id_doc]
            pub $id: async_graphql::ID,
            $($(#[$field_doc])* $(#[graphql(default = $default)])? pub $field: $type,)*
            /// The sender's own name for this act: sent again, it is answered again and not done again.
            pub idempotency_key: String,
            /// The revision on screen, to be told when it has changed since.
            pub expected_version: Option<i64>,
        }
    )*};
}

pub(crate) use {inputs, payloads};
