//! The formats that schemas use: those of JSON Schema 2020-12 (`date`, `email`, `uri`), and `time-local` and `decimal`
//! of the OpenAPI format registry.

/// The formats that are checked.
#[cfg(test)]
pub(super) const CHECKED: [&str; 5] = ["date", "email", "uri", "time-local", "decimal"];

/// Whether a text has a format. A format that is not checked is a description, as JSON Schema has it.
pub(super) fn has(text: &str, format: &str) -> bool {
    match format {
        "date" => is_date(text),
        "email" => is_email(text),
        "uri" => is_uri(text),
        "time-local" => is_time(text),
        "decimal" => is_decimal(text),
        _ => true,
    }
}

/// RFC 3339 `full-date`.
fn is_date(text: &str) -> bool {
    let Some([year, month, day]) = numbers(text, '-', [4, 2, 2]) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=last).contains(&day)
}

/// RFC 3339 `partial-time` without a fraction.
fn is_time(text: &str) -> bool {
    numbers(text, ':', [2, 2, 2]).is_some_and(|[hour, minute, second]| hour < 24 && minute < 60 && second <= 60)
}

/// The numbers of so many digits each that a text consists of.
fn numbers<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> Option<[u32; N]> {
    let mut numbers = [0; N];
    let mut parts = text.split(separator);
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let part = parts.next()?;
        if part.len() != digits || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

/// A local part and a domain, without spaces: what no server would take is left to servers.
fn is_email(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control())
    })
}

/// A scheme and something behind it (RFC 3986, section 3), without spaces.
fn is_uri(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
            && !rest.is_empty()
            && !rest.contains(|c: char| c.is_whitespace() || c.is_control())
    })
}

/// Digits, perhaps with a sign before them and a point among them: `12.50`.
fn is_decimal(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    match unsigned.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(unsigned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sort<'a>(format: &str, texts: &[&'a str]) -> Vec<&'a str> {
        texts.iter().copied().filter(|text| has(text, format)).collect()
    }

    #[test]
    fn formats_take_what_they_say_and_nothing_else() {
        let right: [(&str, &[&str]); 5] = [
            ("date", &["2024-02-29", "2000-02-29", "1999-12-31"]),
            ("time-local", &["00:00:00", "14:30:00", "23:59:60"]),
            ("decimal", &["0", "12.50", "-3", "-0.001"]),
            ("email", &["alice@example.org"]),
            ("uri", &["https://example.org/", "urn:kist:schema:note:1", "mailto:a@b"]),
        ];
        let wrong: [(&str, &[&str]); 5] = [
            (
                "date",
                &[
                    "2023-02-29",
                    "1900-02-29",
                    "2024-13-01",
                    "2024-00-10",
                    "2024-1-01",
                    "+024-01-01",
                    "2024-01-0é",
                    "2024-01-01-01",
                ],
            ),
            (
                "time-local",
                &["24:00:00", "14:30", "14:60:00", "2:30:00", "14:30:00Z", "-1:00:00"],
            ),
            ("decimal", &["", "-", ".5", "5.", "1,5", "1e3", "1.2.3", "٣"]),
            ("email", &["nobody", "@example.org", "a@", "a b@example.org"]),
            ("uri", &["nothing", "1a:b", ":b", "a:", "http://a b"]),
        ];
        for (format, texts) in right {
            assert_eq!(sort(format, texts), texts, "{format}");
        }
        for (format, texts) in wrong {
            assert_eq!(sort(format, texts), Vec::<&str>::new(), "{format}");
        }
        assert_eq!(right.map(|(format, _)| CHECKED.contains(&format)), [true; 5]);
    }
}
