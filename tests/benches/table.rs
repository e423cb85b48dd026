//! What benches share: paired runs, medians, a table for people and a file for machines.

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};

/// Which of two figures is the better one.
#[derive(Clone, Copy)]
#[allow(dead_code)] // Not every bench measures speed.
pub(crate) enum Better {
    Lower,
    Higher,
}

/// One measure of ours and, where there is one, of a peer.
pub(crate) struct Measure {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) better: Better,
    pub(crate) peer_name: Option<&'static str>,
    /// Ours and the peer's, run after run.
    pub(crate) runs: Vec<(f64, Option<f64>)>,
}

impl Measure {
    pub(crate) fn new(name: &'static str, unit: &'static str, peer_name: Option<&'static str>) -> Self {
        Measure {
            name,
            unit,
            better: Better::Lower,
            peer_name,
            runs: Vec::new(),
        }
    }

    /// The median of the runs' own ratios: it holds when the machine's speed drifts.
    fn ratio(&self) -> Option<f64> {
        let ratios: Vec<f64> = self
            .runs
            .iter()
            .filter_map(|(ours, peer)| Some(ours / (*peer)?))
            .collect();
        (!ratios.is_empty()).then(|| median(ratios))
    }

    fn to_json(&self) -> Value {
        let ours = median(self.runs.iter().map(|(ours, _)| *ours).collect());
        let peers: Vec<f64> = self.runs.iter().filter_map(|(_, peer)| *peer).collect();
        json!({
            "measure": self.name,
            "unit": self.unit,
            "better": match self.better {
                Better::Lower => "lower",
                Better::Higher => "higher",
            },
            "ours": ours,
            "peer": (!peers.is_empty()).then(|| median(peers)),
            "peer_name": self.peer_name,
            "ratio": self.ratio(),
        })
    }
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        (values[middle - 1] + values[middle]) / 2.0
    }
}

/// Seconds that some work takes.
#[allow(dead_code)] // A bench may be told the times.
pub(crate) fn seconds<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let begin = Instant::now();
    let value = work();
    (begin.elapsed().as_secs_f64(), value)
}

/// Prints what was compared and the table, and writes `target/bench/NAME.json`.
#[allow(clippy::print_stdout)]
pub(crate) fn report(name: &str, compared: &str, measures: &[Measure]) {
    println!("{compared}\n");
    let rows: Vec<Value> = measures.iter().map(Measure::to_json).collect();
    println!(
        "{:<24} {:>8} {:>10} {:>10} {:>8}  peer",
        "measure", "unit", "ours", "peer", "ratio"
    );
    for row in &rows {
        let number = |key: &str| {
            row[key]
                .as_f64()
                .map_or_else(|| "-".to_owned(), |value| format!("{value:.4}"))
        };
        let text = |key: &str| row[key].as_str().unwrap_or("-").to_owned();
        println!(
            "{:<24} {:>8} {:>10} {:>10} {:>8}  {}",
            text("measure"),
            text("unit"),
            number("ours"),
            number("peer"),
            number("ratio"),
            text("peer_name")
        );
    }
    let folder = target().join("bench");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(format!("{name}.json"));
    std::fs::write(&file, serde_json::to_string_pretty(&rows).unwrap() + "\n").unwrap();
}

/// The folder `target` of the repository, whichever package the bench stands in.
pub(crate) fn target() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let repository = package.ancestors().find(|folder| folder.join("Cargo.lock").is_file());
    repository.unwrap_or(package).join("target")
}
