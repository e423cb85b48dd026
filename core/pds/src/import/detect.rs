//! What a file is, by what is in it; its name decides only where the content doesn't.

use super::plan::Format;

/// How much of a file is looked at, in bytes.
pub(super) const LOOKED_AT: usize = 64 << 10;

/// The format of a file that begins with these bytes.
pub(super) fn format(head: &[u8], name: Option<&str>) -> Format {
    let head = head.get(..head.len().min(LOOKED_AT)).unwrap_or_default();
    let text = beginning(head);
    let first = text.trim_start();
    let begins = |word: &str| {
        first
            .get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    if begins("BEGIN:VCARD") {
        return Format::VCard;
    }
    if begins("BEGIN:VCALENDAR") || begins("BEGIN:VEVENT") || begins("BEGIN:VTODO") {
        return Format::ICalendar;
    }
    if first.starts_with(['{', '[']) {
        return if text.contains("\"resourceType\"") {
            Format::Fhir
        } else {
            Format::Json
        };
    }
    let extension = name
        .and_then(|name| name.rsplit_once('.'))
        .map(|(_, extension)| extension.to_ascii_lowercase());
    let is_text = !text.contains('\0');
    match extension.as_deref() {
        Some("csv" | "tsv") if is_text => Format::Csv,
        Some("vcf" | "vcard") if is_text => Format::VCard,
        Some("ics" | "ical" | "ifb") if is_text => Format::ICalendar,
        Some("json" | "ndjson" | "jsonl") if is_text => Format::Json,
        None if is_text && looks_like_a_table(&text) => Format::Csv,
        _ => Format::File,
    }
}

/// The beginning as text, in whatever encoding: enough to know it by.
fn beginning(head: &[u8]) -> String {
    let utf16 = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, _) = rest.as_chunks::<2>();
        char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
            .map(|symbol| symbol.unwrap_or('\u{fffd}'))
            .collect()
    };
    match head {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(head).into_owned(),
    }
}

/// Whether the first lines have the same number of separators, and at least one.
fn looks_like_a_table(text: &str) -> bool {
    let separator = super::csv::detect(text);
    let mut counts = text.lines().take(3).map(|line| line.matches(separator).count());
    match counts.next() {
        Some(first @ 1..) => counts.next().is_some_and(|second| second == first),
        _ => false,
    }
}
