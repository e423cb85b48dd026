//! vCards: 3.0 (RFC 2426), 4.0 (RFC 6350) and what of 2.1 is cheap, as cards with what each says.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::content_line::{self, Property};
use super::plan::{Collector, Place, Reason};

/// The most cards of a file.
pub(super) const MAX_CARDS: usize = 20_000;
/// The most properties of a card.
pub(super) const MAX_PROPERTIES: usize = 1_000;

/// A card: its properties in order.
pub(super) struct Card {
    pub(super) place: Place,
    pub(super) properties: Vec<Property>,
}

impl Card {
    /// What Apple's programs call a property, in a property of the same group.
    pub(super) fn label(&self, property: &Property) -> Option<String> {
        let group = property.group.as_ref()?;
        let mut labels = self.properties.iter().filter(|other| other.name == "X-ABLABEL");
        let label = labels.find(|other| other.group.as_ref() == Some(group))?.text()?;
        let label = label.trim_start_matches("_$!<").trim_end_matches(">!$_");
        Some(label.to_ascii_lowercase())
    }

    /// What a value is for: its label, else the first type that says so.
    pub(super) fn kind(&self, property: &Property) -> Option<String> {
        const SAY_NOTHING: [&str; 12] = [
            "voice", "pref", "internet", "msg", "text", "uri", "jpeg", "jpg", "png", "gif", "parcel", "dom",
        ];
        let mut types = property.types().into_iter();
        self.label(property)
            .or_else(|| types.find(|kind| !SAY_NOTHING.contains(&kind.as_str()) && !kind.starts_with("x-ab")))
    }
}

/// Reads every card. A line that is no property is left out and named, and so is a card that doesn't end.
pub(super) fn cards(text: &str, found: &mut Collector) -> Vec<Card> {
    let mut cards: Vec<Card> = Vec::new();
    let mut open: Option<Card> = None;
    let mut nested = 0_usize;
    for line in content_line::unfold(text) {
        let place = Place::line(line.number);
        let Some(property) = Property::parse(&line) else {
            let reason = match line.text.len() > content_line::MAX_LINE {
                true => Reason::TooLarge,
                false => Reason::Malformed,
            };
            found.leave_out(place, "", reason);
            continue;
        };
        let is_card = property.value.trim().eq_ignore_ascii_case("VCARD");
        match (property.name.as_str(), &mut open) {
            ("BEGIN", Some(card))
                if is_card && nested == 0 && card.properties.last().is_none_or(|last| last.name != "AGENT") =>
            {
                // The one before doesn't end.
                found.leave_out(card.place.clone(), "VCARD", Reason::Unfinished);
                open = Some(begun(place, cards.len()));
            }
            ("BEGIN", Some(_)) => nested += 1,
            ("END", Some(_)) if nested > 0 => nested -= 1,
            ("BEGIN", None) if is_card => {
                if cards.len() >= MAX_CARDS {
                    found.leave_out(place, "VCARD", Reason::TooMany);
                    return cards;
                }
                open = Some(begun(place, cards.len()));
            }
            ("END", Some(_)) if is_card => cards.extend(open.take()),
            (_, Some(_)) if nested > 0 => {}
            (_, Some(card)) if card.properties.len() >= MAX_PROPERTIES => {
                found.leave_out(place, &property.name, Reason::TooMany);
            }
            (_, Some(card)) => card.properties.push(property),
            (_, None) => found.leave_out(place, &property.name, Reason::Malformed),
        }
    }
    if let Some(card) = open {
        found.leave_out(card.place, "VCARD", Reason::Unfinished);
    }
    cards
}

fn begun(place: Place, before: usize) -> Card {
    Card {
        place: place.at_index(before + 1),
        properties: Vec::new(),
    }
}

/// A picture, a key or a sound: carried by the card, or somewhere else.
pub(super) enum Media {
    Carried { media_type: String, bytes: Vec<u8> },
    Elsewhere(String),
}

/// base64 in the value (2.1, 3.0) or in a `data:` URI (4.0), or an address. `None` for what can't be read.
pub(super) fn media(property: &Property, main_type: &str) -> Option<Media> {
    let decode = |text: &str| {
        let packed: String = text.chars().filter(|symbol| !symbol.is_whitespace()).collect();
        BASE64_STANDARD.decode(packed).ok().filter(|bytes| !bytes.is_empty())
    };
    let value = property.value.trim();
    if let Some(data) = value.strip_prefix("data:") {
        let (media_type, encoded) = data.split_once(";base64,")?;
        return Some(Media::Carried {
            media_type: media_type.to_owned(),
            bytes: decode(&encoded.replace("\\,", ","))?,
        });
    }
    let encoding = property.parameter("ENCODING").unwrap_or_default().to_ascii_lowercase();
    if encoding == "b" || encoding == "base64" {
        const TYPES: [&str; 6] = ["jpeg", "png", "gif", "webp", "heic", "bmp"];
        let types = property.types();
        let named = types.iter().find_map(|kind| TYPES.iter().find(|known| *known == kind));
        return Some(Media::Carried {
            media_type: format!("{main_type}/{}", named.copied().unwrap_or("jpeg")),
            bytes: decode(value)?,
        });
    }
    let address = content_line::unescape(value);
    let elsewhere = address.starts_with("http://") || address.starts_with("https://");
    elsewhere.then_some(Media::Elsewhere(address))
}
