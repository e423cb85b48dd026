//! Pages to be read in a browser, without Kist and without a network: HTML 5 without scripts, pictures or anything from
//! elsewhere; a policy in each page forbids it to the browser too. Whatever stands in the store is text here: it is escaped.

pub(crate) mod receipt;

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;
use kist_vault::schema;

pub(crate) const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;\
color:#1a1a1a;background:#fff}article{border-top:1px solid #999;padding:.5rem 0}h2,h3{line-height:1.2}\
dl{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;gap:.2rem 1rem;margin:.5rem 0}dt{color:#555}\
dd{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}.about{color:#555;font-size:.9rem}a{color:#0645ad}\
@media(prefers-color-scheme:dark){body{color:#eee;background:#111}dt,.about{color:#aaa}a{color:#8ab4f8}}";
pub(crate) const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'";

/// The words of the pages, in the language of the person, as the app's catalogue has them. What isn't there stands as the
/// plain name that it has in the data.
///
/// Keys: `language` (a tag of BCP 47) and `title`; the headings `areas`, `agreements`, `credentials`, `history`; the words
/// `made_at`, `files`, `tags`, `source`, `verified_by`, `collected_at`, `revisions`, `data`, `receipt`, `purpose`,
/// `agreed_at`; and names as `area.health`, `kind.urn:kist:schema:name:1`, `field.given_name`, `source.self_asserted`,
/// `mark.favourite`, `event.Agreed`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageWords(pub BTreeMap<String, String>);

impl PageWords {
    pub(crate) fn get<'a>(&'a self, key: &'a str) -> &'a str {
        let plain = || key.rsplit_once('.').map_or(key, |(_, plain)| plain);
        self.0.get(key).map_or_else(plain, String::as_str)
    }

    /// A word of another page than the archive's, whose keys begin with `prefix`.
    pub(crate) fn word<'a>(&'a self, prefix: &str, name: &'a str) -> &'a str {
        self.0.get(&format!("{prefix}{name}")).map_or(name, String::as_str)
    }

    /// The language, a tag of BCP 47; empty where the app doesn't say.
    pub(crate) fn language(&self) -> &str {
        self.0.get("language").map_or("", String::as_str)
    }

    pub(crate) fn title(&self) -> &str {
        self.get("title")
    }

    /// A life area in the person's words.
    pub(crate) fn area<'a>(&'a self, area: &'a str) -> &'a str {
        self.0.get(&format!("area.{area}")).map_or(area, String::as_str)
    }

    /// A kind of record in the person's words, else those of the schema.
    pub(crate) fn kind<'a>(&'a self, uri: &'a str) -> &'a str {
        let own = || {
            schema::get(uri)
                .and_then(|schema| schema["title"].as_str())
                .unwrap_or(uri)
        };
        self.0.get(&format!("kind.{uri}")).map_or_else(own, String::as_str)
    }

    /// A field of a kind in the person's words, else those of the schema.
    pub(crate) fn field<'a>(&'a self, uri: &str, name: &'a str) -> &'a str {
        let own = || schema::get(uri).and_then(|schema| schema["properties"][name]["title"].as_str());
        let named = self.0.get(&format!("field.{name}")).map(String::as_str);
        named.or_else(own).unwrap_or(name)
    }
}

/// A page being written.
pub(crate) struct Page<'a> {
    pub(crate) out: &'a mut dyn Write,
    pub(crate) words: &'a PageWords,
}

impl<'a> Page<'a> {
    /// Begins a page.
    pub(crate) fn begin(out: &'a mut dyn Write, words: &'a PageWords, heading: &str) -> io::Result<Self> {
        let language = words.language();
        let heading = escape(heading);
        write!(
            out,
            "<!DOCTYPE html>\n<html lang=\"{}\" dir=\"auto\">\n<head><meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{heading}</title>\n\
             <style>{STYLE}</style></head>\n<body>\n<h1>{heading}</h1>\n",
            escape(language)
        )?;
        Ok(Page { out, words })
    }

    pub(crate) fn end(self) -> io::Result<()> {
        writeln!(self.out, "</body>\n</html>")
    }

    /// When the page was made.
    pub(crate) fn made_at(&mut self, at_ms: i64) -> io::Result<()> {
        let word = escape(self.words.get("made_at"));
        writeln!(self.out, "<p class=\"about\">{word}: {}</p>", moment(at_ms))
    }

    /// Begins a part of names and texts.
    pub(crate) fn part(&mut self, heading: &str) -> io::Result<()> {
        writeln!(self.out, "<article>\n<h2>{}</h2>\n<dl>", escape(heading))
    }

    /// Ends it.
    pub(crate) fn end_part(&mut self) -> io::Result<()> {
        writeln!(self.out, "</dl>\n</article>")
    }

    /// A name and a text.
    pub(crate) fn pair(&mut self, name: &str, text: &str) -> io::Result<()> {
        writeln!(self.out, "<dt>{}</dt><dd>{}</dd>", escape(name), escape(text))
    }
}

/// A time as people read it, in UTC.
pub(crate) fn moment(ms: i64) -> String {
    match Timestamp::from_millisecond(ms) {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        Err(_) => ms.to_string(),
    }
}

/// Text that HTML shows as it is, in an element and in a quoted attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for symbol in text.chars() {
        match symbol {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
