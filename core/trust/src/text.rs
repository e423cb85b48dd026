//! Texts for people, in several languages, as ETSI's formats write them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A text by language (BCP 47 tag). As JSON, an array of `{"lang", "value"}`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Text>", into = "Vec<Text>")]
pub struct Localised(pub BTreeMap<String, String>);

impl Localised {
    /// A text in one language.
    pub fn new(language: impl Into<String>, text: impl Into<String>) -> Self {
        Self::default().and(language, text)
    }

    /// The same with one more language.
    pub fn and(mut self, language: impl Into<String>, text: impl Into<String>) -> Self {
        self.0.insert(language.into(), text.into());
        self
    }

    /// The text in `language`.
    pub fn get(&self, language: &str) -> Option<&str> {
        self.0.get(language).map(String::as_str)
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Whether a text may be shown to people: something, without control characters other than line ends and tabs, and
/// without the ones that turn the direction of what follows.
pub(crate) fn is_shown(text: &str) -> bool {
    let hidden = |character: char| {
        character.is_control() && !matches!(character, '\n' | '\r' | '\t')
            || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    !text.trim().is_empty() && !text.chars().any(hidden)
}

/// Whether a text that is one line may be shown to people.
pub(crate) fn is_line(text: &str) -> bool {
    is_shown(text) && !text.chars().any(char::is_control)
}

#[derive(Serialize, Deserialize)]
struct Text {
    lang: String,
    value: String,
}

impl From<Vec<Text>> for Localised {
    fn from(texts: Vec<Text>) -> Self {
        Localised(texts.into_iter().map(|text| (text.lang, text.value)).collect())
    }
}

impl From<Localised> for Vec<Text> {
    fn from(texts: Localised) -> Self {
        texts.0.into_iter().map(|(lang, value)| Text { lang, value }).collect()
    }
}
