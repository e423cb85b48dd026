//! Search: what a person types, made into a query of FTS5 that cannot be wrong.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::condition::Condition;
use super::read::{self, SUMMARY_COLUMNS};
use crate::Result;
use crate::record::{Filter, RecordSummary};

/// The most words of a search that count.
const MAX_WORDS: usize = 32;
/// The longest word that counts, in characters.
const MAX_WORD: usize = 128;

/// A record that a search found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// The record.
    pub record: RecordSummary,
    /// Where it was found: the words around the best match.
    pub snippet: Vec<SnippetPart>,
    /// How well it fits: greater is better, comparable within one search.
    pub score: f64,
}

/// A piece of a snippet; the pieces follow one another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnippetPart {
    /// The text.
    pub text: String,
    /// It is what was searched for.
    pub matched: bool,
}

/// Finds records that have every word, the last as the beginning of one; best first.
pub(crate) fn search(connection: &Connection, typed: &str, filter: &Filter, limit: u32) -> Result<Vec<Hit>> {
    let Some(query) = query(typed) else {
        return Ok(Vec::new());
    };
    let mut condition = Condition::of(filter);
    condition.bind(":query", query);
    condition.bind(":limit", limit);
    let mut statement = connection.prepare_cached(&read::search_sql(&condition))?;
    let mut rows = statement.query(&*condition.parameters())?;
    let mut hits = Vec::new();
    while let Some(row) = rows.next()? {
        hits.push(Hit {
            record: read::summary(row)?,
            snippet: parts(&row.get::<_, String>(SUMMARY_COLUMNS)?),
            score: -row.get::<_, f64>(SUMMARY_COLUMNS + 1)?,
        });
    }
    Ok(hits)
}

/// Every word as a string of FTS5's query language, in which nothing but a double quote has a meaning; the last with
/// the star of a prefix. `None` where there is no word.
fn query(typed: &str) -> Option<String> {
    let words: Vec<String> = typed
        .split(|c: char| c.is_whitespace() || c.is_control() || c == '"')
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .take(MAX_WORDS)
        .map(|word| format!("\"{}\"", word.chars().take(MAX_WORD).collect::<String>()))
        .collect();
    if words.is_empty() {
        None
    } else {
        Some(words.join(" ") + " *")
    }
}

/// Takes apart a snippet with U+0001 before and U+0002 after each match; no indexed text has either.
fn parts(marked: &str) -> Vec<SnippetPart> {
    let mut parts = Vec::new();
    let mut matched = false;
    for piece in marked.split_inclusive(['\u{1}', '\u{2}']) {
        let text = piece.trim_end_matches(['\u{1}', '\u{2}']);
        if !text.is_empty() {
            parts.push(SnippetPart {
                text: text.to_owned(),
                matched,
            });
        }
        matched = piece.ends_with('\u{1}');
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_strings_and_the_last_a_prefix() {
        assert_eq!(query("  flu jab ").as_deref(), Some("\"flu\" \"jab\" *"));
        assert_eq!(query("a\"b\0c").as_deref(), Some("\"a\" \"b\" \"c\" *"));
        assert_eq!(query("!! \" * () \n"), None);
    }

    #[test]
    fn a_snippet_comes_apart_at_its_marks() {
        let found = parts("the \u{1}flu\u{2} jab");
        let texts: Vec<_> = found.iter().map(|part| (part.text.as_str(), part.matched)).collect();
        assert_eq!(texts, [("the ", false), ("flu", true), (" jab", false)]);
    }
}
