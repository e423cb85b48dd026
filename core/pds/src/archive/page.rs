//! The pages of an archive: everything to be read in a browser. No link leads out of the archive.

use std::io::{self, Write};

use kist_vault::{Source, Verification};
use serde_json::Value;

use super::layout;
use super::record::{MarkEntry, RevisionEntry};
use crate::pages::{Page, PageWords, escape, moment};

/// A page of an archive being written.
pub(super) struct ArchivePage<'a> {
    page: Page<'a>,
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

impl<'a> ArchivePage<'a> {
    /// Begins a page; `depth` folders below the root: 0 or 1.
    pub(super) fn begin(out: &'a mut dyn Write, words: &'a PageWords, depth: u8, heading: &str) -> io::Result<Self> {
        let root = if depth == 0 { "" } else { "../" };
        let page = ArchivePage {
            page: Page::begin(out, words, heading)?,
            root,
        };
        if depth > 0 {
            let (link, title) = (page.link(layout::INDEX), escape(words.title()));
            writeln!(page.page.out, "<p><a href=\"{link}\">{title}</a></p>")?;
        }
        Ok(page)
    }

    pub(super) fn end(self) -> io::Result<()> {
        self.page.end()
    }

    /// When the archive was made.
    pub(super) fn made_at(&mut self, at_ms: i64) -> io::Result<()> {
        self.page.made_at(at_ms)
    }

    fn link(&self, entry: &str) -> String {
        format!("{}{}", self.root, percent_encoded(entry))
    }

    /// A heading of the index, by its key.
    pub(super) fn heading(&mut self, key: &str) -> io::Result<()> {
        writeln!(self.page.out, "<h2>{}</h2>", escape(self.page.words.get(key)))
    }

    /// A life area with its page.
    pub(super) fn area(&mut self, area: &str, entry: &str, records: u64) -> io::Result<()> {
        let (link, name) = (self.link(entry), escape(self.page.words.area(area)));
        writeln!(self.page.out, "<p><a href=\"{link}\">{name}</a> ({records})</p>")
    }

    /// Something that has an entry.
    pub(super) fn entry(&mut self, text: &str, entry: &str) -> io::Result<()> {
        let link = self.link(entry);
        writeln!(self.page.out, "<p><a href=\"{link}\">{}</a></p>", escape(text))
    }

    pub(super) fn credential(&mut self, kind: &str, entry: &str) -> io::Result<()> {
        self.entry(self.page.words.kind(kind), entry)
    }

    pub(super) fn agreement(&mut self, line: &AgreementLine<'_>) -> io::Result<()> {
        writeln!(self.page.out, "<article>\n<h3>{}</h3>\n<dl>", escape(line.organisation))?;
        self.page.pair(self.page.words.get("purpose"), line.purpose)?;
        self.page.pair(
            self.page.words.get("agreed_at"),
            &moment(line.agreed_at.saturating_mul(1000)),
        )?;
        writeln!(self.page.out, "</dl>")?;
        self.entry(self.page.words.get("data"), line.entry)?;
        if let Some(receipt) = line.receipt {
            self.entry(self.page.words.get("receipt"), receipt)?;
        }
        writeln!(self.page.out, "</article>")
    }

    /// An event of the history.
    pub(super) fn event(&mut self, at_ms: i64, kind: &str, organisation: Option<&str>) -> io::Result<()> {
        let key = format!("event.{kind}");
        let (event, organisation) = (
            escape(self.page.words.get(&key)),
            escape(organisation.unwrap_or_default()),
        );
        writeln!(self.page.out, "<p>{} {event} {organisation}</p>", moment(at_ms))
    }

    /// A record at its current revision.
    pub(super) fn record(
        &mut self,
        title: &str,
        entry: &str,
        revision: &RevisionEntry,
        marks: &[MarkEntry],
    ) -> io::Result<()> {
        let kind = self.page.words.kind(&revision.schema);
        let title = if title.is_empty() { kind } else { title };
        writeln!(
            self.page.out,
            "<article>\n<h2>{}</h2>\n<p class=\"about\">{}</p>",
            escape(title),
            escape(kind)
        )?;
        self.value(&revision.schema, &revision.body)?;
        let files = revision.files.iter().filter_map(|file| file.about.as_ref());
        for about in files {
            self.entry(&about.name, &about.entry)?;
        }
        writeln!(self.page.out, "<dl class=\"about\">")?;
        for mark in marks.iter().filter(|mark| mark.subject.is_empty()) {
            let value = match &mark.value {
                Value::String(text) => text.clone(),
                Value::Number(ms) => moment(ms.as_i64().unwrap_or(i64::MAX)),
                _ => String::new(),
            };
            self.page
                .pair(self.page.words.get(&format!("mark.{}", mark.kind)), &value)?;
        }
        if !revision.tags.is_empty() {
            self.page.pair(self.page.words.get("tags"), &revision.tags.join(", "))?;
        }
        let (source, by) = match &revision.provenance.source {
            Source::SelfAsserted => ("source.self_asserted", ""),
            Source::Imported { from } => ("source.imported", from.as_str()),
            Source::Delivered { by, .. } => ("source.delivered", by.as_str()),
        };
        let source = format!("{} {by}", self.page.words.get(source));
        self.page.pair(self.page.words.get("source"), source.trim())?;
        if let Verification::Signature { issuer } = &revision.provenance.verification {
            self.page.pair(self.page.words.get("verified_by"), issuer)?;
        }
        self.page.pair(
            self.page.words.get("collected_at"),
            &moment(revision.provenance.collected_ms),
        )?;
        self.page
            .pair(self.page.words.get("revisions"), &revision.revision.to_string())?;
        writeln!(self.page.out, "</dl>")?;
        self.entry(self.page.words.get("data"), entry)?;
        writeln!(self.page.out, "</article>")
    }

    /// Any JSON; no deeper than serde_json reads.
    fn value(&mut self, schema: &str, value: &Value) -> io::Result<()> {
        match value {
            Value::Object(members) => {
                writeln!(self.page.out, "<dl>")?;
                for (name, value) in members {
                    let name = escape(self.page.words.field(schema, name));
                    write!(self.page.out, "<dt>{name}</dt><dd>")?;
                    self.value(schema, value)?;
                    writeln!(self.page.out, "</dd>")?;
                }
                writeln!(self.page.out, "</dl>")
            }
            Value::Array(items) => {
                writeln!(self.page.out, "<ul>")?;
                for item in items {
                    write!(self.page.out, "<li>")?;
                    self.value(schema, item)?;
                    writeln!(self.page.out, "</li>")?;
                }
                writeln!(self.page.out, "</ul>")
            }
            Value::String(text) => self.page.out.write_all(escape(text).as_bytes()),
            Value::Null => Ok(()),
            other => write!(self.page.out, "{other}"),
        }
    }
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
        let written = ArchivePage::begin(&mut out, &words, 1, evil).and_then(|mut page| {
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
