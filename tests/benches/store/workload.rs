//! What every database of the bench is made to do, and the CPU time that it takes. The peers run the same file over
//! their own SQLite, so it names rusqlite and nothing of ours.
#![allow(clippy::unwrap_used, dead_code)] // A peer makes no use of some.

use std::time::Duration;

use rusqlite::{Connection, params};
use rustix::time::{ClockId, clock_gettime};

/// Records of one store.
pub(crate) const RECORDS: usize = 100_000;
/// Records of one transaction.
const BATCH: usize = 1_000;
/// Point reads of one turn.
pub(crate) const READS: usize = 20_000;
/// Commits of one record of one turn.
pub(crate) const COMMITS: usize = 400;
/// Bytes of a record's body.
const BODY: usize = 1_000;

/// A piece of work that is timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Inserts [`RECORDS`] records, 1,000 a transaction.
    Insert,
    /// Reads 20,000 records by number, in no order.
    Read,
    /// Reads every record.
    Scan,
    /// Inserts 400 records, each durable before the next.
    Commit,
    /// Makes a full-text index of [`RECORDS`] records. Once, before any query.
    Index,
    /// Finds the best 20 records for each of 100 queries.
    Query,
}

/// Every work, by its name.
pub(crate) const WORKS: [(&str, Work); 6] = [
    ("insert", Work::Insert),
    ("read", Work::Read),
    ("scan", Work::Scan),
    ("commit", Work::Commit),
    ("index", Work::Index),
    ("query", Work::Query),
];

/// The settings of all: a write-ahead log, 8 MB of cache, every commit durable, what is deleted overwritten.
pub(crate) const SETTINGS: &str = "PRAGMA temp_store = MEMORY; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    PRAGMA secure_delete = ON; PRAGMA cache_size = -8192;";

/// Makes the tables in an empty database.
pub(crate) fn prepare(connection: &Connection) {
    connection
        .execute_batch(
            "CREATE TABLE records (seq INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
             CREATE VIRTUAL TABLE search USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2');",
        )
        .unwrap();
}

/// Does a piece of work in a database that [`prepare`] was given; gives its seconds of CPU time.
pub(crate) fn run(connection: &Connection, work: Work, turn: u64) -> f64 {
    let noise = Noise::new(turn);
    let begin = cpu_time();
    match work {
        Work::Insert => insert(connection, &noise),
        Work::Read => read(connection, turn),
        Work::Scan => scan(connection),
        Work::Commit => commit(connection, &noise),
        Work::Index => index(connection),
        Work::Query => query(connection),
    }
    (cpu_time() - begin).as_secs_f64()
}

fn insert(connection: &Connection, noise: &Noise) {
    for batch in 0..RECORDS / BATCH {
        let transaction = connection.unchecked_transaction().unwrap();
        let mut statement = connection
            .prepare_cached("INSERT INTO records (body) VALUES (?1)")
            .unwrap();
        for number in batch * BATCH..(batch + 1) * BATCH {
            statement.execute([noise.body(number)]).unwrap();
        }
        transaction.commit().unwrap();
    }
}

fn read(connection: &Connection, turn: u64) {
    let mut random = Random::new(turn);
    let mut statement = connection
        .prepare_cached("SELECT body FROM records WHERE seq = ?1")
        .unwrap();
    for _ in 0..READS {
        let seq = 1 + random.below(RECORDS);
        let length = statement
            .query_row([seq as i64], |row| Ok(row.get_ref(0)?.as_blob()?.len()))
            .unwrap();
        assert_eq!(length, BODY);
    }
}

fn scan(connection: &Connection) {
    let mut statement = connection.prepare_cached("SELECT seq, body FROM records").unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut bytes = 0;
    while let Some(row) = rows.next().unwrap() {
        bytes += row.get_ref(1).unwrap().as_blob().unwrap().len();
    }
    assert!(bytes >= RECORDS * BODY);
}

fn commit(connection: &Connection, noise: &Noise) {
    let mut statement = connection
        .prepare_cached("INSERT INTO records (body) VALUES (?1)")
        .unwrap();
    for number in 0..COMMITS {
        statement.execute([noise.body(number)]).unwrap();
    }
}

