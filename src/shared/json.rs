//! Reading JSON the strict way: a repeated member is an error, nesting ends at 64 levels, a body holds
//! at most 20,000 values (so that checking it stays cheap, whatever it holds), text is
//! normalised to NFC, `94.0` counts as the integer 94 (as JSON Schema says).

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::Cell;
use std::fmt;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

const DEEPEST: usize = 64;
const MOST_VALUES: usize = 20_000;

/// Parses a whole body. The error is a sentence for the caller.
pub fn parse(bytes: &[u8]) -> Result<Value, String> {
    parse_up_to(MOST_VALUES, bytes)
}

/// The same for a document of our own, which may be as large as it is.
pub fn parse_own(bytes: &[u8]) -> Result<Value, String> {
    parse_up_to(usize::MAX, bytes)
}

fn parse_up_to(limit: usize, bytes: &[u8]) -> Result<Value, String> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let left = Cell::new(limit);
    let value = Strict { level: 0, left: &left }.deserialize(&mut reader).map_err(|error| error.to_string())?;
    reader.end().map_err(|error| error.to_string())?;
    Ok(value)
}

/// The same bytes for the same content, whatever the order of members was.
pub fn canonical(value: &Value) -> Vec<u8> {
    fn sorted(value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(sorted).collect(),
            Value::Object(members) => {
                let mut names: Vec<_> = members.keys().collect();
                names.sort();
                names.into_iter().map(|name| (name.clone(), sorted(&members[name]))).collect()
            }
            plain => plain.clone(),
        }
    }
    sorted(value).to_string().into_bytes()
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    level: usize,
    left: &'a Cell<usize>,
}

impl Strict<'_> {
    fn deeper<E: Error>(&self) -> Result<Self, E> {
        if self.level == DEEPEST {
            return Err(E::custom(format_args!("nested deeper than {DEEPEST} levels")));
        }
        Ok(Self { level: self.level + 1, left: self.left })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        match self.left.get().checked_sub(1) {
            Some(left) => self.left.set(left),
            None => return Err(D::Error::custom(format_args!("more than {MOST_VALUES} values"))),
        }
        deserializer.deserialize_any(self)
    }
}

fn normal(text: &str) -> String {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text.to_owned(),
        _ => text.nfc().collect(),
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if value.fract() == 0.0 && value.abs() <= EXACT {
            #[expect(clippy::cast_possible_truncation, reason = "integral and below 2^53")]
            return Ok((value as i64).into());
        }
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(normal(text).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.deeper()?)? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let name = normal(&name);
            let value = members.next_value_seed(self.deeper()?)?;
            if object.insert(name.clone(), value).is_some() {
                return Err(A::Error::custom(format_args!("the member `{name}` is given twice")));
            }
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_repeated_member_is_an_error() {
        let error = parse(br#"{"name":"a","name":"b"}"#).expect_err("refused");
        assert!(error.contains("`name` is given twice"), "{error}");
    }

    #[test]
    fn integral_floats_are_integers_and_text_is_nfc() {
        let value = parse("[94.0, 1e2, 0.5, \"e\u{301}\"]".as_bytes()).expect("JSON");
        assert_eq!(value, json!([94, 100, 0.5, "\u{e9}"]));
    }

    #[test]
    fn nesting_ends_at_64_levels() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse(nested(64).as_bytes()).is_ok());
        assert!(parse(nested(66).as_bytes()).is_err());
    }

    #[test]
    fn a_body_of_too_many_values_is_refused_before_it_is_checked() {
        let list = |items: usize| format!("[{}1]", "1,".repeat(items - 1));
        assert!(parse(list(19_999).as_bytes()).is_ok());
        assert!(parse(list(20_000).as_bytes()).is_err_and(|error| error.contains("more than 20000 values")));
    }

    #[test]
    fn canonical_form_ignores_the_order_of_members() {
        let (a, b) = (json!({"a": 1, "b": {"c": 2, "d": 3}}), json!({"b": {"d": 3, "c": 2}, "a": 1}));
        assert_eq!(canonical(&a), canonical(&b));
    }
}
