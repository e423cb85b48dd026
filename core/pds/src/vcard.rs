//! vCard 3.0 (RFC 2426) and 4.0 (RFC 6350), as address books export them: what a person's store keeps of a card, and
//! the names of what it leaves out.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::{Error, Result};

/// The largest file of cards that is read, in bytes.
pub const MAX_VCARD: usize = 8 << 20;
/// The most cards of a file.
const MAX_CARDS: usize = 10_000;
/// The most properties of a card.
const MAX_PROPERTIES: usize = 1_000;

/// What a card says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Card {
    /// The whole name (FN).
    pub formatted_name: Option<String>,
    /// Given names (N).
    pub given_name: Option<String>,
    /// Middle names (N).
    pub additional_names: Option<String>,
    /// Family names (N).
    pub family_name: Option<String>,
    /// `YYYY-MM-DD` (BDAY).
    pub birth_date: Option<String>,
    /// Where they work (ORG).
    pub organisation: Option<String>,
    /// What they do there (TITLE).
    pub job_title: Option<String>,
    /// Words (NOTE).
    pub note: Option<String>,
    /// A web address (URL).
    pub url: Option<String>,
    /// Telephone numbers (TEL).
    pub phones: Vec<Typed>,
    /// Mail addresses (EMAIL).
    pub emails: Vec<Typed>,
    /// Postal addresses (ADR).
    pub addresses: Vec<Address>,
    /// A picture (PHOTO).
    pub photo: Option<Photo>,
    /// Names of properties that were not taken.
    pub left_out: Vec<String>,
}

/// A value with what it is for, such as `home` or `cell`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// The value.
    pub value: String,
    /// What it is for.
    pub kind: Option<String>,
}

/// A postal address (RFC 6350, section 6.3.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// Post-office box, house and street, in one line.
    pub street: Option<String>,
    /// City or town.
    pub locality: Option<String>,
    /// County or state.
    pub region: Option<String>,
    /// Postcode.
    pub postal_code: Option<String>,
    /// Country, as the card has it.
    pub country: Option<String>,
    /// What it is for.
    pub kind: Option<String>,
}

/// A picture that the card carries.
#[derive(Clone, PartialEq, Eq)]
pub struct Photo {
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Photo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Photo({}, {} bytes)", self.media_type, self.bytes.len())
    }
}

/// Reads every card of a file.
///
/// Errors: `Malformed` when there is no card, or one doesn't end; `TooLarge`.
pub fn parse(bytes: &[u8]) -> Result<Vec<Card>> {
    let malformed = || Error::new("Malformed").with("what", "vCard");
    if bytes.len() > MAX_VCARD {
        return Err(Error::new("TooLarge").with("what", "vCard").with("limit", MAX_VCARD));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| malformed())?;
    let (mut cards, mut open): (Vec<Card>, Option<(Card, usize)>) = (Vec::new(), None);
    for line in unfold(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        let Some(property) = Property::parse(&line) else {
            continue;
        };
        match (property.name.as_str(), &mut open) {
            ("BEGIN", None) if property.value.eq_ignore_ascii_case("VCARD") => open = Some((Card::default(), 0)),
            ("END", Some(_)) if property.value.eq_ignore_ascii_case("VCARD") => {
                cards.extend(open.take().map(|(card, _)| card));
            }
            ("BEGIN", _) => return Err(malformed()),
            (_, Some((card, count))) => {
                *count += 1;
                if *count > MAX_PROPERTIES || cards.len() >= MAX_CARDS {
                    return Err(Error::new("TooLarge")
                        .with("what", "vCard")
                        .with("limit", MAX_PROPERTIES));
                }
                card.take(property);
            }
            (_, None) => {}
        }
    }
    if open.is_some() || cards.is_empty() {
        Err(malformed())
    } else {
        Ok(cards)
    }
}

/// Joins folded lines (RFC 6350, section 3.2).
fn unfold(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)) {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some(last)) => last.push_str(rest),
            _ if line.is_empty() => {}
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

struct Property {
    name: String,
    parameters: Vec<(String, String)>,
    value: String,
}