fn index(connection: &Connection) {
    let words = Words::new();
    let mut random = Random::new(1);
    for batch in 0..RECORDS / BATCH {
        let transaction = connection.unchecked_transaction().unwrap();
        let mut statement = connection
            .prepare_cached("INSERT INTO search (rowid, text) VALUES (?1, ?2)")
            .unwrap();
        for number in batch * BATCH..(batch + 1) * BATCH {
            statement
                .execute(params![number as i64 + 1, words.text(&mut random, BODY)])
                .unwrap();
        }
        transaction.commit().unwrap();
    }
}

fn query(connection: &Connection) {
    let words = Words::new();
    let mut statement = connection
        .prepare_cached("SELECT rowid, rank FROM search WHERE search MATCH ?1 ORDER BY rank LIMIT 20")
        .unwrap();
    for number in 0..100 {
        // Words of every frequency, singly and in pairs.
        let mut query = format!("\"{}\"", words.at(number * number));
        if number % 2 == 1 {
            query += &format!(" \"{}\"", words.at(number * 3));
        }
        let mut rows = statement.query([query]).unwrap();
        while rows.next().unwrap().is_some() {}
    }
}

/// The CPU time of this process so far.
pub(crate) fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Seeded random numbers (xorshift64*, Vigna 2016).
pub(crate) struct Random(u64);

impl Random {
    /// A generator whose output follows from `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Random((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next number.
    pub(crate) fn draw(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.draw() >> 11) as usize % end
    }
}

/// Bodies that no two records share, cheaply: each is another part of the same random bytes.
struct Noise(Vec<u8>);

impl Noise {
    fn new(turn: u64) -> Self {
        let mut random = Random::new(turn);
        Noise(
            (0..(RECORDS + BODY).div_ceil(8))
                .flat_map(|_| random.draw().to_le_bytes())
                .collect(),
        )
    }

    fn body(&self, number: usize) -> &[u8] {
        &self.0[number..number + BODY]
    }
}

/// Made-up words, which texts have as often as words of a language: the n-th in proportion to 1 / (n + 5).
pub(crate) struct Words {
    words: Vec<String>,
    /// The sum of the words' weights up to each.
    weights: Vec<f64>,
}

impl Words {
    const COUNT: usize = 20_000;

    /// The same words each time.
    pub(crate) fn new() -> Self {
        const BEGIN: [&str; 20] = [
            "b", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "st", "tr", "ch", "pl",
        ];
        const MIDDLE: [&str; 8] = ["a", "e", "i", "o", "u", "ea", "ou", "é"];
        const END: [&str; 6] = ["", "n", "r", "s", "t", "ck"];
        let mut random = Random::new(7);
        let mut seen = std::collections::HashSet::new();
        let mut words = Vec::with_capacity(Self::COUNT);
        while words.len() < Self::COUNT {
            let mut word = String::new();
            for _ in 0..1 + random.below(4) {
                word += BEGIN[random.below(BEGIN.len())];
                word += MIDDLE[random.below(MIDDLE.len())];
            }
            word += END[random.below(END.len())];
            if seen.insert(word.clone()) {
                words.push(word);
            }
        }
        let mut sum = 0.0;
        let weights = (0..Self::COUNT)
            .map(|rank| {
                sum += 1.0 / (rank + 5) as f64;
                sum
            })
            .collect();
        Words { words, weights }
    }

    /// The word of this rank, the most frequent being 0.
    pub(crate) fn at(&self, rank: usize) -> &str {
        &self.words[rank]
    }

    /// A word, drawn by its frequency.
    pub(crate) fn draw(&self, random: &mut Random) -> &str {
        let most = self.weights[Self::COUNT - 1];
        let at = most * (random.draw() >> 11) as f64 / (1u64 << 53) as f64;
        let rank = self.weights.partition_point(|&weight| weight <= at);
        &self.words[rank.min(Self::COUNT - 1)]
    }

    /// Text of about this many bytes.
    pub(crate) fn text(&self, random: &mut Random, bytes: usize) -> String {
        let mut text = String::with_capacity(bytes + 16);
        while text.len() < bytes {
            text += self.draw(random);
            text.push(' ');
        }
        text
    }
}
