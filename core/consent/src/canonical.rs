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
