//! How an event is written: its type name beside the data, not inside it.
//!
//! Event enums are plain serde enums: each variant is named as it is stored and holds one struct (or nothing). The two small adapters below split that name off when writing and put it back when
//! reading, so the name exists once, the log can be filtered by type without parsing, and reading goes straight
//! from bytes to the variant without a detour over a JSON tree.

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, EnumAccess, IntoDeserializer, VariantAccess, Visitor};
use serde::ser::Impossible;
use serde::{Deserializer, Serialize, Serializer};
use serde_json::Error;

/// An event as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The type name, for example `CaseOpened`.
    pub event_type: &'static str,
    /// The fields as a JSON object.
    pub data: Vec<u8>,
}

/// Why stored bytes are no event of the wanted kind. Repeats nothing of what they say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event type {event_type} does not hold what its name says: {why}")]
pub struct DecodeError {
    /// The stored type name.
    pub event_type: String,
    why: String,
}

/// serde's own texts quote what they found; of those, only the name of a missing field is ours.
fn why(error: &Error) -> String {
    use serde_json::error::Category;
    let (text, column) = (error.to_string(), error.column());
    match (text.strip_prefix("missing field `").and_then(|rest| rest.split_once('`')), error.classify()) {
        (Some((field, _)), _) => format!("missing field `{field}`"),
        (None, Category::Data) => format!("a value of another kind, at byte {column}"),
        (None, Category::Syntax | Category::Eof | Category::Io) => format!("no JSON, at byte {column}"),
    }
}

/// Splits an event into name and data. Fails when a personal field is still open.
pub fn encode<E: Serialize>(event: &E) -> Result<Encoded, Error> {
    let mut data = Vec::with_capacity(256);
    let event_type = event.serialize(Split { data: Some(&mut data) })?;
    Ok(Encoded { event_type, data })
}

/// The stored name of an event.
pub fn type_of<E: Serialize>(event: &E) -> &'static str {
    // Without a place for data the fields are not visited, and naming a variant cannot fail.
    event.serialize(Split { data: None }).unwrap_or("")
}

/// Reads an event back. Unknown fields are passed over: the log is read leniently.
pub fn decode<E: DeserializeOwned>(event_type: &str, data: &[u8]) -> Result<E, DecodeError> {
    let failed = |error| DecodeError { event_type: event_type.to_owned(), why: why(&error) };
    E::deserialize(Joined { event_type, data }).map_err(failed)
}

/// Every stored name that `E` knows: the variant list that serde derives.
pub fn names<E: DeserializeOwned>() -> &'static [&'static str] {
    struct Names<'a>(&'a mut &'static [&'static str]);
    impl<'de> Deserializer<'de> for Names<'_> {
        type Error = Error;
        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
            Err(serde::de::Error::custom("events are enums"))
        }
        fn deserialize_enum<V: Visitor<'de>>(
            self,
            _: &'static str,
            variants: &'static [&'static str],
            visitor: V,
        ) -> Result<V::Value, Error> {
            *self.0 = variants;
            self.deserialize_any(visitor)
        }
        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
            newtype_struct seq tuple tuple_struct map struct identifier ignored_any
        }
    }
    let mut names: &'static [&'static str] = &[];
    // The error is the point: nothing is read, only the variant list is looked at on the way.
    let _ = E::deserialize(Names(&mut names));
    names
}

/// Whether `E` has a variant of that stored name.
pub fn knows<E: DeserializeOwned>(event_type: &str) -> bool {
    names::<E>().contains(&event_type)
}

struct Joined<'a> {
    event_type: &'a str,
    data: &'a [u8],
}

impl<'de> Deserializer<'de> for Joined<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_enum(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for Joined<'de> {
    type Error = Error;
    type Variant = Data<'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Data<'de>), Error> {
        let name: StrDeserializer<'de, Error> = self.event_type.into_deserializer();
        Ok((seed.deserialize(name)?, Data(self.data)))
    }
}

struct Data<'de>(&'de [u8]);

impl<'de> VariantAccess<'de> for Data<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        serde_json::from_slice::<serde::de::IgnoredAny>(self.0).map(|_| ())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        let mut json = serde_json::Deserializer::from_slice(self.0);
        let value = seed.deserialize(&mut json)?;
        json.end().map(|()| value)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        serde_json::Deserializer::from_slice(self.0).deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let mut json = serde_json::Deserializer::from_slice(self.0);
        let value = json.deserialize_map(visitor)?;
        json.end().map(|()| value)
    }
}

/// Writes the fields of a variant to `data` and answers the variant's name.
struct Split<'a> {
    data: Option<&'a mut Vec<u8>>,
}

fn not_an_enum<T>() -> Result<T, Error> {
    Err(serde::ser::Error::custom("an event is an enum whose variants each hold one struct"))
}

