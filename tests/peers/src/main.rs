//! SQLCipher, driven by the bench of the store: a line in says what to do, a line out how much CPU time it took.
//!
//! `peers FOLDER`, then lines of `fresh` (a new store) and `WORK TURN`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../../benches/store/workload.rs"]
mod workload;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rusqlite::Connection;

/// A raw key: SQLCipher derives nothing from it.
const KEY: &str = "PRAGMA key = \"x'2dd29ca851e7b56e4697b0e1f08507293d761a05ce4d1b628663f411a8086d99'\";";

fn main() {
    let folder = PathBuf::from(std::env::args_os().nth(1).unwrap());
    let mut connection = fresh(&folder, 0);
    for (number, line) in io::stdin().lines().enumerate() {
        let line = line.unwrap();
        let seconds = match line.split_once(' ') {
            None => {
                connection = fresh(&folder, number + 1);
                0.0
            }
            Some((name, turn)) => {
                let (_, work) = workload::WORKS.into_iter().find(|(known, _)| *known == name).unwrap();
                workload::run(&connection, work, turn.parse().unwrap())
            }
        };
        println!("{seconds}");
        io::stdout().flush().unwrap();
    }
}

fn fresh(folder: &Path, number: usize) -> Connection {
    let connection = Connection::open(folder.join(format!("{number}.sqlcipher"))).unwrap();
    connection.execute_batch(KEY).unwrap();
    connection.execute_batch(workload::SETTINGS).unwrap();
    let version: String = connection
        .query_row("PRAGMA cipher_version", [], |row| row.get(0))
        .unwrap();
    assert!(!version.is_empty());
    workload::prepare(&connection);
    connection
}
