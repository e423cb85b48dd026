//! Search: what a person types, made into queries of FTS5 that cannot be wrong, and what they find, ranked.
//!
//! Every search reads the newest [`MATCHES`] matches alone. FTS5's own ranking is not used: it counts each word in the
//! whole index, which takes longer the more a person has.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use super::condition::Condition;
use super::parts::{self, Part, Table};
use super::{read, text};
use crate::record::{Filter, RecordSummary, Shown};
use crate::{Error, Result};

/// The most words and phrases of a search that count.
const MAX_TERMS: usize = 32;
/// The longest word or phrase that counts, in characters.
const MAX_TERM: usize = 128;
/// How many matches are ranked: the newest.
const MATCHES: usize = 2_000;

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

/// A match, by its record's `seq`.
#[derive(Debug, Clone, Copy)]
struct Match {
    record: i64,
    score: f64,
}

/// Finds records that have every word and phrase, the last word as the beginning of one; best first. The connection
/// is in a transaction, so that all is of one state.
pub(crate) fn search(connection: &Connection, typed: &str, filter: &Filter, limit: u32) -> Result<Vec<Hit>> {
    let Some(query) = Query::parse(typed) else {
        return Ok(Vec::new());
    };
    let mut found = newest(connection, &query, filter)?;
    rank(connection, &query, &mut found)?;
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let mut snippets = snippets(connection, &query, &found)?;
    found
        .into_iter()
        .map(|Match { record, score }| {
            Ok(Hit {
                record: read::current_summary(connection, record)?.ok_or(Error::STORE_CORRUPT)?,
                snippet: snippets.remove(&record).unwrap_or_default(),
                score,
            })
        })
        .collect()
}

/// The newest matches that the filter lets through, newest first: the record put last has the greatest `seq`.
fn newest(connection: &Connection, query: &Query, filter: &Filter) -> Result<Vec<Match>> {
    let mut filter = filter.clone();
    let query = query.with_facets(&text::take_facets(&mut filter));
    let parts = parts::newest_first(connection, &filter)?;
    // Few are hidden: to know them all is less than to look at each match's row.
    let hidden = match filter.shown {
        Shown::InSight => read::hidden(connection)?,
        _ => HashSet::new(),
    };
    if filter.shown == Shown::InSight {
        filter.shown = Shown::Anywhere;
    }
    let mut condition = Condition::of(&filter);
    condition.bind(":query", query);
    let mut found = Vec::new();
    for table in parts.into_iter().map(Table::Search) {
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {table}.rowid FROM {table} {} WHERE {table} MATCH :query AND {} ORDER BY {table}.rowid DESC",
            condition.joins(&format!("{table}.rowid")),
            condition.sql()
        ))?;
        let mut rows = statement.query(&*condition.parameters())?;
        while let Some(row) = rows.next()? {
            let record = row.get(0)?;
            if !hidden.contains(&record) {
                found.push(Match { record, score: 0.0 });
            }
            if found.len() == MATCHES {
                return Ok(found);
            }
        }
    }
    Ok(found)
}

