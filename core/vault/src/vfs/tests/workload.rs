//! Random work on a store, and what its content is: for tests that compare, cut and break.

use kist_crypto::Sha256Stream;
use rusqlite::Connection;
use rusqlite::types::ValueRef;

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

/// Makes the tables that [`statement`] works on.
pub(super) const SCHEMA: &str = "
    CREATE TABLE note(id INTEGER PRIMARY KEY, kind TEXT, body TEXT);
    CREATE INDEX note_kind ON note(kind, id);
    CREATE VIRTUAL TABLE word USING fts5(body);";

/// A statement that changes something. The same dice give the same statement.
pub(super) fn statement(dice: &mut Dice) -> String {
    let (id, other) = (dice.roll(150), dice.roll(150));
    let (kind, length) = (dice.roll(7), [20, 300, 1500, 9000][dice.roll(4) as usize]);
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
