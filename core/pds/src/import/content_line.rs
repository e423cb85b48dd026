//! Content lines, which vCard and iCalendar share (RFC 6350, section 3; RFC 5545, section 3.1): folding, properties with
//! parameters, escaping; and quoted-printable, which vCard 2.1 has.

use super::text;

/// The longest unfolded line, in bytes: a picture of a card is one line.
pub(super) const MAX_LINE: usize = 16 << 20;
/// The most parameters of a property.
const MAX_PARAMETERS: usize = 100;

/// An unfolded line.
pub(super) struct Line {
    /// The first line of it in the file, from 1.
    pub(super) number: usize,
    pub(super) text: String,
}

/// Joins folded lines. A quoted-printable line of vCard 2.1 goes on where it ends with `=`.
pub(super) fn unfold(text: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut soft_break = false;
    for (index, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        match lines.last_mut() {
            Some(last) if soft_break => {
                last.text.pop();
                last.text.push_str(line);
            }
            Some(last) if line.starts_with([' ', '\t']) => last.text.push_str(line.get(1..).unwrap_or_default()),
            _ if line.trim().is_empty() => continue,
            _ => lines.push(Line {
                number: index + 1,
                text: line.to_owned(),
            }),
        }
        soft_break = line.ends_with('=') && lines.last().is_some_and(|last| is_quoted_printable(&last.text));
    }
    lines
}

fn is_quoted_printable(line: &str) -> bool {
    let head = line.split(':').next().unwrap_or_default();
    head.len() < 1000 && head.to_ascii_uppercase().contains("QUOTED-PRINTABLE")
}

/// `[group.]NAME[;PARAMETER=value…]:value`.
#[derive(Debug, Clone)]
pub(super) struct Property {
    pub(super) line: usize,
    pub(super) group: Option<String>,
    /// In capitals.
    pub(super) name: String,
    /// Names in capitals.
    parameters: Vec<(String, String)>,
    /// As it stands, but for quoted-printable.
    pub(super) value: String,
}

impl Property {
    /// `None` for a line that is no property, or too long.
    pub(super) fn parse(line: &Line) -> Option<Property> {
        if line.text.len() > MAX_LINE {
            return None;
        }
        let mut quoted = false;
        let colon = line.text.char_indices().find_map(|(index, symbol)| {
            quoted ^= symbol == '"';
            (symbol == ':' && !quoted).then_some(index)
        })?;
        let (head, value) = (line.text.get(..colon)?, line.text.get(colon + 1..)?);
        let mut parts = split(head, ';', |symbol| symbol == '"').into_iter();
        let name = parts.next()?;
        let (group, name) = match name.rsplit_once('.') {
            Some((group, name)) => (Some(group.to_ascii_lowercase()), name.to_ascii_uppercase()),
            None => (None, name.to_ascii_uppercase()),
        };
        let allowed = |symbol: char| symbol.is_ascii_alphanumeric() || matches!(symbol, '-' | '_');
        if name.is_empty() || name.len() > 100 || !name.chars().all(allowed) {
            return None;
        }
        let parameters = parts
            .take(MAX_PARAMETERS)
            .map(|part| match part.split_once('=') {
                Some((key, value)) => (key.trim().to_ascii_uppercase(), unquoted(value)),
                None => (bare_parameter(&part).to_owned(), part),
            })
            .collect();
        let mut property = Property {
            line: line.number,
            group,
            name,
            parameters,
            value: value.to_owned(),
        };
        property.decode();
        Some(property)
    }

    fn decode(&mut self) {
        let encoding = self.parameter("ENCODING").unwrap_or_default();
        if encoding.eq_ignore_ascii_case("QUOTED-PRINTABLE") {
            let bytes = quoted_printable(&self.value);
            self.value = String::from_utf8(bytes).unwrap_or_else(|error| text::latin1(error.as_bytes()));
        }
    }

    /// The first value of a parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let mut found = self.parameters.iter().filter(|(key, _)| key == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// Every type, small.
    pub(super) fn types(&self) -> Vec<String> {
        let types = self.parameters.iter().filter(|(key, _)| key == "TYPE");
        types
            .flat_map(|(_, value)| value.split(','))
            .map(|kind| kind.trim_matches('"').trim().to_ascii_lowercase())
            .filter(|kind| !kind.is_empty())
            .collect()
    }

    /// The value as text.
    pub(super) fn text(&self) -> Option<String> {
        text::filled(&unescape(&self.value).replace("\r\n", "\n"))
    }

    /// The components of a structured value.
    pub(super) fn components(&self) -> Vec<Option<String>> {
        let parts = split_unescaped(&self.value, ';').into_iter();
        parts.map(|part| text::filled(&unescape(&part))).collect()
    }

    /// The items of a list.
    pub(super) fn list(&self) -> Vec<String> {
        let parts = split_unescaped(&self.value, ',').into_iter();
        parts.filter_map(|part| text::filled(&unescape(&part))).collect()
    }
}

/// A parameter without a name, as vCard 2.1 has them: an encoding or a type.
fn bare_parameter(value: &str) -> &'static str {
    match value.to_ascii_uppercase().as_str() {
        "QUOTED-PRINTABLE" | "BASE64" | "8BIT" | "7BIT" => "ENCODING",
        _ => "TYPE",
    }
}

/// A parameter's value without quotes, its `^`-escapes read (RFC 6868).
fn unquoted(value: &str) -> String {
    value
        .trim_matches('"')
        .replace("^n", "\n")
        .replace("^'", "\"")
        .replace("^^", "^")
}

/// `\n`, `\,`, `\;` and `\\`.
pub(super) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut symbols = text.chars();
    while let Some(symbol) = symbols.next() {
        match symbol {
            '\\' => match symbols.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(other) => out.push(other),
                None => {}
            },
            other => out.push(other),
        }
    }
    out
}

pub(super) fn split_unescaped(text: &str, separator: char) -> Vec<String> {
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

/// Splits outside quotes.
fn split(text: &str, separator: char, quote: impl Fn(char) -> bool) -> Vec<String> {
    let (mut parts, mut part, mut quoted) = (Vec::new(), String::new(), false);
    for symbol in text.chars() {
        quoted ^= quote(symbol);
        if symbol == separator && !quoted {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(symbol);
        }
    }
    parts.push(part);
    parts
}

/// `=3D` is a byte (RFC 2045, section 6.7); what is no such code stands for itself.
fn quoted_printable(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let code = after.first_chunk::<2>().and_then(|digits| hex(*digits));
        match (*byte, code) {
            (b'=', Some(value)) => {
                out.push(value);
                rest = after.get(2..).unwrap_or_default();
            }
            (byte, _) => {
                out.push(byte);
                rest = after;
            }
        }
    }
    out
}

fn hex(digits: [u8; 2]) -> Option<u8> {
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? * 16 + low?).ok()
}
