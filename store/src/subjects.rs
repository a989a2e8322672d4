//! Whom the sealed fields of an event are about, found in its bytes without knowing the event.

use skranke_domain::SubjectId;

/// How a sealed field begins to say whom it is about, as [`skranke_domain::Sealed`] writes it. Within a text a quotation
/// mark has a backslash before it, so these bytes are a field of an object and nothing that somebody wrote.
const MARK: &[u8] = br#""subject":""#;
/// The length of a UUID with its hyphens.
const ID: usize = 36;

/// The data subjects that an event's data names, in their order; one that is named twice comes twice.
pub fn subjects_in(data: &[u8]) -> impl Iterator<Item = SubjectId> {
    memchr::memmem::find_iter(data, MARK).filter_map(|at| {
        let id = data.get(at + MARK.len()..)?.get(..ID)?;
        std::str::from_utf8(id).ok()?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_found_where_they_are_fields_and_not_where_they_are_text() {
        let id = "01980000-0000-7000-8000-000000000001";
        let field = format!(r#"{{"text":{{"subject":"{id}","field":"CallNoted.text","sealed":"AA"}}}}"#);
        let found: Vec<_> = subjects_in(field.as_bytes()).collect();
        assert_eq!(found, [id.parse().unwrap()]);
        let text = serde_json::to_string(&serde_json::json!({ "note": field })).unwrap();
        assert_eq!(subjects_in(text.as_bytes()).count(), 0, "{text}");
        for nothing in ["", "{}", r#"{"subject":"x"}"#, r#"{"subject":"#, r#"{"subject":""}"#] {
            assert_eq!(subjects_in(nothing.as_bytes()).count(), 0, "{nothing}");
        }
    }
}
