//! Random work on a store, and what its content is: for tests that compare, cut and break.

use kist_crypto::Sha256Stream;
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::super::CONFIGURATION;

/// Numbers that follow from a seed (SplitMix64).
#[derive(Clone, Debug)]
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % below
    }

    pub(super) fn chance(&mut self, percent: u64) -> bool {
        self.roll(100) < percent
    }
}

/// How SQLite keeps what a transaction replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Journal {
    Wal,
    Delete,
    Truncate,
    Persist,
}

impl Journal {
    pub(super) const ALL: [Journal; 4] = [Journal::Wal, Journal::Delete, Journal::Truncate, Journal::Persist];

    /// Configures a connection as it came from SQLite. The cache is so small that transactions spill before they commit;
    /// a journal's removal is durable with `EXTRA` alone.
    pub(super) fn configure(self, connection: &Connection, cache: u32) -> rusqlite::Result<()> {
        connection.execute_batch(CONFIGURATION)?; // As a vault's connections are.
        if self != Journal::Wal {
            connection.execute_batch(&format!("PRAGMA synchronous = EXTRA; PRAGMA journal_mode = {self:?}"))?;
        }
        connection.execute_batch(&format!("PRAGMA cache_size = {cache}"))
    }
}

/// Makes the tables that [`statement`] works on.
pub(super) const SCHEMA: &str = "
    CREATE TABLE note(id INTEGER PRIMARY KEY, kind TEXT, body TEXT);
    CREATE INDEX note_kind ON note(kind, id);
    CREATE VIRTUAL TABLE word USING fts5(body);";

/// How large the content is that statements make.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    /// How many ids there are.
    ids: u64,
    /// How long bodies are.
    lengths: [u32; 4],
}

/// Several hundred pages.
pub(super) const LARGE: Scale = Scale {
    ids: 150,
    lengths: [20, 300, 1500, 9000],
};

/// A few dozen pages, so that thousands of stores can be looked at.
pub(super) const SMALL: Scale = Scale {
    ids: 16,
    lengths: [20, 200, 900, 7000],
};

/// A statement that changes something. The same dice give the same statement.
pub(super) fn statement(dice: &mut Dice) -> String {
    statement_of(dice, LARGE)
}

/// The same at another scale.
pub(super) fn statement_of(dice: &mut Dice, scale: Scale) -> String {
    let (id, other) = (dice.roll(scale.ids), dice.roll(scale.ids));
    let (kind, length) = (dice.roll(7), scale.lengths[dice.roll(4) as usize]);
    match dice.roll(10) {
        0..=4 => format!(
            "INSERT OR REPLACE INTO note VALUES({id}, 'kind{kind}', printf('%0{length}d', {other}));
             INSERT OR REPLACE INTO word(rowid, body) VALUES({id}, 'kind{kind} and word{other} of note{id}')"
        ),
        5 | 6 => format!("UPDATE note SET body = body || 'x{other}', kind = 'kind{kind}' WHERE id % 9 = {other} % 9"),
        7 => format!("DELETE FROM note WHERE id = {id}; DELETE FROM word WHERE rowid = {id}"),
        8 => format!("DELETE FROM note WHERE kind = 'kind{kind}' AND id > {id}"),
        _ => format!("UPDATE OR REPLACE note SET id = {id} + 1000 * {id} WHERE id = {other} AND {id} <> {other}"),
    }
}

/// A digest of every row of every table, read in full.
pub(super) fn digest(connection: &Connection) -> rusqlite::Result<[u8; 32]> {
    let mut hash = Sha256Stream::new();
    for query in [
        "SELECT sql FROM sqlite_schema ORDER BY name",
        "SELECT id, kind, body FROM note ORDER BY id",
        "SELECT id FROM note INDEXED BY note_kind ORDER BY kind, id",
        "SELECT rowid, body FROM word ORDER BY rowid",
        "SELECT count(*) FROM word WHERE word MATCH 'and'",
    ] {
        let mut rows = connection.prepare(query)?;
        let columns = rows.column_count();
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                match row.get_ref(column)? {
                    ValueRef::Integer(number) => hash.update(&number.to_be_bytes()),
                    ValueRef::Text(text) => hash.update(text),
                    other => hash.update(format!("{other:?}").as_bytes()),
                }
                hash.update(b"|");
            }
        }
    }
    Ok(hash.finish())
}

/// What SQLite itself finds wrong with a store, or nothing.
pub(super) fn faults(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    connection.execute_batch("INSERT INTO word(word) VALUES('integrity-check')")?;
    Ok((verdict != "ok").then_some(verdict))
}
