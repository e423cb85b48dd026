//! A vault of a million records: how long it takes to open, how long a search as one types, how much memory.
//!
//! It is made once, in `target/bench-data`, and kept for later runs of a bench of the same [`VERSION`].

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::workload::{Random, Words, cpu_time};
use kist_crypto::RootKey;
use kist_crypto::testing::SeededRandom;
use kist_vault::{Filter, Vault};
use serde_json::{Value, json};

use crate::records::{BATCH, NOW, note};
use crate::table::{self, Measure};

/// Names the folder to a process that is to measure alone.
pub(crate) const FOLDER: &str = "KIST_BENCH_MILLION";
/// Grows with every change of what is made, or of how the vault stores it.
const VERSION: u32 = 3;
const RECORDS: usize = 1_000_000;
/// Bytes of a record's text, as those of the other parts: about 1 KB with the rest of the record.
const TEXT: usize = 900;
const QUERIES: usize = 200;
const PASSES: usize = 3;
const OPENINGS: usize = 11;

/// Makes the vault if need be, measures it in a process of its own, and gives what that found.
pub(crate) fn run() -> Vec<Measure> {
    let folder = table::target().join(format!("bench-data/million-{VERSION}"));
    let program = std::env::current_exe().unwrap();
    let status = Command::new(program).env(FOLDER, &folder).status().unwrap();
    assert!(status.success());
    let found: Value = serde_json::from_slice(&fs::read(result(&folder)).unwrap()).unwrap();
    let measure = |name: &'static str, unit: &'static str| {
        let mut measure = Measure::new(name, unit, None);
        for value in found[name].as_array().unwrap() {
            measure.runs.push((value.as_f64().unwrap(), None));
        }
        measure
    };
    vec![
        measure("open_million_ms", "ms"),
        measure("search_million_p95_ms", "ms"),
        measure("search_million_median_ms", "ms"),
        measure("rss_mib", "MiB"),
    ]
}

fn result(folder: &Path) -> PathBuf {
    folder.with_extension("json")
}

/// Measures, in a process that does nothing else.
pub(crate) fn measure(folder: &Path) {
    let root = RootKey::generate(1, &mut SeededRandom::new(1));
    if !folder.is_dir() {
        make(folder, &root);
    }
    let made: f64 = fs::read_to_string(folder.join("peak")).unwrap().parse().unwrap();
    let openings: Vec<f64> = (0..OPENINGS)
        .map(|_| {
            let (seconds, vault) = table::seconds(|| Vault::open(folder, &root).unwrap());
            vault.lock().unwrap();
            seconds * 1e3
        })
        .collect();
    let vault = Vault::open(folder, &root).unwrap();
    let queries = queries();
    let search = |query: &String| vault.search(query, &Filter::default(), 20).unwrap().len();
    let found: usize = queries.iter().map(search).sum();
    assert!(found > QUERIES, "the searches find something: {found}");
    let mut times = vec![Vec::new(); QUERIES];
    for _ in 0..PASSES {
        for (query, times) in queries.iter().zip(&mut times) {
            let begin = cpu_time();
            search(query);
            times.push((cpu_time() - begin).as_secs_f64() * 1e3);
        }
    }
    let mut times: Vec<f64> = times.into_iter().map(table::median).collect();
    if std::env::var_os("KIST_BENCH_SHOW").is_some() {
        for (query, time) in queries.iter().zip(&times) {
            eprintln!("{time:8.2} ms  {query}");
        }
    }
    times.sort_by(f64::total_cmp);
    let rss = peak_mib();
    let found = json!({
        "open_million_ms": openings,
        "search_million_p95_ms": [times[QUERIES * 95 / 100 - 1]],
        "search_million_median_ms": [times[QUERIES / 2]],
        "rss_mib": [rss.max(made)],
    });
    fs::write(result(folder), found.to_string()).unwrap();
}

/// What is typed: the beginnings of words of every frequency from two letters on, whole words, and two or three words.
fn queries() -> Vec<String> {
    let words = Words::new();
    let mut random = Random::new(11);
    let mut queries = Vec::new();
    while queries.len() < QUERIES {
        // Half by how often texts have them, half by the vocabulary.
        let mut word = || match random.below(2) {
            0 => words.draw(&mut random).to_owned(),
            _ => words.at(random.below(10_000)).to_owned(),
        };
        let (first, last) = (word(), word());
        let length = last.chars().count();
        if length < 2 {
            continue;
        }
        let typed: String = last.chars().take(2 + random.below(length - 1)).collect();
        queries.push(match queries.len() % 4 {
            3 => format!("{first} {typed}"),
            _ => typed,
        });
    }
    queries
}

fn make(folder: &Path, root: &RootKey) {
    let fresh = folder.with_extension("new");
    let _ = fs::remove_dir_all(&fresh);
    let vault = Vault::create(&fresh, root).unwrap();
    let (words, mut random, mut rng) = (Words::new(), Random::new(1), SeededRandom::new(2));
    for batch in 0..RECORDS / BATCH {
        let drafts = (0..BATCH).map(|_| note(&words, &mut random, TEXT));
        vault.put_many(drafts, NOW + batch as i64, &mut rng).unwrap();
    }
    vault.lock().unwrap();
    fs::write(fresh.join("peak"), peak_mib().to_string()).unwrap();
    fs::rename(&fresh, folder).unwrap();
}

/// The most memory that this process had so far.
fn peak_mib() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse().unwrap();
    kib / 1024.0
}
