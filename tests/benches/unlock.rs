//! Opening a store by its passphrase, against Argon2id alone with the same parameters: what everything else costs.
#![allow(clippy::unwrap_used)]

mod table;

use argon2::{Algorithm, Argon2, Params, Version};
use kist_pds::{KdfCost, Person, Platform};
use table::{Measure, report, seconds};

/// Many, and each goes first as often as the other: runs differ by more than the difference that is measured.
const RUNS: usize = 40;
const PASSPHRASE: &str = "correct horse battery staple";

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let dir = tempfile::TempDir::new().unwrap();
    let store = dir.path().join("store");
    let platform = || Platform::desktop("bench");
    let close = |person: Person| runtime.block_on(person.close()).unwrap();
    close(
        runtime
            .block_on(Person::create(&store, platform(), PASSPHRASE))
            .unwrap(),
    );
    let mut unlock = Measure::new("unlock_vs_argon2", "s", Some("argon2 0.6, the same parameters"));
    let ours = || {
        let (time, person) = seconds(|| runtime.block_on(Person::open(&store, platform(), PASSPHRASE)).unwrap());
        close(person);
        time
    };
    let peer = || seconds(argon2id).0;
    for run in 0..RUNS {
        let (ours, peer) = if run % 2 == 0 {
            let ours = ours();
            (ours, peer())
        } else {
            let peer = peer();
            (ours(), peer)
        };
        unlock.runs.push((ours, Some(peer)));
    }
    report(
        "unlock",
        "Person::open of a small store against Argon2id alone with the parameters of its slot, turn by turn.",
        &[unlock],
    );
}

fn argon2id() {
    let KdfCost {
        memory_kib,
        passes,
        lanes,
    } = KdfCost::STANDARD;
    let params = Params::new(memory_kib, passes, lanes, Some(32)).unwrap();
    let mut out = [0; 32];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2
        .hash_password_into(PASSPHRASE.as_bytes(), b"sixteen bytes...", &mut out)
        .unwrap();
}
