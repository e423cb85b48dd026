//! The pages of an archive: everything to be read in a browser, without Kist and without a network.
//!
//! HTML 5 without scripts, pictures or anything from elsewhere; a policy in each page forbids it to the browser too.
//! Whatever stands in the store is text here: it is escaped, and no link leads out of the archive.

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;
use kist_vault::schema;
use kist_vault::{Source, Verification};
use serde_json::Value;

use super::layout;
use super::record::{MarkEntry, RevisionEntry};

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

    pub(super) fn title(&self) -> &str {
        self.get("title")
    }

    pub(super) fn area<'a>(&'a self, area: &'a str) -> &'a str {
        self.0.get(&format!("area.{area}")).map_or(area, String::as_str)
    }

    /// In the person's words, else those of the schema.
    fn kind<'a>(&'a self, uri: &'a str) -> &'a str {
        let own = || {
            schema::get(uri)
                .and_then(|schema| schema["title"].as_str())
                .unwrap_or(uri)
        };
        self.0.get(&format!("kind.{uri}")).map_or_else(own, String::as_str)
    }

    fn field<'a>(&'a self, uri: &str, name: &'a str) -> &'a str {
        let own = || schema::get(uri).and_then(|schema| schema["properties"][name]["title"].as_str());
        let named = self.0.get(&format!("field.{name}")).map(String::as_str);
        named.or_else(own).unwrap_or(name)
    }
}

/// A page being written.
pub(crate) struct Page<'a> {
    out: &'a mut dyn Write,
    words: &'a PageWords,
    /// What leads from this page to the root of the archive.
    root: &'static str,
}

/// An agreement, as the index tells of it.
pub(super) struct AgreementLine<'a> {
    pub(super) organisation: &'a str,
    pub(super) purpose: &'a str,
    pub(super) agreed_at: i64,
    pub(super) entry: &'a str,
    pub(super) receipt: Option<&'a str>,
}

impl<'a> Page<'a> {
    /// Begins a page; `depth` folders below the root: 0 or 1.
    pub(crate) fn begin(out: &'a mut dyn Write, words: &'a PageWords, depth: u8, heading: &str) -> io::Result<Self> {
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
        let root = if depth == 0 { "" } else { "../" };
        let page = Page { out, words, root };
        if depth > 0 {
            let (link, title) = (page.link(layout::INDEX), escape(words.get("title")));
            writeln!(page.out, "<p><a href=\"{link}\">{title}</a></p>")?;
        }
        Ok(page)
    }

    pub(crate) fn end(self) -> io::Result<()> {
        writeln!(self.out, "</body>\n</html>")
    }

    fn link(&self, entry: &str) -> String {
        format!("{}{}", self.root, percent_encoded(entry))
    }

    /// A heading of the index, by its key.
    pub(super) fn heading(&mut self, key: &str) -> io::Result<()> {
        writeln!(self.out, "<h2>{}</h2>", escape(self.words.get(key)))
    }

    /// When the archive, or the page, was made.
    pub(crate) fn made_at(&mut self, at_ms: i64) -> io::Result<()> {
        let word = escape(self.words.get("made_at"));
        writeln!(self.out, "<p class=\"about\">{word}: {}</p>", moment(at_ms))
    }

    /// A life area with its page.
    pub(super) fn area(&mut self, area: &str, entry: &str, records: u64) -> io::Result<()> {
        let (link, name) = (self.link(entry), escape(self.words.area(area)));
        writeln!(self.out, "<p><a href=\"{link}\">{name}</a> ({records})</p>")
    }

    /// Something that has an entry.
    pub(super) fn entry(&mut self, text: &str, entry: &str) -> io::Result<()> {
        let link = self.link(entry);
        writeln!(self.out, "<p><a href=\"{link}\">{}</a></p>", escape(text))
    }

    pub(super) fn credential(&mut self, kind: &str, entry: &str) -> io::Result<()> {
        self.entry(self.words.kind(kind), entry)
    }

    pub(super) fn agreement(&mut self, line: &AgreementLine<'_>) -> io::Result<()> {
        writeln!(self.out, "<article>\n<h3>{}</h3>\n<dl>", escape(line.organisation))?;
        self.pair(self.words.get("purpose"), line.purpose)?;
        self.pair(
            self.words.get("agreed_at"),
            &moment(line.agreed_at.saturating_mul(1000)),
        )?;
        writeln!(self.out, "</dl>")?;
        self.entry(self.words.get("data"), line.entry)?;
        if let Some(receipt) = line.receipt {
            self.entry(self.words.get("receipt"), receipt)?;
        }
        writeln!(self.out, "</article>")
    }

    /// An event of the history.
    pub(super) fn event(&mut self, at_ms: i64, kind: &str, organisation: Option<&str>) -> io::Result<()> {
        let key = format!("event.{kind}");
        let (event, organisation) = (escape(self.words.get(&key)), escape(organisation.unwrap_or_default()));
        writeln!(self.out, "<p>{} {event} {organisation}</p>", moment(at_ms))
    }

