//! The sealed store against plain SQLite (in this process) and SQLCipher (a process of its own, `tests/peers`), turn by
//! turn; then a vault of a million records, in a process of its own.
#![allow(clippy::unwrap_used)]

#[path = "../table.rs"]
mod table;

mod million;
mod peer;
mod records;
mod workload;

use std::path::Path;

use kist_crypto::RootKey;
use kist_crypto::testing::SeededRandom;
use kist_vault::bench;
use peer::Peer;
use rusqlite::Connection;
use table::{Better, Measure, report};
use workload::{COMMITS, READS, RECORDS, SETTINGS, Work, prepare, run};

/// Each store goes first as often as the others.
const TURNS: usize = 12;
const COMPARED: &str = "\
100,000 records of 1,000 random bytes, 1,000 a transaction; 20,000 point reads in no order; 400 commits of one record;
100 full-text queries by bm25 over 100,000 texts of 1 KB. All with pages of 4 KiB, a write-ahead log, 8 MB of cache,
synchronous=FULL, secure_delete and a raw key. Figures are CPU time of user and kernel; of speeds, operations a second.
Ours keeps locks and the log's index in memory, as a store is of one process; the others keep them in a file.
SQLCipher is of the build of rusqlite (OpenSSL, AES-256-CBC with HMAC-SHA-512), in a process of its own.
record_…: the same number of records of 1 KB through Vault, searchable, with provenance, in transactions of 1,000.
…million…: a vault of 1,000,000 records; rss_mib is the peak of its process, the making of the store included.
A search is one thread that waits for nothing: its CPU time is what a person waits where nothing else runs.";

const SQLITE: Option<&str> = Some("SQLite, not encrypted");
const SQLCIPHER: Option<&str> = Some("SQLCipher 4 of rusqlite");

fn main() {
    if let Some(folder) = std::env::var_os(million::FOLDER) {
        return million::measure(Path::new(&folder));
    }
    let only = std::env::var("KIST_BENCH_ONLY").ok();
    let wanted = |part: &str| only.as_deref().is_none_or(|only| only == part);
    let mut measures = Vec::new();
    if wanted("raw") {
        measures.extend(raw());
    }
    if wanted("records") {
        measures.extend(records::measure());
    }
    if wanted("million") {
        measures.extend(million::run());
    }
    report("store", COMPARED, &measures);
}

/// The stores of one turn.
struct Stores<'a> {
    ours: Connection,
    plain: Connection,
    peer: &'a mut Peer,
}

impl<'a> Stores<'a> {
    fn fresh(folder: &Path, peer: &'a mut Peer) -> Self {
        let root = RootKey::generate(1, &mut SeededRandom::new(1));
        let ours = bench::create(&folder.join("ours"), &root).unwrap();
        let plain = Connection::open(folder.join("plain")).unwrap();
        plain.execute_batch(SETTINGS).unwrap();
        prepare(&ours);
        prepare(&plain);
        peer.fresh();
        Stores { ours, plain, peer }
    }

    /// CPU seconds of ours, of plain SQLite and of SQLCipher.
    fn run(&mut self, work: Work, turn: usize) -> [f64; 3] {
        let mut seconds = [0.0; 3];
        for place in 0..3 {
            let which = (turn + place) % 3;
            seconds[which] = match which {
                0 => run(&self.ours, work, turn as u64),
                1 => run(&self.plain, work, turn as u64),
                _ => self.peer.run(work, turn as u64),
            };
        }
        seconds
    }
}

fn raw() -> Vec<Measure> {
    let speed = |name, peer| Measure {
        better: Better::Higher,
        ..Measure::new(name, "1/s", peer)
    };
    let mut insert = [
        speed("insert_vs_sqlite", SQLITE),
        speed("insert_vs_sqlcipher", SQLCIPHER),
    ];
    let mut read = [
        speed("point_read_vs_sqlite", SQLITE),
        speed("point_read_vs_sqlcipher", SQLCIPHER),
    ];
    let mut commit = [
        speed("durable_commit_vs_sqlite", SQLITE),
        speed("durable_commit_vs_sqlcipher", SQLCIPHER),
    ];
    let time = |name, peer| Measure::new(name, "s", peer);
    let mut scan = [time("scan_vs_sqlite", SQLITE), time("scan_vs_sqlcipher", SQLCIPHER)];
    let mut query = [time("fts_vs_sqlite", SQLITE), time("fts_vs_sqlcipher", SQLCIPHER)];

    let folder = tempfile::tempdir_in(table::target()).unwrap();
    let mut peer = Peer::start(folder.path());
    for turn in 0..TURNS {
        let folder = tempfile::tempdir_in(&folder).unwrap();
        let mut stores = Stores::fresh(folder.path(), &mut peer);
        per_second(&mut insert, stores.run(Work::Insert, turn), RECORDS);
        per_second(&mut read, stores.run(Work::Read, turn), READS);
        seconds(&mut scan, stores.run(Work::Scan, turn));
        per_second(&mut commit, stores.run(Work::Commit, turn), COMMITS);
    }
    let mut stores = Stores::fresh(folder.path(), &mut peer);
    stores.run(Work::Index, 0);
    for turn in 0..TURNS {
        seconds(&mut query, stores.run(Work::Query, turn));
    }
    [insert, read, scan, commit, query].into_iter().flatten().collect()
}

fn seconds(measures: &mut [Measure; 2], [ours, plain, cipher]: [f64; 3]) {
    measures[0].runs.push((ours, Some(plain)));
    measures[1].runs.push((ours, Some(cipher)));
}

fn per_second(measures: &mut [Measure; 2], times: [f64; 3], count: usize) {
    seconds(measures, times.map(|time| count as f64 / time));
}
