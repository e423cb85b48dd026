//! The sentences: sample-apps/catalogues, one file a language, embedded.
//!
//! A catalogue has sections; a section has sentences by key. A key is a code, or `code.parameter` where a sentence needs
//! that parameter, or `code.parameter=value` where one value has a sentence of its own. The most specific one whose
//! `{placeholders}` are all among the parameters is said.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::arguments::Language;
use crate::parameters::Parameters;

const ENGLISH: &str = include_str!("../../catalogues/en.json");
const WELSH: &str = include_str!("../../catalogues/cy.json");

/// The sentences of one language.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Catalogue(BTreeMap<String, BTreeMap<String, String>>);

impl Catalogue {
    /// The catalogue of a language.
    pub(crate) fn of(language: Language) -> &'static Catalogue {
        static PARSED: OnceLock<[Catalogue; 2]> = OnceLock::new();
        // The catalogues are in the program, and the tests read them: an empty one can't come about.
        let parse = |text| serde_json::from_str(text).unwrap_or(Catalogue(BTreeMap::new()));
        let [english, welsh] = PARSED.get_or_init(|| [parse(ENGLISH), parse(WELSH)]);
        match language {
            Language::En => english,
            Language::Cy => welsh,
        }
    }

    /// The language's tag (BCP 47).
    pub(crate) fn tag(&self) -> &str {
        self.get("language", "tag").unwrap_or("en")
    }

    /// A sentence, where there is one for this key and these parameters.
    pub(crate) fn find(&self, section: &str, key: &str, parameters: &Parameters) -> Option<String> {
        let by_value = parameters
            .iter()
            .map(|(name, value)| format!("{key}.{name}={}", value.raw()));
        let by_name = parameters.iter().map(|(name, _)| format!("{key}.{name}"));
        let keys = by_value.chain(by_name).chain([key.to_owned()]);
        keys.into_iter()
            .filter_map(|key| self.get(section, &key))
            .find_map(|template| fill(template, |name| Some(self.shown(name, parameters)).flatten()))
    }

    /// A sentence; its key where there is none, so that something is always said.
    pub(crate) fn sentence(&self, section: &str, key: &str, parameters: &Parameters) -> String {
        self.find(section, key, parameters).unwrap_or_else(|| key.to_owned())
    }

    /// A word of a fixed vocabulary; the word itself where it is unknown here.
    pub(crate) fn word(&self, section: &str, word: &str) -> String {
        self.get(section, word).unwrap_or(word).to_owned()
    }

    /// One of several texts in different languages: this one's, else English, else any.
    pub(crate) fn choose<'a>(&self, texts: &'a BTreeMap<String, String>) -> &'a str {
        let chosen = texts.get(self.tag()).or_else(|| texts.get("en"));
        chosen.or_else(|| texts.values().next()).map_or("", String::as_str)
    }

    /// The words of an archive's pages; see [`kist_pds::PageWords`].
    pub(crate) fn page_words(&self) -> BTreeMap<String, String> {
        let mut words = self.0.get("archive").cloned().unwrap_or_default();
        words.insert("language".to_owned(), self.tag().to_owned());
        words.extend(self.named("kinds", "kind.urn:kist:schema:", ":1"));
        words.extend(self.named("fields", "field.", ""));
        words
    }

    /// The words of a report's page; see [`kist_pds::DataRights::report_page`].
    pub(crate) fn report_words(&self) -> BTreeMap<String, String> {
        let mut words = self.page_words();
        for (section, own) in [("report", true), ("words", false), ("legal_bases", false)] {
            for (key, word) in self.0.get(section).into_iter().flatten() {
                if own || key.starts_with("eu-gdpr:") {
                    words.insert(format!("report.{key}"), word.clone());
                }
            }
        }
        words
    }

    /// The words of a receipt's page; see [`kist_pds::Consents::receipt_page`].
    pub(crate) fn receipt_words(&self) -> BTreeMap<String, String> {
        let mut words = self.0.get("receipt").cloned().unwrap_or_default();
        words.insert("language".to_owned(), self.tag().to_owned());
        words.extend(self.named("fields", "field.", ""));
        words.extend(self.named("rights", "right.", ""));
        words.extend(self.named("legal_bases", "legal_basis.", ""));
        words
    }

    /// A section's words, with what stands before and after each key.
    fn named(&self, section: &str, prefix: &str, suffix: &str) -> Vec<(String, String)> {
        let section = self.0.get(section).into_iter().flatten();
        let named = section.map(|(key, word)| (format!("{prefix}{key}{suffix}"), word.clone()));
        named.collect()
    }

    fn get(&self, section: &str, key: &str) -> Option<&str> {
        self.0.get(section)?.get(key).map(String::as_str)
    }

    fn shown(&self, name: &str, parameters: &Parameters) -> Option<String> {
        let (_, value) = parameters.iter().find(|(known, _)| *known == name)?;
        Some(value.shown(name, self))
    }
}

/// Fills the `{placeholders}` of a template; none where one has no value.
fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        filled.push_str(before);
        filled.push_str(&value(name)?);
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u1_the_most_specific_sentence_that_can_be_filled_is_said() {
        let catalogue = Catalogue::of(Language::En);
        let plain = catalogue.sentence("errors", "RecoveryCodeMistyped", &Parameters::default());
        let named = catalogue.sentence(
            "errors",
            "RecoveryCodeMistyped",
            &Parameters::default().with("group", 3),
        );
        assert_ne!(plain, named);
        assert!(named.contains('3'), "{named}");
        assert!(!plain.contains('{') && !named.contains('{'));
    }

    #[test]
    fn u1_a_text_in_the_readers_language_is_chosen() {
        let texts = BTreeMap::from([("en", "Care"), ("cy", "Gofal")]);
        let texts = texts
            .into_iter()
            .map(|(tag, text)| (tag.to_owned(), text.to_owned()))
            .collect();
        assert_eq!(Catalogue::of(Language::Cy).choose(&texts), "Gofal");
        assert_eq!(Catalogue::of(Language::En).choose(&texts), "Care");
    }
}