macro_rules! not_an_enum {
    ($($method:ident($($type:ty),*) -> $ok:ty;)*) => {
        $(fn $method(self, $(_: $type),*) -> Result<$ok, Error> { not_an_enum() })*
    };
}

impl Serializer for Split<'_> {
    type Ok = &'static str;
    type Error = Error;
    type SerializeSeq = Impossible<&'static str, Error>;
    type SerializeTuple = Impossible<&'static str, Error>;
    type SerializeTupleStruct = Impossible<&'static str, Error>;
    type SerializeTupleVariant = Impossible<&'static str, Error>;
    type SerializeMap = Impossible<&'static str, Error>;
    type SerializeStruct = Impossible<&'static str, Error>;
    type SerializeStructVariant = Impossible<&'static str, Error>;

    fn serialize_unit_variant(self, _: &str, _: u32, name: &'static str) -> Result<&'static str, Error> {
        if let Some(data) = self.data {
            data.extend_from_slice(b"{}");
        }
        Ok(name)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<&'static str, Error> {
        if let Some(data) = self.data {
            value.serialize(&mut serde_json::Serializer::new(data))?;
        }
        Ok(name)
    }

    not_an_enum! {
        serialize_bool(bool) -> &'static str;
        serialize_i8(i8) -> &'static str;
        serialize_i16(i16) -> &'static str;
        serialize_i32(i32) -> &'static str;
        serialize_i64(i64) -> &'static str;
        serialize_u8(u8) -> &'static str;
        serialize_u16(u16) -> &'static str;
        serialize_u32(u32) -> &'static str;
        serialize_u64(u64) -> &'static str;
        serialize_f32(f32) -> &'static str;
        serialize_f64(f64) -> &'static str;
        serialize_char(char) -> &'static str;
        serialize_str(&str) -> &'static str;
        serialize_bytes(&[u8]) -> &'static str;
        serialize_none() -> &'static str;
        serialize_unit() -> &'static str;
        serialize_unit_struct(&'static str) -> &'static str;
        serialize_seq(Option<usize>) -> Self::SerializeSeq;
        serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant;
        serialize_map(Option<usize>) -> Self::SerializeMap;
        serialize_struct(&'static str, usize) -> Self::SerializeStruct;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant;
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<&'static str, Error> {
        not_an_enum()
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: &T,
    ) -> Result<&'static str, Error> {
        not_an_enum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Sample {
        Named(Fields),
        Empty(Nothing),
        Bare,
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Fields {
        text: String,
        #[serde(default)]
        later: u8,
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Nothing {}

    #[test]
    fn the_name_stands_beside_the_data_and_comes_back() {
        let event = Sample::Named(Fields { text: "æ\"ø".into(), later: 3 });
        let encoded = encode(&event).unwrap();
        assert_eq!(encoded.event_type, "Named");
        assert_eq!(String::from_utf8(encoded.data.clone()).unwrap(), r#"{"text":"æ\"ø","later":3}"#);
        assert_eq!(decode::<Sample>("Named", &encoded.data).unwrap(), event);
        for event in [Sample::Empty(Nothing {}), Sample::Bare] {
            let encoded = encode(&event).unwrap();
            assert_eq!(encoded.data, b"{}");
            assert_eq!(type_of(&event), encoded.event_type);
            assert_eq!(decode::<Sample>(encoded.event_type, &encoded.data).unwrap(), event);
        }
    }

    #[test]
    fn old_data_is_read_leniently_and_foreign_data_is_refused() {
        assert!(decode::<Sample>("Named", br#"{"text":"x","gone":true}"#).is_ok());
        for (name, data) in
            [("Named", &b"{}"[..]), ("Named", b"{\"text\":\"x\"} x"), ("Other", b"{}"), ("Named", b"\xff")]
        {
            assert_eq!(decode::<Sample>(name, data).unwrap_err().event_type, name);
        }
    }

    #[test]
    fn an_error_names_a_missing_field_and_repeats_no_value() {
        for (data, why) in [
            (&b"{}"[..], "missing field `text`"),
            (br#"{"text":"Dagny","later":"Demosen"}"#, "a value of another kind, at byte 33"),
            (br#"{"text":"Dagny""#, "no JSON, at byte 15"),
        ] {
            let error = decode::<Sample>("Named", data).unwrap_err().to_string();
            assert_eq!(error, format!("event type Named does not hold what its name says: {why}"));
        }
    }

    #[test]
    fn the_known_names_are_the_variants() {
        assert_eq!(names::<Sample>(), ["Named", "Empty", "Bare"]);
        assert!(knows::<Sample>("Bare") && !knows::<Sample>("bare"));
    }
}