    /// A record at its current revision.
    pub(super) fn record(
        &mut self,
        title: &str,
        entry: &str,
        revision: &RevisionEntry,
        marks: &[MarkEntry],
    ) -> io::Result<()> {
        let kind = self.words.kind(&revision.schema);
        let title = if title.is_empty() { kind } else { title };
        writeln!(
            self.out,
            "<article>\n<h2>{}</h2>\n<p class=\"about\">{}</p>",
            escape(title),
            escape(kind)
        )?;
        self.value(&revision.schema, &revision.body)?;
        let files = revision.files.iter().filter_map(|file| file.about.as_ref());
        for about in files {
            self.entry(&about.name, &about.entry)?;
        }
        writeln!(self.out, "<dl class=\"about\">")?;
        for mark in marks.iter().filter(|mark| mark.subject.is_empty()) {
            let value = match &mark.value {
                Value::String(text) => text.clone(),
                Value::Number(ms) => moment(ms.as_i64().unwrap_or(i64::MAX)),
                _ => String::new(),
            };
            self.pair(self.words.get(&format!("mark.{}", mark.kind)), &value)?;
        }
        if !revision.tags.is_empty() {
            self.pair(self.words.get("tags"), &revision.tags.join(", "))?;
        }
        let (source, by) = match &revision.provenance.source {
            Source::SelfAsserted => ("source.self_asserted", ""),
            Source::Imported { from } => ("source.imported", from.as_str()),
            Source::Delivered { by, .. } => ("source.delivered", by.as_str()),
        };
        let source = format!("{} {by}", self.words.get(source));
        self.pair(self.words.get("source"), source.trim())?;
        if let Verification::Signature { issuer } = &revision.provenance.verification {
            self.pair(self.words.get("verified_by"), issuer)?;
        }
        self.pair(
            self.words.get("collected_at"),
            &moment(revision.provenance.collected_ms),
        )?;
        self.pair(self.words.get("revisions"), &revision.revision.to_string())?;
        writeln!(self.out, "</dl>")?;
        self.entry(self.words.get("data"), entry)?;
        writeln!(self.out, "</article>")
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

    /// Any JSON; no deeper than serde_json reads.
    fn value(&mut self, schema: &str, value: &Value) -> io::Result<()> {
        match value {
            Value::Object(members) => {
                writeln!(self.out, "<dl>")?;
                for (name, value) in members {
                    let name = escape(self.words.field(schema, name));
                    write!(self.out, "<dt>{name}</dt><dd>")?;
                    self.value(schema, value)?;
                    writeln!(self.out, "</dd>")?;
                }
                writeln!(self.out, "</dl>")
            }
            Value::Array(items) => {
                writeln!(self.out, "<ul>")?;
                for item in items {
                    write!(self.out, "<li>")?;
                    self.value(schema, item)?;
                    writeln!(self.out, "</li>")?;
                }
                writeln!(self.out, "</ul>")
            }
            Value::String(text) => self.out.write_all(escape(text).as_bytes()),
            Value::Null => Ok(()),
            other => write!(self.out, "{other}"),
        }
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

/// A path in a link (RFC 3986): whatever isn't plain is given by its bytes.
fn percent_encoded(entry: &str) -> String {
    let mut link = String::with_capacity(entry.len());
    for byte in entry.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.') {
            link.push(char::from(byte));
        } else {
            link.push_str(&format!("%{byte:02X}"));
        }
    }
    link
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a31_what_stands_in_the_store_is_text_in_a_page_and_never_markup() {
        let evil = "</dd><script>alert(1)</script><img src=x onerror='a' \">&";
        let revision: RevisionEntry = serde_json::from_value(serde_json::json!({
            "revision": 1, "time": "00000000000000010000000000000000000000ff", "parents": [],
            "schema": evil, "area": "other", "tags": [evil],
            "provenance": { "source": { "kind": "delivered", "by": evil, "organisation_id": "", "credential": "" },
                "verification": { "kind": "signature", "issuer": evil }, "collected_ms": i64::MAX },
            "body": { evil: [evil, { evil: 1.5 }, null, true] }, "files": []
        }))
        .unwrap_or_else(|error| unreachable!("{error}"));
        let mark: MarkEntry = serde_json::from_value(serde_json::json!({
            "kind": evil, "value": evil, "time": "00000000000000010000000000000000000000ff"
        }))
        .unwrap_or_else(|error| unreachable!("{error}"));
        let words = PageWords([("language".to_owned(), evil.to_owned())].into());
        let mut out = Vec::new();
        let written = Page::begin(&mut out, &words, 1, evil).and_then(|mut page| {
            page.record(evil, "records/javascript:x", &revision, &[mark])?;
            page.end()
        });
        assert!(written.is_ok());
        let page = String::from_utf8_lossy(&out);
        for harm in [
            "<script",
            "<img",
            "onerror='",
            "href=\"javascript",
            "http://",
            "https://",
        ] {
            assert!(!page.contains(harm), "{harm}");
        }
        assert!(page.contains("&lt;script&gt;alert(1)"));
    }
}
