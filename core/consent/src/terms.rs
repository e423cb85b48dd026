//! The terms of an agreement: who, why, on what legal basis, for how long, and what remains.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The most bytes of a text that a person reads.
pub const MAX_TEXT: usize = 4096;
/// The most bytes of an identifier, a name, an address.
pub const MAX_WORD: usize = 1024;
/// The most languages of a text.
pub const MAX_LANGUAGES: usize = 64;
/// The most recipients, places or things kept that an offer names.
pub const MAX_LIST: usize = 64;
pub(crate) use kist_identity::MAX_TIME;

/// One text in several languages, under the organisation's signature: at least one language, each with a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>", into = "BTreeMap<String, String>")]
pub struct Texts(BTreeMap<String, String>);

impl Texts {
    /// A text in one language. The tag is of BCP 47, such as `en` or `cy-GB`.
    pub fn new(language: &str, text: &str) -> Result<Self> {
        Self::try_from(BTreeMap::from([(language.to_owned(), text.to_owned())]))
    }

    /// The same with another language, or another text in a language.
    pub fn and(self, language: &str, text: &str) -> Result<Self> {
        let mut texts = self.0;
        texts.insert(language.to_owned(), text.to_owned());
        Self::try_from(texts)
    }

    /// The text in exactly this language.
    pub fn get(&self, language: &str) -> Option<&str> {
        self.0.get(language).map(String::as_str)
    }

    /// The language and text that suit best (RFC 4647, section 3.4, lookup): the first of `wanted` that there is, each cut
    /// shorter subtag by subtag, otherwise `default`, otherwise the first.
    pub fn best<'a>(&'a self, wanted: &[&str], default: &str) -> Option<(&'a str, &'a str)> {
        wanted
            .iter()
            .chain(&[default])
            .find_map(|tag| self.lookup(tag))
            .or_else(|| self.iter().next())
    }

    fn lookup(&self, tag: &str) -> Option<(&str, &str)> {
        let mut tag = tag;
        loop {
            if let Some(found) = self.iter().find(|(language, _)| language.eq_ignore_ascii_case(tag)) {
                return Some(found);
            }
            (tag, _) = tag.rsplit_once('-')?;
        }
    }

    /// Languages and texts, by language.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(language, text)| (language.as_str(), text.as_str()))
    }
}

impl TryFrom<BTreeMap<String, String>> for Texts {
    type Error = Error;

    fn try_from(texts: BTreeMap<String, String>) -> Result<Self> {
        const MALFORMED: Error = Error::Malformed { what: "text" };
        if texts.len() > MAX_LANGUAGES {
            return Err(Error::TooLarge {
                what: "text",
                limit: MAX_LANGUAGES,
            });
        }
        let fits = |(tag, text): (&String, &String)| is_language(tag) && !text.is_empty() && text.len() <= MAX_TEXT;
        match !texts.is_empty() && texts.iter().all(fits) {
            true => Ok(Texts(texts)),
            false => Err(MALFORMED),
        }
    }
}

impl From<Texts> for BTreeMap<String, String> {
    fn from(texts: Texts) -> Self {
        texts.0
    }
}

/// An organisation by its id in the trust framework and its legal name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// The stable id.
    pub id: String,
    /// The legal name.
    pub name: String,
}

/// The organisation that answers for the data: the controller, with what a record of consent has to say of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// The stable id in the trust framework.
    pub id: String,
    /// The legal name.
    pub name: String,
    /// Where it is reached by post.
    pub address: String,
    /// Where a person asks about their data: a mail address, a telephone number or a URL.
    pub contact: String,
    /// The country whose law applies: ISO 3166-1 alpha-2.
    pub country: String,
}

/// What the data is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// A term of DPV such as `dpv:ServiceProvision`, or the https IRI of a purpose elsewhere.
    pub code: String,
    /// The organisation's words, by language.
    pub text: Texts,
}

/// The legal basis, as GDPR article 6(1) and article 9(2)(a) number it; in JSON the term of DPV's `eu-gdpr`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum LegalBasis {
    /// Consent, article 6(1)(a).
    #[serde(rename = "eu-gdpr:A6-1-a")]
    Consent,
    /// Explicit consent to the use of special categories of data, article 9(2)(a).
    #[serde(rename = "eu-gdpr:A9-2-a")]
    ExplicitConsent,
    /// A contract, article 6(1)(b).
    #[serde(rename = "eu-gdpr:A6-1-b")]
    Contract,
    /// A legal obligation, article 6(1)(c).
    #[serde(rename = "eu-gdpr:A6-1-c")]
    LegalObligation,
    /// Vital interests, article 6(1)(d).
    #[serde(rename = "eu-gdpr:A6-1-d")]
    VitalInterests,
    /// A public task, article 6(1)(e).
    #[serde(rename = "eu-gdpr:A6-1-e")]
    PublicTask,
    /// Legitimate interests, article 6(1)(f).
    #[serde(rename = "eu-gdpr:A6-1-f")]
    LegitimateInterests,
}