impl Property {
    /// `[group.]NAME[;PARAMETER=value…]:value`; a colon within a quoted parameter does not end the parameters.
    fn parse(line: &str) -> Option<Property> {
        let mut quoted = false;
        let colon = line.char_indices().find_map(|(index, symbol)| {
            quoted ^= symbol == '"';
            (symbol == ':' && !quoted).then_some(index)
        })?;
        let (head, value) = (line.get(..colon)?, line.get(colon + 1..)?);
        let mut parts = split_unquoted(head, ';').into_iter();
        let name = parts.next()?;
        let name = name.rsplit('.').next()?.to_ascii_uppercase();
        let parameters = parts
            .map(|part| match part.split_once('=') {
                Some((key, value)) => (key.to_ascii_uppercase(), value.trim_matches('"').to_owned()),
                None => ("TYPE".to_owned(), part),
            })
            .collect();
        Some(Property {
            name,
            parameters,
            value: value.to_owned(),
        })
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The first type that says what the value is for.
    fn kind(&self) -> Option<String> {
        let types = self
            .parameters
            .iter()
            .filter(|(key, _)| key == "TYPE")
            .flat_map(|(_, value)| value.split(','));
        let mut types = types.map(str::to_ascii_lowercase);
        types.find(|kind| !matches!(kind.as_str(), "voice" | "pref" | "internet" | ""))
    }

    fn text(&self) -> Option<String> {
        let text = unescape(&self.value);
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The components of a structured value.
    fn components(&self) -> Vec<Option<String>> {
        let parts = split_unescaped(&self.value, ';').into_iter();
        parts
            .map(|part| unescape(&part).trim().to_owned())
            .map(|part| (!part.is_empty()).then_some(part))
            .collect()
    }
}

impl Card {
    fn take(&mut self, property: Property) {
        match property.name.as_str() {
            "VERSION" | "PRODID" | "REV" | "UID" | "END" => {}
            "FN" => self.formatted_name = self.formatted_name.take().or(property.text()),
            "N" => {
                let mut parts = property.components().into_iter();
                (self.family_name, self.given_name, self.additional_names) =
                    (parts.next().flatten(), parts.next().flatten(), parts.next().flatten());
            }
            "BDAY" => match property.text().and_then(|text| full_date(&text)) {
                Some(date) => self.birth_date = Some(date),
                None => self.leave_out(&property),
            },
            "ORG" => self.organisation = property.components().into_iter().flatten().next(),
            "TITLE" => self.job_title = property.text(),
            "NOTE" => self.note = property.text(),
            "URL" => self.url = property.text(),
            "TEL" => {
                let value = property
                    .text()
                    .map(|text| text.strip_prefix("tel:").map_or(text.clone(), str::to_owned));
                self.phones.extend(value.map(|value| Typed {
                    value,
                    kind: property.kind(),
                }));
            }
            "EMAIL" => self.emails.extend(property.text().map(|value| Typed {
                value,
                kind: property.kind(),
            })),
            "ADR" => self.addresses.extend(address(&property)),
            "PHOTO" => match photo(&property) {
                Some(photo) => self.photo = Some(photo),
                None => self.leave_out(&property),
            },
            _ => self.leave_out(&property),
        }
    }

    fn leave_out(&mut self, property: &Property) {
        if !self.left_out.contains(&property.name) {
            self.left_out.push(property.name.clone());
        }
    }
}

/// Post-office box; extended address; street; locality; region; postal code; country.
fn address(property: &Property) -> Option<Address> {
    let parts = property.components();
    let part = |index: usize| parts.get(index).cloned().flatten();
    let lines: Vec<String> = [part(0), part(1), part(2)].into_iter().flatten().collect();
    let address = Address {
        street: (!lines.is_empty()).then(|| lines.join(", ")),
        locality: part(3),
        region: part(4),
        postal_code: part(5),
        country: part(6),
        kind: property.kind(),
    };
    parts.iter().any(Option::is_some).then_some(address)
}

/// `YYYY-MM-DD` or `YYYYMMDD`, with or without a time; a date without a year is no birth date.
fn full_date(text: &str) -> Option<String> {
    let digits: String = text
        .split('T')
        .next()?
        .chars()
        .filter(|symbol| *symbol != '-')
        .collect();
    let complete = digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let date = complete.then(|| format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..]))?;
    date.parse::<jiff::civil::Date>().ok().map(|_| date)
}

/// base64 in the value (3.0) or in a `data:` URI (4.0); a picture elsewhere is not fetched.
fn photo(property: &Property) -> Option<Photo> {
    let decode = |text: &str| {
        BASE64_STANDARD
            .decode(text.trim())
            .ok()
            .filter(|bytes| !bytes.is_empty())
    };
    if let Some(data) = property.value.strip_prefix("data:") {
        let (media_type, encoded) = data.split_once(";base64,")?;
        return Some(Photo {
            media_type: media_type.to_owned(),
            bytes: decode(encoded)?,
        });
    }
    let encoding = property.parameter("ENCODING")?;
    if !encoding.eq_ignore_ascii_case("b") && !encoding.eq_ignore_ascii_case("base64") {
        return None;
    }
    let media_type = format!("image/{}", property.kind().unwrap_or_else(|| "jpeg".to_owned()));
    Some(Photo {
        media_type,
        bytes: decode(&property.value)?,
    })
}