/// Scores matches and puts the best first: every word in the title before some, some before labels (tags, area, names of
/// files and of who delivered it), then the other text; then words that are whole before such as only begin so; then the
/// newer.
fn rank(connection: &Connection, query: &Query, found: &mut [Match]) -> Result<()> {
    let count = found.len() as f64;
    for (place, one) in found.iter_mut().enumerate() {
        one.score = 1.0 - place as f64 / count;
    }
    for (part, found) in by_part(found) {
        for Rank { table, query, score } in query.ranks() {
            let table = table(part);
            let mut statement = connection.prepare_cached(&format!(
                "SELECT rowid FROM {table} WHERE {table} MATCH ?1 AND rowid BETWEEN ?2 AND ?3 ORDER BY rowid DESC"
            ))?;
            let [Some(newest), Some(oldest)] = [found.first(), found.last()] else {
                continue;
            };
            let mut rows = statement.query(params![query, oldest.record, newest.record])?;
            while let Some(row) = rows.next()? {
                let record: i64 = row.get(0)?;
                if let Ok(place) = found.binary_search_by(|one| record.cmp(&one.record)) {
                    found[place].score += score;
                }
            }
        }
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    Ok(())
}

/// What was found, part by part; it is ordered by record, the greatest first.
fn by_part(found: &mut [Match]) -> impl Iterator<Item = (Part, &mut [Match])> {
    found
        .chunk_by_mut(|a, b| Part::of(a.record) == Part::of(b.record))
        .filter_map(|found| Some((Part::of(found.first()?.record), found)))
}

/// The snippets of what was found, by record.
fn snippets(connection: &Connection, query: &Query, found: &[Match]) -> Result<HashMap<i64, Vec<SnippetPart>>> {
    let mut records: Vec<i64> = found.iter().map(|one| one.record).collect();
    records.sort_unstable();
    let mut snippets = HashMap::new();
    for records in records.chunk_by(|a, b| Part::of(*a) == Part::of(*b)) {
        let [Some(first), Some(last)] = [records.first(), records.last()] else {
            continue;
        };
        let table = Table::Search(Part::of(*first));
        // The plus keeps SQLite from a search for each record.
        let mut statement = connection.prepare_cached(&format!(
            "SELECT rowid, snippet({table}, -1, char(1), char(2), '…', 16) FROM {table}
             WHERE {table} MATCH ?1 AND rowid BETWEEN ?2 AND ?3 AND +rowid IN (SELECT value FROM json_each(?4))"
        ))?;
        let wanted = serde_json::json!(records).to_string();
        let mut rows = statement.query(params![query.all(), first, last, wanted])?;
        while let Some(row) = rows.next()? {
            snippets.insert(
                row.get(0)?,
                pieces(row.get_ref(1)?.as_str().map_err(|_| Error::STORE_CORRUPT)?),
            );
        }
    }
    Ok(snippets)
}

/// What was typed, as strings of FTS5's query language, in which nothing but a double quote has a meaning.
#[derive(Debug, PartialEq, Eq)]
struct Query {
    /// Words and phrases.
    terms: Vec<String>,
    /// The last can be the beginning of a longer word.
    open: bool,
}

impl Query {
    /// Words, and phrases in double quotes; a phrase whose end was not typed yet is one too. `None` where there is no
    /// word.
    fn parse(typed: &str) -> Option<Self> {
        let mut terms: Vec<String> = Vec::new();
        let mut open = false;
        let mut push = |term: &str, ended: bool| {
            if term.chars().any(char::is_alphanumeric) && terms.len() < MAX_TERMS {
                terms.push(format!("\"{}\"", term.chars().take(MAX_TERM).collect::<String>()));
                open = !ended;
            }
        };
        let pieces: Vec<&str> = typed.split('"').collect();
        for (number, piece) in pieces.iter().enumerate() {
            let words = piece.split(text::is_between_words);
            if number % 2 == 1 {
                let ended = number + 1 < pieces.len();
                push(&words.collect::<Vec<_>>().join(" "), ended);
            } else {
                words.for_each(|word| push(word, false));
            }
        }
        (!terms.is_empty()).then_some(Query { terms, open })
    }

    /// Every term.
    fn all(&self) -> String {
        self.joined(" AND ", self.open)
    }

    fn joined(&self, operator: &str, open: bool) -> String {
        self.terms.join(operator) + if open { " *" } else { "" }
    }

    /// Every term, and of each group of facets at least one.
    fn with_facets(&self, groups: &[Vec<String>]) -> String {
        let mut query = self.all();
        for group in groups {
            let any: Vec<String> = group.iter().map(|facet| format!("\"{facet}\"")).collect();
            query += &format!(" AND ({})", any.join(" OR "));
        }
        query
    }

    /// What makes a match better. One that is newer is better by less than 1.
    fn ranks(&self) -> Vec<Rank> {
        let rank = |table, query, score| Rank { table, query, score };
        let any = self.joined(" OR ", self.open);
        let mut ranks = vec![
            rank(Table::Heads, format!("{{title}} : ({any})"), 4.0),
            rank(Table::Heads, format!("{{labels}} : ({any})"), 2.0),
        ];
        if self.terms.len() > 1 {
            ranks.push(rank(Table::Heads, format!("{{title}} : ({})", self.all()), 8.0));
        }
        if self.open {
            ranks.push(rank(Table::Search, self.joined(" AND ", false), 1.0));
        }
        ranks
    }
}

/// A query whose matches are better than others, and by how much.
struct Rank {
    table: fn(Part) -> Table,
    query: String,
    score: f64,
}

/// Takes apart a snippet with U+0001 before and U+0002 after each match; no indexed text has either.
fn pieces(marked: &str) -> Vec<SnippetPart> {
    let mut pieces = Vec::new();
    let mut matched = false;
    for piece in marked.split_inclusive(['\u{1}', '\u{2}']) {
        let text = piece.trim_end_matches(['\u{1}', '\u{2}']);
        if !text.is_empty() {
            pieces.push(SnippetPart {
                text: text.to_owned(),
                matched,
            });
        }
        matched = piece.ends_with('\u{1}');
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(typed: &str) -> Option<String> {
        Query::parse(typed).map(|query| query.all())
    }

    #[test]
    fn words_become_strings_and_the_last_a_prefix() {
        assert_eq!(all("  flu jab ").as_deref(), Some("\"flu\" AND \"jab\" *"));
        assert_eq!(all("a\0c\u{e000}d").as_deref(), Some("\"a\" AND \"c\" AND \"d\" *"));
        assert_eq!(all("!! \" * () \n"), None);
    }

    #[test]
    fn what_is_in_quotes_is_a_phrase_whose_end_may_not_be_typed_yet() {
        assert_eq!(all("a \"b\tc\" d").as_deref(), Some("\"a\" AND \"b c\" AND \"d\" *"));
        assert_eq!(all("\"b c\"").as_deref(), Some("\"b c\""));
        assert_eq!(all("\"b c").as_deref(), Some("\"b c\" *"));
    }

    #[test]
    fn a_snippet_comes_apart_at_its_marks() {
        let found = pieces("the \u{1}flu\u{2} jab");
        let texts: Vec<_> = found.iter().map(|part| (part.text.as_str(), part.matched)).collect();
        assert_eq!(texts, [("the ", false), ("flu", true), (" jab", false)]);
    }
}