impl LegalBasis {
    /// The term of DPV.
    pub fn term(self) -> &'static str {
        match self {
            LegalBasis::Consent => "eu-gdpr:A6-1-a",
            LegalBasis::ExplicitConsent => "eu-gdpr:A9-2-a",
            LegalBasis::Contract => "eu-gdpr:A6-1-b",
            LegalBasis::LegalObligation => "eu-gdpr:A6-1-c",
            LegalBasis::VitalInterests => "eu-gdpr:A6-1-d",
            LegalBasis::PublicTask => "eu-gdpr:A6-1-e",
            LegalBasis::LegitimateInterests => "eu-gdpr:A6-1-f",
        }
    }
}

/// One thing that an organisation may do under an agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Right {
    /// Read the chosen fields.
    Read,
    /// Put data of its own into the person's store.
    Deliver,
    /// Change what it delivered or what it may read.
    Update,
}

/// What an organisation may do, each apart; at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rights {
    /// [`Right::Read`].
    pub read: bool,
    /// [`Right::Deliver`].
    pub deliver: bool,
    /// [`Right::Update`].
    pub update: bool,
}

impl Rights {
    /// Whether this right is among them.
    pub fn grants(&self, right: Right) -> bool {
        match right {
            Right::Read => self.read,
            Right::Deliver => self.deliver,
            Right::Update => self.update,
        }
    }
}

/// How long an agreement holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Validity {
    /// One reading, which is the answer itself; it ends with the acceptance and gives no right but to read.
    Once,
    /// Until a moment.
    Until {
        /// The first second at which it holds no more, Unix time.
        at: i64,
    },
    /// Until it is withdrawn.
    Standing,
}

/// A span of time in whole years, months, weeks or days: ISO 8601 such as `P6M` or `P1Y6M`, not nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period(String);

impl Period {
    /// From its text.
    pub fn parse(text: &str) -> Result<Self> {
        match is_period(text) {
            true => Ok(Period(text.to_owned())),
            false => Err(Error::Malformed { what: "period" }),
        }
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Period {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(&text)
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.0
    }
}

/// What the organisation has to keep when the person withdraws.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptAfterWithdrawal {
    /// What, and which law asks for it, by language.
    pub text: Texts,
    /// How long.
    pub period: Period,
}

/// The terms that both sides accept: where they stand, and what exactly they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// An https address.
    pub uri: String,
    /// SHA-256 of the document's bytes, base64url.
    pub sha256: crate::ObjectHash,
}

/// Whether a word is there and within its bound, and of printable characters.
pub(crate) fn is_word(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_WORD && !text.chars().any(char::is_control)
}

pub(crate) fn is_https(text: &str) -> bool {
    let printable = |byte: u8| byte.is_ascii_graphic();
    text.len() <= MAX_WORD
        && text
            .strip_prefix("https://")
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(printable))
}

pub(crate) fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Whether this has the shape of a language tag (RFC 5646, section 2.1): subtags of 1 to 8 letters and digits.
pub(crate) fn is_language(tag: &str) -> bool {
    let subtag = |text: &str| (1..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    tag.len() <= 35 && tag.split('-').all(subtag) && tag.starts_with(|first: char| first.is_ascii_alphabetic())
}

/// Whether a time is one that RFC 3339 can write: Unix seconds from 1970 to the year 9999.
pub(crate) fn is_time(time: i64) -> bool {
    (0..=MAX_TIME).contains(&time)
}

pub(crate) fn is_purpose(code: &str) -> bool {
    let term =
        |rest: &str| !rest.is_empty() && rest.len() <= 128 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
    code.strip_prefix("dpv:").is_some_and(term) || is_https(code)
}

/// `P`, then numbers of at most four digits with the units Y, M, W, D, each at most once and in this order.
fn is_period(text: &str) -> bool {
    let Some(mut rest) = text.strip_prefix('P') else {
        return false;
    };
    let mut units = "YMWD".chars();
    let mut something = false;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, tail) = rest.split_at(digits);
        let mut tail = tail.chars();
        let Some(unit) = tail.next() else { return false };
        if !(1..=4).contains(&digits) || !units.any(|known| known == unit) {
            return false;
        }
        something |= number.bytes().any(|digit| digit != b'0');
        rest = tail.as_str();
    }
    something
}
