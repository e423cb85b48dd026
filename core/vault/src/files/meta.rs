//! What the caller says of a file: its name, type and time, and a picture to show for it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{MAX_FILE_NAME, MAX_THUMBNAIL};
use crate::changes::byte_string;
use crate::record::MAX_NAME;
use crate::{Error, Result};

/// What the caller says of a file to be attached.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileMeta {
    /// Its name. What stands before the last `/` or `\` is dropped, and so are control characters and those that turn
    /// the direction of text; a name longer than [`MAX_FILE_NAME`] is shortened before its extension.
    pub name: String,
    /// Its media type (RFC 6838). Where there is none it is told from the first bytes and the name
    /// ([`crate::detect_media_type`]).
    pub media_type: Option<String>,
    /// When it was last changed, where that is known: milliseconds since 1970 UTC.
    pub modified_ms: Option<i64>,
    /// A small picture of it.
    pub thumbnail: Option<Thumbnail>,
}

impl FileMeta {
    /// A name, and nothing else.
    pub fn named(name: impl Into<String>) -> Self {
        FileMeta {
            name: name.into(),
            ..FileMeta::default()
        }
    }

    /// Refuses a type or a thumbnail that is none, as [`crate::Vault::attach`] does; cleans the name.
    ///
    /// Errors: `TooLarge`, `Malformed`.
    pub fn check(mut self) -> Result<Self> {
        self.name = clean_name(&self.name);
        self.media_type.as_deref().map_or(Ok(()), check_media_type)?;
        self.thumbnail.as_ref().map_or(Ok(()), Thumbnail::check)?;
        Ok(self)
    }
}

/// A small picture of a file, which the app makes. It is kept sealed beside the file's name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thumbnail {
    /// Its media type (RFC 6838).
    pub media_type: String,
    /// The picture: 1 byte to [`MAX_THUMBNAIL`].
    #[serde(with = "byte_string")]
    pub bytes: Vec<u8>,
}

impl Thumbnail {
    /// Refuses what is too large or no picture at all.
    pub(crate) fn check(&self) -> Result<()> {
        if self.bytes.len() > MAX_THUMBNAIL {
            return Err(Error::TooLarge {
                what: "thumbnail",
                limit: MAX_THUMBNAIL,
            });
        }
        if self.bytes.is_empty() {
            return Err(Error::Malformed { what: "thumbnail" });
        }
        check_media_type(&self.media_type)
    }
}

impl fmt::Debug for Thumbnail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Thumbnail({}, {} bytes)", self.media_type, self.bytes.len())
    }
}

/// Refuses what is no media type: `type/subtype` with parameters, in printable ASCII.
pub(super) fn check_media_type(text: &str) -> Result<()> {
    if text.len() > MAX_NAME {
        return Err(Error::TooLarge {
            what: "media type",
            limit: MAX_NAME,
        });
    }
    let printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    match text.split_once('/') {
        Some((kind, subtype)) if printable && !kind.is_empty() && !subtype.is_empty() => Ok(()),
        _ => Err(Error::Malformed { what: "media type" }),
    }
}

/// The last part of a path, without what can't be shown and what makes a name look like another.
pub(super) fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown: String = last.chars().filter(|symbol| !is_hidden(*symbol)).collect();
    match shown.trim() {
        "." | ".." => String::new(),
        shown => shorten(shown),
    }
}

/// Control characters, and those that turn the direction of what follows, so that one extension shows as another.
fn is_hidden(symbol: char) -> bool {
    symbol.is_control()
        || matches!(symbol, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// At most [`MAX_FILE_NAME`] bytes, cut before the extension where it is a short one.
fn shorten(name: &str) -> String {
    const MAX_EXTENSION: usize = 16;
    if name.len() <= MAX_FILE_NAME {
        return name.to_owned();
    }
    let extension = name
        .rfind('.')
        .and_then(|dot| name.get(dot..))
        .filter(|extension| extension.len() <= MAX_EXTENSION)
        .unwrap_or_default();
    let stem = name.floor_char_boundary(MAX_FILE_NAME - extension.len());
    format!("{}{extension}", name.get(..stem).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cleaned_and_bounded_and_keep_their_extensions() {
        for (given, kept) in [
            ("letter.pdf", "letter.pdf"),
            ("/tmp/a/letter.pdf", "letter.pdf"),
            ("C:\\Users\\a\\letter.pdf", "letter.pdf"),
            ("../..", ""),
            ("a\u{0}b\r\nc\u{1b}[31m.txt", "abc[31m.txt"),
            ("cod\u{202e}gpj.exe", "codgpj.exe"),
            (" Æsops fabler – 1 .pdf ", "Æsops fabler – 1 .pdf"),
            ("", ""),
        ] {
            assert_eq!(clean_name(given), kept);
        }
        let long = clean_name(&format!("{}.jpeg", "ø".repeat(300)));
        assert!(long.len() <= MAX_FILE_NAME && long.len() > MAX_FILE_NAME - 2);
        assert!(long.ends_with("øø.jpeg"));
        assert_eq!(clean_name(&"a.".repeat(300)).len(), MAX_FILE_NAME);
        assert_eq!(clean_name(&format!("x.{}", "y".repeat(300))).len(), MAX_FILE_NAME);
    }

    #[test]
    fn media_types_are_types() {
        for good in ["image/jpeg", "text/plain; charset=utf-8", "x/y"] {
            assert_eq!(check_media_type(good), Ok(()), "{good}");
        }
        for bad in ["", "jpeg", "/", "image/", "/jpeg", "image/jp\neg", "image/jpég"] {
            assert_eq!(
                check_media_type(bad),
                Err(Error::Malformed { what: "media type" }),
                "{bad}"
            );
        }
        assert_eq!(
            check_media_type(&format!("a/{}", "b".repeat(600))).unwrap_err().code(),
            "TooLarge"
        );
    }
}
