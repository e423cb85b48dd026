//! The one byte encoding of what is signed or chained: JSON by RFC 8785, of which only whole numbers are allowed.
//!
//! Members are sorted by their names' UTF-16 code units, nothing stands between tokens, strings are escaped in the one
//! way of RFC 8785, section 3.2.2.2, numbers are integers within ±(2⁵³ − 1). So what one side signs, the other can make
//! again byte for byte from its own view of the contents, and no second text means the same.

use serde_json::Value;

use crate::{Error, Result};

/// The largest integer that every reader of JSON keeps exactly (RFC 8259, section 6).
const MAX_INTEGER: i64 = (1 << 53) - 1;

/// The canonical bytes. Refuses fractions and integers beyond ±(2⁵³ − 1).
pub(crate) fn encode(value: &Value, what: &'static str) -> Result<Vec<u8>> {
    let mut text = String::new();
    write(value, &mut text).ok_or(Error::Malformed { what })?;
    Ok(text.into_bytes())
}

/// Reads canonical bytes, and nothing else: a repeated member, a space or another order is refused.
pub(crate) fn decode(bytes: &[u8], limit: usize, what: &'static str) -> Result<Value> {
    if bytes.len() > limit {
        return Err(Error::TooLarge { what, limit });
    }
    let value = serde_json::from_slice(bytes).map_err(|_| Error::Malformed { what })?;
    match encode(&value, what)? == bytes {
        true => Ok(value),
        false => Err(Error::Malformed { what }),
    }
}

fn write(value: &Value, out: &mut String) -> Option<()> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Number(number) => {
            let number = number.as_i64().filter(|n| (-MAX_INTEGER..=MAX_INTEGER).contains(n))?;
            out.push_str(&number.to_string());
        }
        Value::String(text) => write_text(text, out),
        Value::Array(elements) => {
            out.push('[');
            for (place, element) in elements.iter().enumerate() {
                separate(place, out);
                write(element, out)?;
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (place, (name, value)) in members.into_iter().enumerate() {
                separate(place, out);
                write_text(name, out);
                out.push(':');
                write(value, out)?;
            }
            out.push('}');
        }
    }
    Some(())
}

fn separate(place: usize, out: &mut String) {
    if place > 0 {
        out.push(',');
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            control @ '\0'..='\u{1f}' => out.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const VECTORS: &str = include_str!("../../../tests/vectors/consent/canonical.json");

    fn decode_text(text: &str) -> Result<Value> {
        decode(text.as_bytes(), 1 << 20, "test")
    }

    #[test]
    fn the_vectors_hold() {
        let vectors: Value = serde_json::from_str(VECTORS).unwrap();
        for vector in vectors["canonical"].as_array().unwrap() {
            let canonical = vector["canonical"].as_str().unwrap();
            assert_eq!(encode(&vector["value"], "test").unwrap(), canonical.as_bytes());
            assert_eq!(decode_text(canonical).unwrap(), vector["value"]);
        }
        for refused in vectors["refused"].as_array().unwrap() {
            let text = refused.as_str().unwrap();
            assert_eq!(decode_text(text), Err(Error::Malformed { what: "test" }), "{text}");
        }
    }

    #[test]
    fn fractions_and_numbers_beyond_every_reader_are_refused() {
        for value in [json!(1.5), json!(1u64 << 53), json!(-(1i64 << 53)), json!(u64::MAX)] {
            assert!(encode(&value, "test").is_err(), "{value}");
        }
    }

    #[test]
    fn depth_and_length_are_bounded() {
        let deep = "[".repeat(1000) + &"]".repeat(1000);
        assert_eq!(decode_text(&deep), Err(Error::Malformed { what: "test" }));
        assert_eq!(
            decode(b"[1,2]", 4, "test"),
            Err(Error::TooLarge { what: "test", limit: 4 })
        );
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-MAX_INTEGER..=MAX_INTEGER).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_value_has_one_text_and_the_text_one_value(value in values()) {
            let bytes = encode(&value, "test").unwrap();
            prop_assert_eq!(&decode(&bytes, usize::MAX, "test").unwrap(), &value);
            let again: Value = serde_json::from_slice(&bytes).unwrap();
            prop_assert_eq!(encode(&again, "test").unwrap(), bytes);
        }

        #[test]
        fn another_text_for_the_same_value_is_refused(value in values()) {
            let canonical = encode(&value, "test").unwrap();
            let pretty = serde_json::to_vec_pretty(&value).unwrap();
            prop_assert_eq!(decode(&pretty, usize::MAX, "test").is_ok(), pretty == canonical);
        }

        #[test]
        fn any_bytes_decode_to_themselves_or_not_at_all(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(value) = decode(&bytes, 64, "test") {
                prop_assert_eq!(encode(&value, "test").unwrap(), bytes);
            }
        }
    }
}
