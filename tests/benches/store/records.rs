//! 100,000 records of 1 KB through the record API.

use crate::workload::{RECORDS, Random, Words, cpu_time};
use kist_crypto::RootKey;
use kist_crypto::testing::SeededRandom;
use kist_vault::{Filter, Provenance, RecordDraft, RecordId, Vault, schema};
use serde_json::json;

use crate::table::{self, Better, Measure};

/// 2026-11-01 in milliseconds.
pub(crate) const NOW: i64 = 1_793_491_200_000;
/// Records of one transaction, and of one page of a list.
pub(crate) const BATCH: usize = 1_000;

/// A note whose text has about this many bytes.
pub(crate) fn note(words: &Words, random: &mut Random, bytes: usize) -> RecordDraft {
    let body = json!({ "title": words.text(random, 20), "text": words.text(random, bytes) });
    let areas = ["health", "home", "work", "money"];
    let area = areas[random.below(areas.len())];
    RecordDraft::new(schema::NOTE, area, body, Provenance::self_asserted(NOW))
}

pub(crate) fn measure() -> Vec<Measure> {
    let folder = tempfile::tempdir_in(table::target()).unwrap();
    let mut rng = SeededRandom::new(1);
    let vault = Vault::create(folder.path(), &RootKey::generate(1, &mut rng)).unwrap();
    let speed = |name| Measure {
        better: Better::Higher,
        ..Measure::new(name, "1/s", None)
    };
    let (mut put, mut get, mut list) = (speed("record_put"), speed("record_get"), speed("record_list"));
    let timed = |measure: &mut Measure, count: usize, work: &mut dyn FnMut()| {
        let begin = cpu_time();
        work();
        let seconds = (cpu_time() - begin).as_secs_f64();
        measure.runs.push((count as f64 / seconds, None));
    };
    let (words, mut random) = (Words::new(), Random::new(1));
    let mut ids: Vec<RecordId> = Vec::new();
    for part in 0..10 {
        let count = RECORDS / 10;
        let mut drafts: Vec<_> = (0..count).map(|_| note(&words, &mut random, 900)).collect();
        timed(&mut put, count, &mut || {
            while !drafts.is_empty() {
                let batch = drafts.split_off(drafts.len() - BATCH);
                let records = vault.put_many(batch, NOW + part, &mut rng).unwrap();
                ids.extend(records.iter().map(|record| record.id));
            }
        });
    }
    for _ in 0..10 {
        timed(&mut get, 5_000, &mut || {
            for _ in 0..5_000 {
                vault.record(&ids[random.below(ids.len())]).unwrap().unwrap();
            }
        });
        timed(&mut list, 20 * BATCH, &mut || {
            let mut before = None;
            for _ in 0..20 {
                let page = vault.list_page(&Filter::default(), before, BATCH as u32).unwrap();
                before = page.last().map(|last| last.time);
            }
        });
    }
    vec![put, get, list]
}