/// `\n`, `\,`, `\;` and `\\` (RFC 6350, section 3.4).
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut symbols = text.chars();
    while let Some(symbol) = symbols.next() {
        match (symbol, symbol == '\\') {
            (_, true) => match symbols.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(other) => out.push(other),
                None => {}
            },
            (other, false) => out.push(other),
        }
    }
    out
}

fn split_unescaped(text: &str, separator: char) -> Vec<String> {
    let (mut parts, mut part, mut escaped) = (Vec::new(), String::new(), false);
    for symbol in text.chars() {
        if symbol == separator && !escaped {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(symbol);
        }
        escaped = symbol == '\\' && !escaped;
    }
    parts.push(part);
    parts
}

fn split_unquoted(text: &str, separator: char) -> Vec<String> {
    let (mut parts, mut part, mut quoted) = (Vec::new(), String::new(), false);
    for symbol in text.chars() {
        quoted ^= symbol == '"';
        if symbol == separator && !quoted {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(symbol);
        }
    }
    parts.push(part);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: &str = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Alice Ó Murchú\r\nN:Ó Murchú;Alice;Marie;;\r\n\
        BDAY:19840321\r\nitem1.TEL;TYPE=\"cell,voice\":tel:+44-7700-900123\r\nEMAIL;TYPE=home:alice@example.org\r\n\
        ADR;TYPE=home;LABEL=\"a: b\":;Flat 2;12 Harbour\\, Row;Leith;Edinburgh;EH6 6AB;United King\r\n dom\r\n\
        NOTE:first\\nsecond\r\nX-SOCIALPROFILE:x\r\nEND:VCARD\r\n";

    #[test]
    fn d1_a_card_is_read_whole() {
        let cards = parse(CARD.as_bytes()).unwrap();
        let card = &cards[0];
        assert_eq!(card.formatted_name.as_deref(), Some("Alice Ó Murchú"));
        assert_eq!(
            (card.given_name.as_deref(), card.family_name.as_deref()),
            (Some("Alice"), Some("Ó Murchú"))
        );
        assert_eq!(card.birth_date.as_deref(), Some("1984-03-21"));
        assert_eq!(
            card.phones,
            [Typed {
                value: "+44-7700-900123".into(),
                kind: Some("cell".into())
            }]
        );
        assert_eq!(card.addresses[0].street.as_deref(), Some("Flat 2, 12 Harbour, Row"));
        assert_eq!(card.addresses[0].country.as_deref(), Some("United Kingdom"));
        assert_eq!(card.note.as_deref(), Some("first\nsecond"));
        assert_eq!(card.left_out, ["X-SOCIALPROFILE"]);
    }

    #[test]
    fn a_date_without_a_year_is_left_out_and_said_so() {
        let text = "BEGIN:VCARD\nVERSION:3.0\nFN:B\nBDAY:--0415\nEND:VCARD\n";
        let card = &parse(text.as_bytes()).unwrap()[0];
        assert_eq!(
            (card.birth_date.as_ref(), card.left_out.as_slice()),
            (None, ["BDAY".to_owned()].as_slice())
        );
    }

    #[test]
    fn what_is_no_card_or_does_not_end_is_refused() {
        for text in [
            "",
            "hello",
            "BEGIN:VCARD\nFN:x\n",
            "BEGIN:VCARD\nBEGIN:VCARD\nEND:VCARD\n",
        ] {
            assert_eq!(parse(text.as_bytes()).unwrap_err().code(), "Malformed", "{text:?}");
        }
        assert_eq!(parse(&vec![b'a'; MAX_VCARD + 1]).unwrap_err().code(), "TooLarge");
    }

    #[test]
    fn a_photo_of_either_version_is_taken() {
        for line in [
            "PHOTO;ENCODING=b;TYPE=PNG:aGVsbG8=",
            "PHOTO:data:image/png;base64,aGVsbG8=",
        ] {
            let text = format!("BEGIN:VCARD\nFN:x\n{line}\nEND:VCARD\n");
            let photo = parse(text.as_bytes()).unwrap()[0].photo.clone().unwrap();
            assert_eq!(
                (photo.media_type.as_str(), photo.bytes.as_slice()),
                ("image/png", b"hello".as_slice())
            );
        }
    }
}
