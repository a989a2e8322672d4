//! Personal texts. They are opened here, at the last moment, for one caller and one answer: read models and caches
//! hold ciphertext only. A text whose key was destroyed is a type of its own, never null.

use async_graphql::{ID, SimpleObject, Union};
use serde::de::DeserializeOwned;
use skranke_domain::sealed::Seen;
use skranke_domain::{Sealed, StreamId};

use crate::caller::fault;
use crate::office::Office;

/// A personal text: shown, or erased for good.
#[derive(Union, Clone, Debug)]
pub enum Personal {
    /// Shown.
    Text(PersonalText),
    /// Gone.
    Erased(Erased),
}

/// A text that is still there.
#[derive(SimpleObject, Clone, Debug)]
pub struct PersonalText {
    /// The text.
    pub text: String,
}

/// The key of this text was destroyed.
#[derive(SimpleObject, Clone, Debug)]
pub struct Erased {
    /// The subject whose data was erased.
    pub subject: ID,
}

impl Personal {
    /// A text that was never sealed, shown the same way.
    pub fn open(text: impl Into<String>) -> Self {
        Self::Text(PersonalText { text: text.into() })
    }
}

impl Office {
    /// Opens a sealed value that was written to `stream`: the value, or the subject that was erased.
    pub(crate) fn open<T: DeserializeOwned + Clone>(
        &self,
        stream: &StreamId,
        sealed: &Sealed<T>,
    ) -> async_graphql::Result<Result<T, Erased>> {
        let mut sealed = sealed.clone();
        sealed.open_with(&self.desk.keys().for_stream(stream)).map_err(|error| fault(&error))?;
        Ok(match sealed.see() {
            Seen::Open(value) => Ok(value.clone()),
            Seen::Locked | Seen::Erased => Err(Erased { subject: ID(sealed.subject().to_string()) }),
        })
    }

    /// Opens a sealed text.
    pub(crate) fn personal(
        &self,
        stream: &StreamId,
        sealed: &Sealed<String>,
    ) -> async_graphql::Result<Personal> {
        Ok(match self.open(stream, sealed)? {
            Ok(text) => Personal::open(text),
            Err(erased) => Personal::Erased(erased),
        })
    }

    /// Opens a sealed text that need not be there.
    pub(crate) fn personal_if_any(
        &self,
        stream: &StreamId,
        sealed: Option<&Sealed<String>>,
    ) -> async_graphql::Result<Option<Personal>> {
        sealed.map(|sealed| self.personal(stream, sealed)).transpose()
    }
}
