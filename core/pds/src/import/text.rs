//! Bytes of a file as text, in the encodings that programs write.

use super::plan::{Collector, Place, Reason};

/// UTF-8, with or without a mark; UTF-16 with one; else Latin-1 (Windows-1252 in its upper part), with a warning.
pub(super) fn decode(bytes: &[u8], found: &mut Collector) -> String {
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return utf16(rest, u16::from_le_bytes, found);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return utf16(rest, u16::from_be_bytes, found);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            found.warn(Place::default(), "", Reason::ReadAsLatin1);
            latin1(bytes)
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16, found: &mut Collector) -> String {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    let mut whole = odd.is_empty();
    let text = char::decode_utf16(units)
        .map(|decoded| {
            decoded.unwrap_or_else(|_| {
                whole = false;
                char::REPLACEMENT_CHARACTER
            })
        })
        .collect();
    if !whole {
        found.warn(Place::default(), "", Reason::Malformed);
    }
    text
}

/// What Windows-1252 has between 0x80 and 0x9f, where Latin-1 has control characters that no file means.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

pub(super) fn latin1(bytes: &[u8]) -> String {
    let symbol = |byte: &u8| match byte.checked_sub(0x80).and_then(|index| WINDOWS.get(usize::from(index))) {
        Some(symbol) => *symbol,
        None => char::from(*byte),
    };
    bytes.iter().map(symbol).collect()
}

/// A text without blanks around it; `None` where nothing is left.
pub(super) fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
